#include "tests/precompiles/precompile_vectors.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

namespace valence::tests {
namespace {

/// Where scripts/fixtures unpacks the outside test data.
std::filesystem::path vector_folder() {
    const char* fixtures = std::getenv("VALENCE_FIXTURES");
    const auto root = fixtures != nullptr && *fixtures != '\0'
                          ? std::filesystem::path{fixtures}
                          : std::filesystem::path{VALENCE_DEFAULT_FIXTURES};
    return root / "evm-extra-geth/core/vm/testdata/precompiles";
}

TEST(PrecompileVectors, of_go_ethereum_all_hold) {
    const auto folder = vector_folder();
    if (!std::filesystem::is_directory(folder)) {
        GTEST_SKIP() << "no vectors at " << folder << ": run scripts/fixtures, or set VALENCE_FIXTURES";
    }
    std::size_t files = 0;
    std::size_t passed = 0;
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
        const auto result = run_precompile_vectors(entry.path());
        for (const auto& failure : result.failures)
            ADD_FAILURE() << failure;
        ++files;
        passed += result.passed;
    }
    EXPECT_EQ(files, 29u);
    EXPECT_GE(passed, 1883u);
}

}  // namespace
}  // namespace valence::tests
