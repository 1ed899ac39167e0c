#include "suites.hpp"

#include <fstream>
#include <iterator>

#include "da/da_suites.hpp"

namespace valence::conformance {
namespace {

/// The members of a file that is an object of named cases; empty for any other file.
const json::value* first_case(const Fixture& f) {
    const auto* object = f.root.if_object();
    if (object == nullptr || object->empty()) return nullptr;
    return &object->begin()->value();
}

bool first_case_has(const Fixture& f, std::initializer_list<std::string_view> keys) {
    const auto* value = first_case(f);
    if (value == nullptr) return false;
    return std::all_of(keys.begin(), keys.end(), [&](auto key) { return find(*value, key) != nullptr; });
}

bool first_item_has(const Fixture& f, std::initializer_list<std::string_view> keys) {
    const auto* array = f.root.if_array();
    if (array == nullptr || array->empty()) return false;
    return std::all_of(keys.begin(), keys.end(), [&](auto key) { return find((*array)[0], key) != nullptr; });
}

bool root_has(const Fixture& f, std::initializer_list<std::string_view> keys) {
    return std::all_of(keys.begin(), keys.end(), [&](auto key) { return find(f.root, key) != nullptr; });
}

/// EIP formulas: cases at the top, or below the name of a fork.
bool is_difficulty_test(const Fixture& f) {
    if (first_case_has(f, {"parentTimestamp", "currentDifficulty"})) return true;
    const auto* value = first_case(f);
    if (value == nullptr || !value->is_object()) return false;
    for (const auto& [fork, cases] : value->get_object()) {
        if (fork == "_info" || !cases.is_object() || cases.get_object().empty()) continue;
        if (find(cases.get_object().begin()->value(), "currentDifficulty") != nullptr) return true;
    }
    return false;
}

/// The whole file is one case that is not run.
template <std::size_t N>
struct Text {
    char characters[N]{};
    constexpr Text(const char (&text)[N]) {
        std::copy_n(text, N, characters);
    }  // NOLINT: a template argument
};
template <Text Reason>
void skip_file(const Fixture&, FileReport& report) {
    report.skip("", Reason.characters);
}

constexpr Text kEvmToolReason{
    "input or output of a case of geth's evm tool, which is not part of this project"};

constexpr Suite kSuites[] = {
    {"state", [](const Fixture& f) { return first_case_has(f, {"env", "pre", "post", "transaction"}); },
     run_state_tests},
    {"blockchain", [](const Fixture& f) { return first_case_has(f, {"blocks", "pre", "network"}); },
     run_blockchain_tests},
    {"blockchain (engine API)", [](const Fixture& f) { return first_case_has(f, {"engineNewPayloads"}); },
     skip_file<"needs a consensus client's engine API, which this node does not have">},
    {"transaction", [](const Fixture& f) { return first_case_has(f, {"txbytes", "result"}); },
     run_transaction_tests},
    {"abi", [](const Fixture& f) { return first_case_has(f, {"types", "args", "result"}); }, run_abi_tests},
    {"trie", [](const Fixture& f) { return first_case_has(f, {"in", "root"}); }, run_trie_tests},
    {"trie", [](const Fixture& f) { return first_case_has(f, {"in", "tests"}); },
     skip_file<"neighbours of a key: nothing here walks a trie in order of keys">},
    {"rlp", [](const Fixture& f) { return first_case_has(f, {"in", "out"}); }, run_rlp_tests},
    {"difficulty", is_difficulty_test, run_difficulty_tests},
    {"basic", [](const Fixture& f) { return root_has(f, {"genesis_rlp_hex", "genesis_state_root"}); },
     run_genesis_hash_test},
    {"basic", [](const Fixture& f) { return first_item_has(f, {"seed", "key", "addr"}); },
     run_key_address_tests},
    {"basic", [](const Fixture& f) { return first_item_has(f, {"key", "unsigned", "signed"}); },
     run_transaction_signing_tests},
    {"basic", [](const Fixture& f) { return first_case_has(f, {"seq", "term", "out"}); },
     run_hex_prefix_tests},
    {"basic", [](const Fixture& f) { return first_case_has(f, {"decryption_type", "cipher"}); },
     skip_file<"encryption between peers (AES-CTR, ECIES): no part of this node">},
    {"basic", [](const Fixture& f) { return first_item_has(f, {"inputs", "result"}); },
     skip_file<"header format from before Frontier">},
    {"eof", [](const Fixture& f) { return first_case_has(f, {"vectors"}); },
     skip_file<"EVM Object Format: withdrawn from Osaka">},
    {"precompile", [](const Fixture& f) { return first_item_has(f, {"Input", "Expected"}); },
     run_precompile_tests},
    {"precompile", [](const Fixture& f) { return first_item_has(f, {"Input", "ExpectedError"}); },
     run_precompile_tests},
    {"instruction", [](const Fixture& f) { return first_item_has(f, {"X", "Y", "Expected"}); },
     run_instruction_tests},
    {"vm (before state tests)", [](const Fixture& f) { return first_case_has(f, {"exec", "env", "pre"}); },
     skip_file<"VMTests of before 2018: their cases are in the state tests' VMTests">},
    {"tracer", [](const Fixture& f) { return root_has(f, {"genesis", "context"}); }, run_tracer_test},
    {"geth's evm tool", [](const Fixture& f) { return root_has(f, {"currentCoinbase", "currentNumber"}); },
     skip_file<kEvmToolReason>},
    {"geth's evm tool", [](const Fixture& f) { return first_case_has(f, {"balance"}); },
     skip_file<kEvmToolReason>},
    {"geth's evm tool", [](const Fixture& f) { return root_has(f, {"result"}); }, skip_file<kEvmToolReason>},
    {"geth's evm tool", [](const Fixture& f) { return first_item_has(f, {"gas", "nonce"}); },
     skip_file<kEvmToolReason>},
    {"RPC object",
     [](const Fixture& f) {
         return root_has(f, {"hash"}) || root_has(f, {"blockHash"}) || first_item_has(f, {"transactionHash"});
     },
     skip_file<"expected JSON of an RPC answer: the RPC server's tests know it">},
    {"chain import",
     [](const Fixture& f) {
         return root_has(f, {"config", "alloc"}) &&
                std::filesystem::exists(f.path.parent_path() / "chain.rlp");
     },
     run_chain_import},
};

std::string read_text(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

json::parse_options parse_options() {
    json::parse_options options;
    options.max_depth = 1'100;  // RLP tests nest lists 1,024 deep.
    return options;
}

const Suite* suite_of(const Fixture& fixture) {
    for (const auto group : {da_suites(), all_suites()}) {
        for (const auto& suite : group) {
            if (suite.recognises(fixture)) return &suite;
        }
    }
    return nullptr;
}

}  // namespace

std::span<const Suite> all_suites() { return kSuites; }

FileReport run_file(const std::filesystem::path& path) {
    if (path.extension() == ".io") return run_rpc_exchange(path);
    FileReport report{path.string(), "unknown"};
    if (path.extension() != ".json") {
        report.skip("", path.extension() == ".io" ? "a JSON-RPC exchange: the RPC server's tests run them"
                                                  : "not a JSON file");
        return report;
    }
    boost::system::error_code error;
    const auto text = read_text(path);
    json::monotonic_resource memory;
    const auto root = json::parse(text, error, &memory, parse_options());
    if (error) {
        report.skip("", "not JSON: " + error.message());
        return report;
    }
    const Fixture fixture{path, root};
    const auto* suite = suite_of(fixture);
    if (suite == nullptr) {
        report.skip("", "no known kind of test");
        return report;
    }
    report.set_suite(std::string{suite->name});
    try {
        suite->run(fixture, report);
    } catch (const std::exception& e) {
        report.fail("", std::string{"malformed fixture: "} + e.what());
    }
    return report;
}

}  // namespace valence::conformance
