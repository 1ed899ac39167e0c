// The RPC compatibility exchanges of Ethereum's execution APIs (github.com/ethereum/execution-apis, folder
// tests): a chain is imported into a node in memory, then every recorded request is made and its answer
// compared.
//
// A folder holds genesis.json, chain.rlp, headfcu.json and METHOD/CASE.io; a case is lines of "//" comments,
// ">>" requests and "<<" answers. "speconly:" in a comment means that only the shape of the answer is given.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "valence/base/base.hpp"

namespace valence::rpc_compat {

enum class Verdict { passed, failed, skipped };

struct CaseResult {
    /// "eth_getBalance/get-balance.io"
    std::string name;
    Verdict verdict = Verdict::passed;
    /// Of a failure: request, expected and actual answer. Of a skip: why.
    std::string detail;
};

/// Whether the folder holds such a suite.
bool is_rpc_compat(const std::filesystem::path& folder);

/// A suite's chain in a node, to which its requests are made. Cases may be run on any thread, one at a time.
class Suite {
public:
    /// Imports the chain.
    static Result<std::unique_ptr<Suite>> open(const std::filesystem::path& folder);
    ~Suite();

    /// Runs the case of one .io file.
    CaseResult run(const std::filesystem::path& file);

private:
    struct State;
    explicit Suite(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// Runs all cases in order of their names. A chain that cannot be imported is one failed case.
std::vector<CaseResult> run_rpc_compat(const std::filesystem::path& folder);

}  // namespace valence::rpc_compat
