// Runs go-ethereum's test vectors of the precompiles (core/vm/testdata/precompiles/*.json): for each an input
// and either the expected output and gas, or that the call fails.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "valence/base/base.hpp"

namespace valence::tests {

struct SuiteResult {
    std::size_t passed = 0;
    /// "file: vector: what differs", one each.
    std::vector<std::string> failures;
};

/// Whether the file's name is that of a vector file known here.
bool is_precompile_vector_file(const std::filesystem::path& file);

/// Runs one file. An unreadable or unknown file is a failure.
SuiteResult run_precompile_vectors(const std::filesystem::path& file);

}  // namespace valence::tests
