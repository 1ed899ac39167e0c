#include "valence/node/disk_space.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace valence::node {

TEST(disk_space, is_refused_below_what_is_needed) {
    const auto folder = std::filesystem::temp_directory_path();
    EXPECT_TRUE(require_disk_space(folder, 0));
    const auto refused = require_disk_space(folder, std::numeric_limits<std::uint64_t>::max());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, std::errc::no_space_on_device);
    EXPECT_TRUE(refused.error().message().find("MiB left") != std::string::npos);
}

TEST(disk_space, is_no_matter_where_it_cannot_be_told) { EXPECT_TRUE(require_disk_space("/no/such/folder")); }

}  // namespace valence::node
