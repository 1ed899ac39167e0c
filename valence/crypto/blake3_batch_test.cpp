#include "valence/crypto/blake3_batch.hpp"

#include <random>

#include <gtest/gtest.h>

namespace valence::crypto {
namespace {

Bytes random_bytes(std::size_t size) {
    std::mt19937_64 random(size);
    Bytes bytes(size);
    for (auto& byte : bytes)
        byte = static_cast<std::uint8_t>(random());
    return bytes;
}

void expect_digests_of_each(const Blake3Messages& messages, std::size_t count, const Blake3Key& key) {
    std::vector<Hash> digests(count);
    blake3_batch(messages, key, digests);
    Bytes message(messages.length());
    for (std::size_t i = 0; i < count; ++i) {
        messages.copy(i, message.data());
        ASSERT_EQ(digests[i], blake3(message, key))
            << "message " << i << " of " << count << ", " << messages.rows << " × " << messages.piece;
    }
}

// Lengths around blocks, chunks and the trees over them; counts around the number of lanes.
TEST(Blake3Batch, ConsecutiveMessagesHashAsOneByOne) {
    const auto key = Blake3Key::of_context("a test of batches");
    for (const std::size_t length :
         {0, 1, 8, 32, 63, 64, 65, 128, 200, 1023, 1024, 1025, 2048, 2049, 3072, 5000}) {
        const Bytes bytes = random_bytes(length * 19);
        for (const std::size_t count : {0, 1, 2, 3, 5, 7, 8, 9, 16, 19}) {
            expect_digests_of_each(Blake3Messages::consecutive(bytes, length), count, key);
            expect_digests_of_each(Blake3Messages::consecutive(bytes, length), count, {});
        }
    }
}

TEST(Blake3Batch, ColumnsHashAsTheirConcatenatedPieces) {
    for (const std::size_t piece : {1, 8, 16, 24, 40, 100}) {
        for (const std::size_t rows : {1, 2, 7, 8, 9, 16, 128, 150}) {
            const std::size_t stride = 20 * piece + 8;
            const Bytes bytes = random_bytes(rows * stride);
            for (const std::size_t count : {1, 4, 8, 11, 20})
                expect_digests_of_each({bytes, rows, stride, piece}, count, {});
        }
    }
}

TEST(Blake3Batch, StartsAtAnyMessage) {
    const Bytes bytes = random_bytes(64 * 20);
    const auto messages = Blake3Messages::consecutive(bytes, 64);
    std::vector<Hash> all(20), some(12);
    blake3_batch(messages, {}, all);
    blake3_batch(messages.from(5), {}, some);
    EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin() + 5));
}

}  // namespace
}  // namespace valence::crypto
