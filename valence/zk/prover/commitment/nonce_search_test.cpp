#include "valence/zk/prover/commitment/nonce_search.hpp"

#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

namespace valence::zk {
namespace {

TEST(NonceSearch, GivesTheLeastNonceWhateverTheNumberOfThreads) {
    for (const int threads : {1, 2, 4}) {
        tbb::task_arena arena(threads);
        for (const int bits : {0, 1, 9, 12, 14}) {
            for (std::uint8_t i = 0; i < 6; ++i) {
                const Hash seed({i});
                const auto found = arena.execute([&] { return least_nonce_in_parallel(seed, bits); });
                EXPECT_EQ(found, least_nonce(seed, bits)) << bits << " bits on " << threads << " threads";
            }
        }
    }
}

}  // namespace
}  // namespace valence::zk
