#include "valence/rpc/testing/tracer_case.hpp"

#include <fstream>
#include <sstream>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "valence/chain/block_fees.hpp"
#include "valence/chain/genesis.hpp"
#include "valence/rpc/tracers/registry.hpp"
#include "valence/rpc/tracers/trace_transaction.hpp"
#include "valence/state/memory_state.hpp"

namespace valence::rpc::testing {

namespace json = boost::json;

namespace {

struct Folder {
    std::string_view name;
    /// Empty: a tracer we do not have.
    std::string_view tracer;
};

/// The legacy tracers are JavaScript.
constexpr Folder kFolders[] = {
    {"call_tracer", "callTracer"},
    {"call_tracer_withLog", "callTracer"},
    {"call_tracer_flat", "flatCallTracer"},
    {"prestate_tracer", "prestateTracer"},
    {"prestate_tracer_with_diff_mode", "prestateTracer"},
    {"erc7562_tracer", "erc7562Tracer"},
    {"call_tracer_legacy", ""},
    {"prestate_tracer_legacy", ""},
};

TracerCaseResult failed(std::string why) { return {Verdict::failed, std::move(why)}; }

std::string text_member(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

/// Decimal or 0x text, as geth writes numbers in these files; 0 when absent.
U256 number_member(const json::object& object, std::string_view name) {
    const auto text = text_member(object, name);
    const auto number = text.starts_with("0x") ? U256::from_hex(text) : U256::from_decimal(text);
    return number.value_or(U256{});
}

/// Whether a Go struct read from this value is the one read from no value at all.
bool is_zero(const json::value& value) {
    if (value.is_null()) return true;
    if (const auto* object = value.if_object()) return object->empty();
    if (!value.is_string()) return false;
    const std::string_view text = value.get_string();
    return text == "0x" || text == "0x0" || text == "0x0000000000000000000000000000000000000000";
}

/// The same JSON without what geth's own comparison of calls does not see: it compares structs, where what is
/// absent is zero, and leaves out where a trace stands in the chain. Prestates it compares as they are.
json::value normalised(const json::value& value, std::string_view tracer) {
    if (const auto* object = value.if_object()) {
        const bool as_struct = tracer != "prestateTracer";
        json::object out;
        for (const auto& [key, member] : *object) {
            const std::string_view name = key;
            const bool is_position = name == "blockHash" || name == "blockNumber" ||
                                     name == "transactionHash" || name == "transactionPosition" ||
                                     name == "time";
            auto kept = normalised(member, tracer);
            if (!is_position && !kept.is_null() && !(as_struct && is_zero(kept))) out[key] = std::move(kept);
        }
        return out;
    }
    if (const auto* array = value.if_array()) {
        json::array out;
        for (const auto& item : *array)
            out.push_back(normalised(item, tracer));
        return out;
    }
    // 0 and 0u are different to Boost.JSON.
    if (value.is_int64() && value.get_int64() >= 0) return static_cast<std::uint64_t>(value.get_int64());
    return value;
}

/// Go's decoder does not mind the case of names: "IstanbulBlock" is "istanbulBlock".
void lower_first_letters(json::object& config) {
    std::vector<std::string> names;
    for (const auto& [key, value] : config) {
        if (key[0] >= 'A' && key[0] <= 'Z') names.emplace_back(key);
    }
    for (const auto& name : names) {
        auto lower = name;
        lower[0] = static_cast<char>(lower[0] - 'A' + 'a');
        config[lower] = config.at(name);
    }
}

/// Where two documents first differ, for people.
std::string difference(const json::value& have, const json::value& want, const std::string& path) {
    if (have == want) return {};
    const auto shown = [](const json::value& v) { return json::serialize(v).substr(0, 200); };
    if (have.is_object() && want.is_object()) {
        for (const auto& [key, member] : want.get_object()) {
            const auto at = path + "." + std::string{key};
            const auto* other = have.get_object().if_contains(key);
            if (other == nullptr) return at + ": missing, want " + shown(member);
            if (auto found = difference(*other, member, at); !found.empty()) return found;
        }
        for (const auto& [key, member] : have.get_object()) {
            if (!want.get_object().contains(key))
                return path + "." + std::string{key} + ": unexpected " + shown(member);
        }
    }
    if (have.is_array() && want.is_array() && have.get_array().size() == want.get_array().size()) {
        for (std::size_t i = 0; i < have.get_array().size(); ++i) {
            auto found =
                difference(have.get_array()[i], want.get_array()[i], path + "[" + std::to_string(i) + "]");
            if (!found.empty()) return found;
        }
    }
    return path + ": have " + shown(have) + ", want " + shown(want);
}

chain::Header header_of(const chain::Genesis& genesis, const json::object& context) {
    chain::Header header;
    header.number = number_member(context, "number").low_u64();
    header.timestamp = number_member(context, "timestamp").low_u64();
    header.difficulty = number_member(context, "difficulty");
    header.gas_limit = number_member(context, "gasLimit").low_u64();
    header.coinbase = base::fixed_from_hex<Address>(text_member(context, "miner")).value_or(Address{});
    if (context.contains("baseFeePerGas")) header.base_fee = number_member(context, "baseFeePerGas");
    header.mix_hash = genesis.mix_hash;
    header.excess_blob_gas = genesis.excess_blob_gas;
    return header;
}

TracerCaseResult run(std::string_view tracer_name, const json::object& test) {
    auto document = test.at("genesis").as_object();
    lower_first_letters(document.at("config").as_object());
    const auto genesis = chain::parse_genesis(json::serialize(document));
    if (genesis.has_error()) return failed(genesis.error().message());
    const auto bytes = base::from_hex(text_member(test, "input"));
    if (!bytes) return failed("input is not hexadecimal");
    const auto transaction = chain::decode_transaction(*bytes);
    if (transaction.has_error()) return failed(transaction.error().message());
    const auto sender = chain::recover_sender(transaction.value());
    if (sender.has_error()) return failed(sender.error().message());

    state::MemoryState state;
    state.apply(chain::genesis_changes(genesis.value()));
    state::JournaledState journaled{state};
    const auto header = header_of(genesis.value(), test.at("context").as_object());
    const chain::NoBlockHashes hashes;
    const auto block = chain::block_environment(genesis.value().rules, header, hashes);

    const auto* config = test.if_contains("tracerConfig");
    auto tracer = tracers::make_tracer(tracer_name, config != nullptr ? *config : json::value{});
    if (tracer.has_error()) return failed(tracer.error().message);
    const auto traced = tracers::trace_transaction(block, journaled, transaction.value(), sender.value(), {},
                                                   chain::Checks::all, *tracer.value());
    if (traced.has_error()) return failed(traced.error().message);
    const auto have = normalised(json::parse(traced.value().findings), tracer_name);
    const auto why = difference(have, normalised(test.at("result"), tracer_name), "result");
    return why.empty() ? TracerCaseResult{Verdict::passed, {}} : failed(why);
}

}  // namespace

TracerCaseResult run_tracer_case(const std::filesystem::path& path) {
    const auto folder = path.parent_path().filename().string();
    for (const auto& entry : kFolders) {
        if (entry.name != folder) continue;
        if (entry.tracer.empty()) return {Verdict::skipped, "tracer written in JavaScript"};
        std::ifstream file{path};
        std::ostringstream text;
        text << file.rdbuf();
        boost::system::error_code error;
        const auto document = json::parse(text.str(), error);
        if (error || !document.is_object()) return failed("not a JSON object");
        // Boost.JSON throws for members that are missing or of another kind.
        try {
            return run(entry.tracer, document.get_object());
        } catch (const std::exception& e) {
            return failed(fmt::format("malformed case: {}", e.what()));
        }
    }
    return {Verdict::skipped, "no tracer is known for folder " + folder};
}

}  // namespace valence::rpc::testing
