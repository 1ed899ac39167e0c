// One of geth's tracer test cases (eth/tracers/internal/tracetest/testdata): a state, a block, a signed
// transaction and what a tracer must find. For the unit tests and the conformance runner.
#pragma once

#include <filesystem>
#include <string>

namespace valence::rpc::testing {

enum class Verdict : std::uint8_t { passed, failed, skipped };

struct TracerCaseResult {
    Verdict verdict = Verdict::failed;
    /// Why it failed or was skipped.
    std::string detail;
};

/// Which tracer it is for follows from the folder the file is in.
TracerCaseResult run_tracer_case(const std::filesystem::path& path);

}  // namespace valence::rpc::testing
