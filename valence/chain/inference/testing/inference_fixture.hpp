// What the tests of inferences share: a block in the making on a state with a tiny model, contracts that call
// it in every way, and outcomes to be told of.
#pragma once

#include <gtest/gtest.h>

#include "valence/chain/execute_block.hpp"
#include "valence/chain/inference/block_outcomes.hpp"
#include "valence/chain/inference/call_abi.hpp"
#include "valence/chain/inference/fees.hpp"
#include "valence/chain/inference/registry_view.hpp"
#include "valence/chain/inference/testing/genesis_model.hpp"
#include "valence/chain/intrinsic_gas.hpp"
#include "valence/outcome/outcome_error.hpp"
#include "valence/outcome/testing/tiny_model.hpp"
#include "valence/state/memory_state.hpp"

namespace valence::chain::testing {

using codec::AbiType;
using codec::AbiValue;
using outcome::Mode;
using Items = std::vector<AbiValue>;

inline constexpr auto kPayee = base::address_from_number(0xa1);
inline constexpr auto kOwner = base::address_from_number(0xb2);
inline constexpr auto kCoinbase = base::address_from_number(0xc0);
/// Hands its input to the precompile and answers as it did; keeps the first word of the answer's third in
/// slot 0.
inline constexpr auto kForwarder = base::address_from_number(0xf0f0);
/// The same, but reverts in any case.
inline constexpr auto kReverter = base::address_from_number(0xf1f1);
/// The same by STATICCALL and by DELEGATECALL.
inline constexpr auto kStaticForwarder = base::address_from_number(0xf2f2);
inline constexpr auto kDelegateForwarder = base::address_from_number(0xf3f3);
/// Calls kReverter with its input, ignores how that ended and stops.
inline constexpr auto kIgnorer = base::address_from_number(0xf4f4);
inline const auto kKey = U256{0x1234}.to_hash();

inline constexpr std::uint64_t kWad = 1'000'000'000'000'000'000;

inline Bytes code(std::string_view hex) { return *base::from_hex(hex); }

/// The outcomes it was told of.
class KnownOutcomes final : public OutcomeSource {
public:
    void add(const outcome::Job& job, outcome::Integers output) {
        outcomes[outcome::job_id(job)] = {std::move(output), kPayee, outcome::ReplayEvidence{}};
    }
    const outcome::Outcome* find(const outcome::JobId& id, const outcome::Job&) override {
        const auto found = outcomes.find(id);
        return found == outcomes.end() ? nullptr : &found->second;
    }

    std::map<outcome::JobId, outcome::Outcome> outcomes;
};

inline AbiValue wads(std::initializer_list<std::int64_t> numbers) {
    Items items;
    for (const auto number : numbers) {
        const U256 magnitude = U256{static_cast<std::uint64_t>(number < 0 ? -number : number)} * U256{kWad};
        items.emplace_back(number < 0 ? -magnitude : magnitude);
    }
    return items;
}

inline AbiValue text(std::string_view value) { return base::to_bytes(base::as_bytes(value)); }

inline std::vector<U256> decoded_words(BytesView output) {
    const auto value = codec::abi_decode(AbiType::parse("(int256[])").value(), output);
    std::vector<U256> words;
    for (const auto& item : value.value().items()[0].items())
        words.push_back(item.word());
    return words;
}

class Inference : public ::testing::Test {
protected:
    Inference() {
        state::StateChanges changes;
        changes.accounts[sender].account = state::Account{0, U256{1} << 100, state::kEmptyCodeHash};
        base.apply(changes);
        state.begin_transaction();
        const std::string plain = "5f5f365f5f60f45af1";
        state.set_code(kForwarder, returning(plain, "604051600055 3d5ff3"));
        state.set_code(kReverter, returning(plain, "3d5ffd"));
        state.set_code(kStaticForwarder, returning("5f5f365f60f45afa", "3d5ff3"));
        state.set_code(kDelegateForwarder, returning("5f5f365f60f45af4", "3d5ff3"));
        state.set_code(kIgnorer, code("0x365f5f375f5f365f5f61f1f15af100"));
        for (const auto& a : {kForwarder, kReverter, kStaticForwarder, kDelegateForwarder, kIgnorer})
            state.set_nonce(a, 1);
        tiny = publish(outcome::testing::tiny_graph());
        state.finish_transaction(state::EmptyAccounts::removed);
    }

    /// Copies the input, calls with `call` (hexadecimal), copies the answer; then `on_success`, or a revert
    /// with the answer.
    static Bytes returning(const std::string& call, std::string on_success) {
        std::erase(on_success, ' ');
        // 365f5f37 call 3d5f5f3e 60XX57 3d5ffd 5b on_success
        const auto target = 4 + call.size() / 2 + 4 + 3 + 3;
        char jump[8];
        std::snprintf(jump, sizeof jump, "60%02x57", static_cast<unsigned>(target));
        return code("0x365f5f37" + call + "3d5f5f3e" + jump + "3d5ffd" + "5b" + on_success);
    }

    ml::ModelId publish(ml::Graph graph,
                        outcome::ModeSet modes = bit(Mode::replay) | bit(Mode::operator_signed),
                        std::uint64_t opens_at = 1) {
        const auto key = ml::encode_verifying_key(ml::verifying_key(graph));
        const auto id = models.add(std::move(graph));
        store_key(state, id, key);
        state.set_storage(kModelRegistry, policy_slot(id), encode_policy({kOwner, modes, 1'000, opens_at}));
        state.set_nonce(kModelRegistry, 1);
        return id;
    }

    outcome::Job tiny_job(std::int32_t a, std::int32_t b) const {
        return {tiny, Mode::replay, {}, {a * 256, b * 256}, {}};
    }
    void know(std::int32_t a, std::int32_t b) { known.add(tiny_job(a, b), {(2 * a - 3 * b) * 256}); }

    Transaction transaction(const Address& to, Bytes data, std::uint64_t gas = 1'000'000) {
        Transaction t;
        t.type = TransactionType::dynamic_fee;
        t.chain_id = rules.chain_id;
        t.nonce = nonce;
        t.gas_limit = gas;
        t.max_fee_per_gas = 10;
        t.to = to;
        t.data = std::move(data);
        return t;
    }

    /// In the block; moves the nonce on when it was included.
    Result<TransactionResult> execute(const Transaction& t) {
        auto result = block.execute(t, sender);
        if (result) ++nonce;
        return result;
    }
    Result<TransactionResult> execute(const Address& to, Bytes data, std::uint64_t gas = 1'000'000) {
        return execute(transaction(to, std::move(data), gas));
    }

    Bytes revert_data(const Address& to, Bytes data) {
        auto result = execute(to, std::move(data));
        EXPECT_TRUE(result.has_value());
        EXPECT_EQ(result.value().status, evm::Status::revert);
        return result.value().output;
    }

    const InferenceFees& fees() const { return rules.inference->fees; }
    InferenceGas tiny_gas(Mode mode = Mode::replay) {
        return inference_gas(fees(), *catalogue.find(state, tiny), mode);
    }

    Address sender = crypto::address_of(kKey).value();
    RuleSet rules = valence_rules();
    Header header = [] {
        Header made;
        made.number = 10;
        made.timestamp = 12;
        made.coinbase = kCoinbase;
        made.gas_limit = 60'000'000;
        made.base_fee = 10;
        made.excess_blob_gas = 0;
        return made;
    }();
    state::MemoryState base;
    state::JournaledState state{base};
    NoBlockHashes hashes;
    outcome::testing::GivenModels models;
    ModelCatalogue catalogue;
    KnownOutcomes known;
    ml::ModelId tiny;
    std::uint64_t nonce = 0;
    InferenceEnvironment environment{*rules.inference, catalogue, known, models};
    BlockExecution block = [&] {
        BlockExecution made{rules, header, state, hashes};
        made.serve_inference(environment);
        made.begin();
        return made;
    }();
};

}  // namespace valence::chain::testing
