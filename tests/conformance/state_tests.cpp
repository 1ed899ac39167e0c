// GeneralStateTests: one transaction on a given state, per fork and per choice of data, gas and value.
#include "exceptions.hpp"
#include "networks.hpp"
#include "suites.hpp"
#include <fmt/core.h>

#include "valence/chain/block_fees.hpp"
#include "valence/chain/execute_transaction.hpp"
#include "valence/crypto/keccak.hpp"

namespace valence::conformance {
namespace {

using chain::Transaction;
using chain::TransactionType;
using evm::Revision;

/// State tests have no chain: BLOCKHASH of n is keccak256 of n written in decimal.
class NumberedHashes final : public chain::BlockHashes {
public:
    Hash block_hash(std::uint64_t number) const override {
        return crypto::keccak256(base::as_bytes(std::to_string(number)));
    }
};

/// The header of the block the "env" object describes.
chain::Header header_of(const json::value& env) {
    chain::Header header;
    header.coinbase = address_of(member(env, "currentCoinbase"));
    header.number = u64_of(member(env, "currentNumber"));
    header.timestamp = u64_of(member(env, "currentTimestamp"));
    header.gas_limit =
        bounded_number_of(member(env, "currentGasLimit")).value_or(U256::max()).saturated_u64();
    if (const auto* difficulty = find(env, "currentDifficulty")) header.difficulty = number_of(*difficulty);
    if (const auto* random = find(env, "currentRandom")) header.mix_hash = hash_of(*random);
    if (const auto* fee = find(env, "currentBaseFee")) header.base_fee = number_of(*fee);
    if (const auto* excess = find(env, "currentExcessBlobGas")) header.excess_blob_gas = u64_of(*excess);
    return header;
}

/// The environment for one fork: fields its headers do not have count for nothing.
chain::BlockEnvironment environment_of(const chain::RuleSet& rules, const chain::Header& header,
                                       const chain::BlockHashes& hashes) {
    const auto revision = rules.revision(header.number, header.timestamp);
    auto block = chain::block_environment(rules, header, hashes);
    block.revision = revision;
    block.context.prev_randao =
        revision >= Revision::paris ? U256::from_hash(header.mix_hash) : header.difficulty;
    if (revision < Revision::london) block.context.base_fee = {};
    return block;
}

chain::AccessList access_list_of(const json::value& list) {
    chain::AccessList result;
    for (const auto& item : array_of(list)) {
        auto& entry = result.emplace_back();
        entry.address = address_of(member(item, "address"));
        for (const auto& key : array_of(member(item, "storageKeys")))
            entry.storage_keys.push_back(hash_of(key));
    }
    return result;
}

std::vector<chain::Authorization> authorizations_of(const json::value& list) {
    std::vector<chain::Authorization> result;
    for (const auto& item : array_of(list)) {
        const auto* parity = find(item, "yParity");
        const auto y = u64_of(parity != nullptr ? *parity : member(item, "v"));
        result.push_back({number_of(member(item, "chainId")), address_of(member(item, "address")),
                          u64_of(member(item, "nonce")),
                          static_cast<std::uint8_t>(std::min<std::uint64_t>(y, 255)),
                          number_of(member(item, "r")), number_of(member(item, "s"))});
    }
    return result;
}

/// Which element of the transaction's lists a post entry means.
struct Indexes {
    std::size_t data, gas, value;
};

const json::value& element(const json::value& transaction, std::string_view key, std::size_t index) {
    const auto& list = array_of(member(transaction, key));
    if (index >= list.size()) throw BadFixture("index past the end of " + std::string{key});
    return list[index];
}

/// The transaction a post entry means; an error when a number in it has too many bits to be one.
Result<Transaction> transaction_of(const json::value& fields, const Indexes& at, std::uint64_t chain_id) {
    const auto overflow = [](const char* what) { return Error{chain::ChainError::gas_overflow, what}; };
    Transaction t;
    const auto nonce = bounded_number_of(member(fields, "nonce"));
    const auto gas = bounded_number_of(element(fields, "gasLimit", at.gas));
    const auto value = bounded_number_of(element(fields, "value", at.value));
    if (!nonce || !nonce->fits_u64()) return overflow("nonce");
    if (!gas || !gas->fits_u64()) return overflow("gas limit");
    if (!value) return overflow("value");
    t.nonce = nonce->low_u64();
    t.gas_limit = gas->low_u64();
    t.value = *value;
    if (const auto* to = find(fields, "to"); to != nullptr && !text_of(*to).empty()) t.to = address_of(*to);
    t.data = bytes_of(element(fields, "data", at.data));

    if (const auto* price = find(fields, "gasPrice")) {
        const auto wei = bounded_number_of(*price);
        if (!wei) return overflow("gas price");
        t.max_fee_per_gas = t.max_priority_fee_per_gas = *wei;
    }
    const auto* lists = find(fields, "accessLists");
    if (lists != nullptr && at.data < lists->as_array().size() && !lists->as_array()[at.data].is_null()) {
        t.type = TransactionType::access_list;
        t.access_list = access_list_of(lists->as_array()[at.data]);
    } else if (const auto* list = find(fields, "accessList")) {
        t.type = TransactionType::access_list;
        t.access_list = access_list_of(*list);
    }
    if (const auto* cap = find(fields, "maxFeePerGas")) {
        const auto fee = bounded_number_of(*cap);
        const auto tip = bounded_number_of(member(fields, "maxPriorityFeePerGas"));
        if (!fee || !tip) return overflow("fee cap");
        t.type = TransactionType::dynamic_fee;
        t.max_fee_per_gas = *fee;
        t.max_priority_fee_per_gas = *tip;
    }
    if (const auto* hashes = find(fields, "blobVersionedHashes")) {
        t.type = TransactionType::blob;
        for (const auto& hash : array_of(*hashes))
            t.blob_hashes.push_back(hash_of(hash));
        t.max_fee_per_blob_gas = number_of(member(fields, "maxFeePerBlobGas"));
    }
    if (const auto* list = find(fields, "authorizationList")) {
        t.type = TransactionType::set_code;
        t.authorizations = authorizations_of(*list);
    }
    if (t.type != TransactionType::legacy) t.chain_id = chain_id;
    return t;
}

Address sender_of(const json::value& fields) {
    if (const auto* sender = find(fields, "sender")) return address_of(*sender);
    const auto address = crypto::address_of(hash_of(member(fields, "secretKey")));
    if (!address) throw BadFixture("invalid secret key");
    return *address;
}

/// Runs one post entry; what is wrong, or nothing.
std::string run_entry(const json::value& test, const json::value& entry, const chain::RuleSet& rules,
                      const state::MemoryState& pre, const std::string& name, FileReport& report) {
    const auto& fields = member(test, "transaction");
    const auto& indexes = member(entry, "indexes");
    const Indexes at{u64_of(member(indexes, "data")), u64_of(member(indexes, "gas")),
                     u64_of(member(indexes, "value"))};
    const NumberedHashes hashes;
    const auto header = header_of(member(test, "env"));
    const auto block = environment_of(rules, header, hashes);

    state::JournaledState state{pre};
    const auto run = [&]() -> Result<chain::TransactionResult> {
        BOOST_OUTCOME_TRY(const auto transaction, transaction_of(fields, at, rules.chain_id));
        chain::ExecutionOptions options;
        options.block_gas_left = header.gas_limit;
        const auto blobs = rules.blobs_at(header.number, header.timestamp);
        options.block_blob_gas_left = blobs ? blobs->max * chain::kGasPerBlob : 0;
        return chain::execute_transaction(block, state, transaction, sender_of(fields), options);
    };
    const auto result = run();

    const auto* expected = find(entry, "expectException");
    if (expected != nullptr && result)
        return "expected " + std::string{text_of(*expected)} + ", was executed";
    if (expected == nullptr && !result)
        return "expected to be executed, rejected: " + result.error().message();
    if (expected != nullptr && !is_expected(text_of(*expected), result.error())) {
        report.note(
            fmt::format("{}: expected {}, actual {}", name, text_of(*expected), result.error().message()));
    }

    const auto changes = result ? state.changes() : state::StateChanges{};
    auto post = pre;
    post.apply(changes);
    const auto want_root = hash_of(member(entry, "hash"));
    if (const auto root = post.root(); root != want_root) {
        auto detail = fmt::format("state root: expected {}, actual {}", hex(want_root), hex(root));
        if (const auto* accounts = find(entry, "state"))
            detail += "; " + difference(state_of(*accounts), post);
        return detail;
    }
    const auto logs = chain::logs_hash(result ? std::span<const evm::Log>{result.value().logs}
                                              : std::span<const evm::Log>{});
    if (const auto want = hash_of(member(entry, "logs")); logs != want) {
        return fmt::format("logs hash: expected {}, actual {}", hex(want), hex(logs));
    }
    return {};
}

}  // namespace

void run_state_tests(const Fixture& f, FileReport& report) {
    for (const auto& [name, test] : object_of(f.root)) {
        const auto pre = state_of(member(test, "pre"));
        for (const auto& [fork, entries] : object_of(member(test, "post"))) {
            const auto rules = rules_of_network(fork, find(test, "config"));
            std::size_t index = 0;
            for (const auto& entry : array_of(entries)) {
                const auto label =
                    fmt::format("{}/{}/{}", std::string_view{name}, std::string_view{fork}, index++);
                if (!rules) {
                    report.skip(label, "unknown fork " + std::string{std::string_view{fork}});
                    continue;
                }
                if (hash_of(member(entry, "hash")).is_zero()) {
                    report.skip(label, "the file leaves the post state out");
                    continue;
                }
                report.add(label, run_entry(test, entry, *rules, pre, label, report));
            }
        }
    }
}

}  // namespace valence::conformance
