// The simulation engines against the recorded exchanges of execution-apis, on their chain.
#include <cstdlib>

#include "tests/simulation/exchange.hpp"
#include "tests/simulation/imported_chain.hpp"
#include <gtest/gtest.h>

#include "valence/rpc/simulation/access_list.hpp"
#include "valence/rpc/simulation/estimate_gas.hpp"
#include "valence/rpc/simulation/simulate.hpp"

namespace valence::rpc::simulation {

namespace json = boost::json;

namespace {

std::filesystem::path tests_folder() {
    const char* folder = std::getenv("VALENCE_FIXTURES");
    const std::filesystem::path root =
        folder != nullptr && *folder != '\0' ? folder : VALENCE_DEFAULT_FIXTURES;
    return root / "rpc-compat/tests";
}

std::string text(const json::value& value) { return std::string{value.as_string()}; }

class SimulationExchanges : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        if (!std::filesystem::exists(tests_folder() / "chain.rlp")) return;
        auto loaded = ImportedChain::load(tests_folder());
        ASSERT_TRUE(loaded.has_value()) << loaded.error().message();
        chain_ = std::move(loaded).value().release();
    }
    static void TearDownTestSuite() {
        delete chain_;
        chain_ = nullptr;
    }
    void SetUp() override {
        if (chain_ == nullptr) {
            GTEST_SKIP() << "no exchanges at " << tests_folder()
                         << ": run scripts/fixtures, or set VALENCE_FIXTURES";
        }
    }

    /// The block a request's second parameter names; nothing when the chain has none.
    static std::optional<std::uint64_t> block_of(const json::value& request) {
        const auto& parameters = request.at("params").as_array();
        if (parameters.size() < 2 || !text(parameters[1]).starts_with("0x")) return chain_->head();
        const auto number = parse_quantity(text(parameters[1])).value();
        return chain_->has(number) ? std::optional{number} : std::nullopt;
    }

    static void expect_error(const RpcError& have, const Exchange& exchange) {
        const auto* want = exchange.response.as_object().if_contains("error");
        ASSERT_NE(want, nullptr) << exchange.path << ": have error " << have.code << " " << have.message;
        EXPECT_EQ(have.code, want->at("code").to_number<int>()) << exchange.path << have.message;
        EXPECT_EQ(have.message, text(want->at("message"))) << exchange.path;
    }

    static ImportedChain* chain_;
};

ImportedChain* SimulationExchanges::chain_ = nullptr;

void expect_call(const SimulatedCall& have, const json::value& want, const std::filesystem::path& path) {
    EXPECT_EQ(base::to_hex_prefixed(have.output), text(want.at("returnData"))) << path;
    EXPECT_EQ(U256{have.gas_used}.to_hex(), text(want.at("gasUsed"))) << path;
    EXPECT_EQ(U256{have.max_gas_used}.to_hex(), text(want.at("maxUsedGas"))) << path;
    EXPECT_EQ(have.error ? "0x0" : "0x1", text(want.at("status"))) << path;
    if (have.error && want.as_object().contains("error")) {
        const auto& error = want.at("error");
        EXPECT_EQ(have.error->message, text(error.at("message"))) << path;
        EXPECT_EQ(have.error->code, error.at("code").to_number<int>()) << path;
    }
    const auto& logs = want.at("logs").as_array();
    ASSERT_EQ(have.logs.size(), logs.size()) << path;
    for (std::size_t i = 0; i < logs.size(); ++i) {
        EXPECT_EQ(base::to_hex_prefixed(have.logs[i].log.address.bytes), text(logs[i].at("address"))) << path;
        EXPECT_EQ(base::to_hex_prefixed(have.logs[i].log.data), text(logs[i].at("data"))) << path;
        EXPECT_EQ(U256{have.logs[i].index}.to_hex(), text(logs[i].at("logIndex"))) << path;
        ASSERT_EQ(have.logs[i].log.topics.size(), logs[i].at("topics").as_array().size()) << path;
        for (std::size_t t = 0; t < have.logs[i].log.topics.size(); ++t) {
            EXPECT_EQ(base::to_hex_prefixed(have.logs[i].log.topics[t].bytes),
                      text(logs[i].at("topics").at(t)));
        }
    }
}

/// The block's hash covers every header field; the fields are named for a reader of the failure.
void expect_block(const SimulatedBlock& have, const json::value& want, const std::filesystem::path& path) {
    const auto& header = have.block.block.header;
    EXPECT_EQ(base::to_hex_prefixed(header.parent_hash.bytes), text(want.at("parentHash"))) << path;
    EXPECT_EQ(base::to_hex_prefixed(header.state_root.bytes), text(want.at("stateRoot"))) << path;
    EXPECT_EQ(base::to_hex_prefixed(header.receipts_root.bytes), text(want.at("receiptsRoot"))) << path;
    EXPECT_EQ(base::to_hex_prefixed(header.transactions_root.bytes), text(want.at("transactionsRoot")))
        << path;
    EXPECT_EQ(U256{header.gas_used}.to_hex(), text(want.at("gasUsed"))) << path;
    EXPECT_EQ(U256{have.block.rlp_size}.to_hex(), text(want.at("size"))) << path;
    EXPECT_EQ(base::to_hex_prefixed(have.block.hash.bytes), text(want.at("hash"))) << path;
    const auto& calls = want.at("calls").as_array();
    ASSERT_EQ(have.calls.size(), calls.size()) << path;
    for (std::size_t i = 0; i < calls.size(); ++i)
        expect_call(have.calls[i], calls[i], path);
}

}  // namespace

TEST_F(SimulationExchanges, simulate_v1_gives_the_recorded_blocks) {
    for (const auto& exchange : read_exchanges(tests_folder() / "eth_simulateV1")) {
        const auto number = block_of(exchange.request);
        if (!number) continue;
        auto request = decode_simulate_request(exchange.request.at("params").at(0));
        ASSERT_TRUE(request.has_value()) << exchange.path << request.error().message();
        const auto roots = [&](const state::StateChanges& changes) -> Result<Hash> {
            auto state = chain_->state(*number);
            state.apply(changes);
            return state.root();
        };
        const auto blocks = simulate(chain_->base(*number), std::move(request).value(), roots);
        if (blocks.has_error()) {
            expect_error(blocks.error(), exchange);
            continue;
        }
        const auto* want = exchange.response.as_object().if_contains("result");
        ASSERT_NE(want, nullptr) << exchange.path << ": no error, want "
                                 << json::serialize(exchange.response);
        ASSERT_EQ(blocks.value().size(), want->as_array().size()) << exchange.path;
        for (std::size_t i = 0; i < blocks.value().size(); ++i) {
            expect_block(blocks.value()[i], want->at(i), exchange.path);
        }
    }
}

TEST_F(SimulationExchanges, call_gives_the_recorded_output) {
    for (const auto& exchange : read_exchanges(tests_folder() / "eth_call")) {
        const auto arguments = decode_call_arguments(exchange.request.at("params").at(0));
        ASSERT_TRUE(arguments.has_value()) << exchange.path;
        const auto output = call(chain_->base(chain_->head()), arguments.value());
        if (output.has_error()) {
            expect_error(output.error(), exchange);
        } else {
            EXPECT_EQ(base::to_hex_prefixed(output.value()), text(exchange.response.at("result")))
                << exchange.path;
        }
    }
}

TEST_F(SimulationExchanges, estimate_gas_gives_the_recorded_limit) {
    for (const auto& exchange : read_exchanges(tests_folder() / "eth_estimateGas")) {
        const auto arguments = decode_call_arguments(exchange.request.at("params").at(0));
        ASSERT_TRUE(arguments.has_value()) << exchange.path;
        const auto gas = estimate_gas(chain_->base(chain_->head()), arguments.value());
        if (gas.has_error()) {
            expect_error(gas.error(), exchange);
        } else {
            EXPECT_EQ(U256{gas.value()}.to_hex(), text(exchange.response.at("result"))) << exchange.path;
        }
    }
}

TEST_F(SimulationExchanges, create_access_list_gives_the_recorded_list) {
    for (const auto& exchange : read_exchanges(tests_folder() / "eth_createAccessList")) {
        const auto arguments = decode_call_arguments(exchange.request.at("params").at(0));
        ASSERT_TRUE(arguments.has_value()) << exchange.path;
        const auto made = create_access_list(chain_->base(chain_->head()), arguments.value());
        ASSERT_TRUE(made.has_value()) << exchange.path << made.error().message;
        const auto& want = exchange.response.at("result");
        EXPECT_EQ(U256{made.value().gas_used}.to_hex(), text(want.at("gasUsed"))) << exchange.path;
        EXPECT_EQ(made.value().error, want.as_object().contains("error") ? text(want.at("error")) : "");
        const auto list = decode_access_list(want.at("accessList"));
        ASSERT_TRUE(list.has_value());
        EXPECT_EQ(made.value().access_list, list.value()) << exchange.path;
    }
}

}  // namespace valence::rpc::simulation
