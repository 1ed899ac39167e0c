#include "valence/zk/prover/polynomial/table.hpp"

#include <bit>
#include <cstdlib>
#include <mutex>
#include <vector>

#include <sys/mman.h>

#include "valence/base/base.hpp"

namespace valence::zk::table_memory {
namespace {

constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kHugePage = std::size_t{1} << 21;
/// From here on blocks are powers of two and kept; what is smaller, malloc keeps itself.
constexpr std::size_t kSmallestKept = std::size_t{1} << 16;
constexpr std::size_t kLargestKept = std::size_t{1} << 27;
constexpr std::size_t kMostKept = std::size_t{1} << 29;

/// The size that is really taken for so many bytes.
std::size_t block_bytes(std::size_t bytes) {
    if (bytes >= kSmallestKept && bytes <= kLargestKept) return std::bit_ceil(bytes);
    const std::size_t alignment = bytes > kLargestKept ? kHugePage : kCacheLine;
    return std::max((bytes + alignment - 1) / alignment * alignment, alignment);
}

bool is_kept(std::size_t block) { return block >= kSmallestKept && block <= kLargestKept; }

/// Blocks to be taken again, by the logarithm of their size.
class Pool {
public:
    void* take(std::size_t block) {
        const std::lock_guard lock(mutex_);
        auto& blocks = blocks_[static_cast<std::size_t>(std::countr_zero(block))];
        if (blocks.empty()) return nullptr;
        void* const memory = blocks.back();
        blocks.pop_back();
        bytes_ -= block;
        return memory;
    }
    /// Whether there is room for it.
    bool keep(void* memory, std::size_t block) {
        const std::lock_guard lock(mutex_);
        if (bytes_ + block > kMostKept) return false;
        blocks_[static_cast<std::size_t>(std::countr_zero(block))].push_back(memory);
        bytes_ += block;
        return true;
    }

private:
    std::mutex mutex_;  // guards both below: proofs are made on many threads
    std::array<std::vector<void*>, 64> blocks_;
    std::size_t bytes_ = 0;
};

/// Never destroyed: tables may outlive static objects.
Pool& pool() {
    static Pool* const the_pool = new Pool;
    return *the_pool;
}

}  // namespace

void* take(std::size_t bytes) {
    const std::size_t block = block_bytes(bytes);
    if (is_kept(block)) {
        if (void* const memory = pool().take(block)) return memory;
    }
    const bool huge = block >= kHugePage;
    void* const memory = std::aligned_alloc(huge ? kHugePage : kCacheLine, block);
    VALENCE_CHECK(memory != nullptr);
#if defined(MADV_HUGEPAGE)
    if (huge) madvise(memory, block, MADV_HUGEPAGE);  // advice: failing changes nothing
#endif
    return memory;
}

void give_back(void* memory, std::size_t bytes) {
    const std::size_t block = block_bytes(bytes);
    if (!is_kept(block) || !pool().keep(memory, block)) std::free(memory);
}

}  // namespace valence::zk::table_memory
