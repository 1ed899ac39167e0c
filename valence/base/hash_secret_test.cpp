#include <set>

#include <gtest/gtest.h>

#include "valence/base/base.hpp"

namespace valence::base {
namespace {

TEST(HashSecret, IsDrawnAnewEachTime) {
    const auto one = draw_hash_secret();
    const auto other = draw_hash_secret();
    EXPECT_FALSE(one.first == other.first && one.second == other.second);
    EXPECT_FALSE(kHashSecret.first == 0 && kHashSecret.second == 0);
}

// A hash that multiplies words with constants added maps all of these to one value, whatever the free word
// is, if the other is the constant: here those this project's hash once had.
TEST(HashSecret, KeysChosenAgainstKnownConstantsDoNotMeet) {
    std::set<std::size_t> words;
    std::set<std::size_t> addresses;
    constexpr std::size_t kKeys = 1'000;
    for (std::size_t i = 0; i < kKeys; ++i) {
        U256 word;
        word.limbs = {0x9e3779b97f4a7c15ULL, i, 3, 4};
        words.insert(std::hash<U256>{}(word));
        Address address;
        const std::uint64_t constant = 0x9e3779b97f4a7c15ULL;
        std::memcpy(address.data(), &constant, 8);
        address[8] = static_cast<std::uint8_t>(i);
        address[9] = static_cast<std::uint8_t>(i >> 8);
        addresses.insert(std::hash<Address>{}(address));
    }
    EXPECT_EQ(words.size(), kKeys);
    EXPECT_EQ(addresses.size(), kKeys);
}

}  // namespace
}  // namespace valence::base
