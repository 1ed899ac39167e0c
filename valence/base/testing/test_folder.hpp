// TestFolder: a folder of a test's own, whatever else runs at the same time.
#pragma once

#include <cstdlib>
#include <filesystem>

#include "valence/base/base.hpp"

namespace valence::base::testing {

/// New and empty; removed with its contents in the end.
class TestFolder {
public:
    TestFolder() {
        auto pattern = (std::filesystem::temp_directory_path() / "valence-test-XXXXXX").string();
        VALENCE_CHECK(mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~TestFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace valence::base::testing
