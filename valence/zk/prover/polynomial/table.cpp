#include "valence/zk/prover/polynomial/table.hpp"

#include <cstdlib>

#include <sys/mman.h>

#include "valence/base/base.hpp"

namespace valence::zk::table_memory {
namespace {

constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kHugePage = std::size_t{1} << 21;

}  // namespace

void* take(std::size_t bytes) {
    const std::size_t alignment = bytes >= 2 * kHugePage ? kHugePage : kCacheLine;
    const std::size_t whole = (bytes + alignment - 1) / alignment * alignment;
    void* memory = std::aligned_alloc(alignment, std::max(whole, alignment));
    VALENCE_CHECK(memory != nullptr);
#if defined(MADV_HUGEPAGE)
    if (alignment == kHugePage) madvise(memory, whole, MADV_HUGEPAGE);  // advice: failing changes nothing
#endif
    return memory;
}

void give_back(void* memory) { std::free(memory); }

}  // namespace valence::zk::table_memory
