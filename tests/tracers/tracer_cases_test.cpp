// geth's tracer cases: every file of its test data, each run through the tracer its folder names.
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "valence/rpc/testing/tracer_case.hpp"

namespace valence::rpc::testing {

namespace {

constexpr std::string_view kFolder = "evm-extra-geth/eth/tracers/internal/tracetest/testdata";

/// Where scripts/fixtures unpacks the outside test data.
std::filesystem::path fixtures() {
    const char* folder = std::getenv("VALENCE_FIXTURES");
    return folder != nullptr && *folder != '\0' ? folder : VALENCE_DEFAULT_FIXTURES;
}

}  // namespace

TEST(tracer_cases, agree_with_geth) {
    const auto folder = fixtures() / kFolder;
    if (!std::filesystem::exists(folder)) {
        GTEST_SKIP() << "no cases at " << folder << ": run scripts/fixtures, or set VALENCE_FIXTURES";
    }
    std::size_t passed = 0;
    std::size_t skipped = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
        if (entry.path().extension() != ".json") continue;
        const auto result = run_tracer_case(entry.path());
        EXPECT_NE(result.verdict, Verdict::failed) << entry.path() << ": " << result.detail;
        passed += result.verdict == Verdict::passed;
        skipped += result.verdict == Verdict::skipped;
    }
    RecordProperty("passed", static_cast<int>(passed));
    RecordProperty("skipped", static_cast<int>(skipped));
    EXPECT_GT(passed, 0U);
}

}  // namespace valence::rpc::testing
