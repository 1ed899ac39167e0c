#include "valence/crypto/keccak.hpp"

#include <gtest/gtest.h>

namespace valence::crypto {
namespace {

std::string digest_of(std::string_view text) { return base::to_hex(keccak256(base::as_bytes(text))); }

TEST(Keccak256, answers_known_digests) {
    EXPECT_EQ(keccak256({}), kEmptyKeccak);
    EXPECT_EQ(digest_of("abc"), "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
    EXPECT_EQ(digest_of("The quick brown fox jumps over the lazy dog"),
              "4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15");
    EXPECT_EQ(digest_of("transfer(address,uint256)").substr(0, 8), "a9059cbb");
}

TEST(Keccak256, of_pieces_equals_that_of_the_whole_at_every_length_around_a_block) {
    Bytes message(420);
    for (std::size_t i = 0; i < message.size(); ++i)
        message[i] = static_cast<std::uint8_t>(i * 7 + 1);
    for (std::size_t size = 0; size <= message.size(); ++size) {
        const auto whole = BytesView{message}.first(size);
        for (const std::size_t cut : {std::size_t{0}, size / 3, size / 2, size}) {
            Keccak256 hasher;
            hasher.update(whole.first(cut)).update(whole.subspan(cut));
            ASSERT_EQ(hasher.finish(), keccak256(whole)) << size << " cut at " << cut;
        }
    }
}

}  // namespace
}  // namespace valence::crypto
