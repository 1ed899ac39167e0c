// The kinds of tests, how each is told apart by what its files hold, and what runs each.
#pragma once

#include <filesystem>
#include <span>

#include "fixture.hpp"
#include "report.hpp"

namespace valence::conformance {

/// A JSON file that was read.
struct Fixture {
    const std::filesystem::path& path;
    const json::value& root;
};

/// A kind of test.
struct Suite {
    std::string_view name;
    /// Whether a file's content is of this kind.
    bool (*recognises)(const Fixture&);
    void (*run)(const Fixture&, FileReport&);
};

/// In the order in which they are asked.
std::span<const Suite> all_suites();

/// Runs a file; one that no suite recognises is skipped with the reason.
FileReport run_file(const std::filesystem::path& path);

/// Nothing for a file that is not JSON.
std::optional<json::value> read_json(const std::filesystem::path& path);

/// Of a .io file.
FileReport run_rpc_exchange(const std::filesystem::path& path);
/// Stops the nodes those ran on. To be called before the program ends: libraries they use are torn down by
/// then.
void close_rpc_exchanges();

void run_state_tests(const Fixture&, FileReport&);
void run_blockchain_tests(const Fixture&, FileReport&);
void run_transaction_tests(const Fixture&, FileReport&);
void run_rlp_tests(const Fixture&, FileReport&);
void run_trie_tests(const Fixture&, FileReport&);
void run_abi_tests(const Fixture&, FileReport&);
void run_difficulty_tests(const Fixture&, FileReport&);
void run_precompile_tests(const Fixture&, FileReport&);
void run_instruction_tests(const Fixture&, FileReport&);
void run_chain_import(const Fixture&, FileReport&);
void run_tracer_test(const Fixture&, FileReport&);

/// The kinds of BasicTests.
void run_genesis_hash_test(const Fixture&, FileReport&);
void run_key_address_tests(const Fixture&, FileReport&);
void run_transaction_signing_tests(const Fixture&, FileReport&);
void run_hex_prefix_tests(const Fixture&, FileReport&);

}  // namespace valence::conformance
