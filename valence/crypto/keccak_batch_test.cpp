#include "valence/crypto/keccak_batch.hpp"

#include <random>

#include <gtest/gtest.h>

#include "valence/crypto/keccak.hpp"

namespace valence::crypto {
namespace {

TEST(KeccakBatch, GivesTheDigestOfEachInput) {
    // Lengths around the block size, and batches that do not fill the lanes.
    std::mt19937_64 random(5);
    const std::vector<std::size_t> lengths{0, 1, 32, 135, 136, 137, 271, 272, 273, 532, 1000};
    for (std::size_t count = 0; count < 23; ++count) {
        std::vector<Bytes> messages;
        for (std::size_t i = 0; i < count; ++i) {
            auto& message = messages.emplace_back(lengths[random() % lengths.size()]);
            for (auto& byte : message)
                byte = static_cast<std::uint8_t>(random());
        }
        const std::vector<BytesView> inputs(messages.begin(), messages.end());
        std::vector<Hash> digests(count);
        keccak256_batch(inputs, digests);
        for (std::size_t i = 0; i < count; ++i)
            EXPECT_EQ(digests[i], keccak256(inputs[i])) << count << ", " << i;
    }
}

}  // namespace
}  // namespace valence::crypto
