#include "valence/crypto/sha256_batch.hpp"

#include <gtest/gtest.h>

#include "valence/crypto/sha256.hpp"

namespace valence::crypto {
namespace {

TEST(Sha256Batch, EveryLengthAndCountIsAsHashedAlone) {
    Bytes messages(5 * 200);
    for (std::size_t i = 0; i < messages.size(); ++i)
        messages[i] = static_cast<std::uint8_t>(i * 131 + i / 7);
    for (std::size_t length = 0; length <= 200; ++length) {
        for (std::size_t count = 0; count <= 5; ++count) {
            std::vector<Hash> digests(count);
            sha256_batch(BytesView{messages}.first(count * length), length, digests);
            for (std::size_t i = 0; i < count; ++i)
                ASSERT_EQ(digests[i], sha256(BytesView{messages}.subspan(i * length, length)))
                    << "message " << i << " of " << count << ", " << length << " bytes";
        }
    }
}

}  // namespace
}  // namespace valence::crypto
