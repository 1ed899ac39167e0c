// BlockchainTests: blocks, valid and invalid, on a genesis; the head and the state in the end.
#include "exceptions.hpp"
#include "import_chain.hpp"
#include "networks.hpp"
#include "suites.hpp"
#include <fmt/core.h>

namespace valence::conformance {
namespace {

/// Block 0 from its RLP, or from the header's fields where a file has no RLP.
Result<chain::Block> genesis_of(const json::value& test) {
    return chain::decode_block(bytes_of(member(test, "genesisRLP")));
}

/// Imports a block of the list; what is wrong, or nothing.
std::string import_one(ImportedChain& chain, const json::value& item, const std::string& name,
                       FileReport& report) {
    const auto* expected = find(item, "expectException");
    // Older files say only that a block is invalid by giving nothing but its bytes.
    const bool valid = expected == nullptr && find(item, "blockHeader") != nullptr;
    const auto imported = chain.import(bytes_of(member(item, "rlp")));
    if (valid && !imported) return "expected to be accepted, rejected: " + imported.error().message();
    if (!valid && imported) {
        return fmt::format("expected {}, was accepted",
                           expected != nullptr ? text_of(*expected) : "a rejection");
    }
    if (expected != nullptr && !is_expected(text_of(*expected), imported.error())) {
        report.note(
            fmt::format("{}: expected {}, actual {}", name, text_of(*expected), imported.error().message()));
    }
    return {};
}

std::string check(const chain::RuleSet& rules, const json::value& test, const std::string& name,
                  FileReport& report) {
    const auto genesis = genesis_of(test);
    if (!genesis) return "genesis: " + genesis.error().message();
    const auto& header = genesis.value().header;
    auto pre = state_of(member(test, "pre"));
    if (const auto root = pre.root(); root != header.state_root) {
        return fmt::format("genesis state root: expected {}, actual {}", hex(header.state_root), hex(root));
    }
    const auto hash = chain::header_hash(header);
    if (const auto* fields = find(test, "genesisBlockHeader")) {
        if (hash_of(member(*fields, "hash")) != hash) return "genesis hash: " + hex(hash);
    }

    ImportedChain chain{rules, genesis.value(), std::move(pre)};
    std::size_t index = 0;
    for (const auto& item : array_of(member(test, "blocks"))) {
        const auto wrong = import_one(chain, item, fmt::format("{} block {}", name, index), report);
        if (!wrong.empty()) return fmt::format("block {} of the list: {}", index, wrong);
        ++index;
    }
    if (const auto want = hash_of(member(test, "lastblockhash")); chain.head() != want) {
        return fmt::format("head: expected {}, actual {}", hex(want), hex(chain.head()));
    }
    if (const auto* accounts = find(test, "postState"))
        return difference(state_of(*accounts), chain.head_state());
    if (const auto* root = find(test, "postStateHash");
        root != nullptr && chain.head_state().root() != hash_of(*root)) {
        return "state root of the head: expected " + hex(hash_of(*root));
    }
    return {};
}

}  // namespace

void run_blockchain_tests(const Fixture& f, FileReport& report) {
    for (const auto& [key, test] : object_of(f.root)) {
        const std::string name{std::string_view{key}};
        const auto network = text_of(member(test, "network"));
        const auto rules = rules_of_network(network, find(test, "config"));
        if (!rules) {
            report.skip(name, "unknown network " + std::string{network});
            continue;
        }
        const auto* seal = find(test, "sealEngine");
        if (seal != nullptr && text_of(*seal) != "NoProof") {
            report.skip(name, "needs a proof of work");
            continue;
        }
        report.add(name, check(*rules, test, name, report));
    }
}

}  // namespace valence::conformance
