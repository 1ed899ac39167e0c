#include "valence/zk/prover/commitment/nonce_search.hpp"

#include <algorithm>
#include <atomic>
#include <limits>

#include "valence/zk/prover/parallel.hpp"

namespace valence::zk {

std::uint64_t least_nonce_in_parallel(const Hash& seed, int bits) {
    // Each thread takes the next nonces that nobody has taken, until these are beyond the least one found:
    // all below it have been tried then.
    constexpr std::uint64_t kTaken = 4 * kNoncesAtOnce;
    constexpr std::uint64_t kNanosecondsEach = 20;
    std::atomic<std::uint64_t> next = 0;
    std::atomic<std::uint64_t> least = std::numeric_limits<std::uint64_t>::max();
    const auto search = [&](std::size_t) {
        for (std::uint64_t first = next.fetch_add(kTaken); first < least.load();
             first = next.fetch_add(kTaken)) {
            const auto found = least_nonce_among(seed, bits, first, first + kTaken);
            if (!found) continue;
            for (std::uint64_t known = least.load();
                 *found < known && !least.compare_exchange_weak(known, *found);) {
            }
            return;
        }
    };
    each_in_parallel(parallel::threads(), kNanosecondsEach << std::min(bits, 40), search);
    return least.load();
}

}  // namespace valence::zk
