#include "valence/base/freed_memory.hpp"

#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace valence::base {

void keep_freed_memory() {
#ifdef __GLIBC__
    // What is larger than the second is mapped apart, and returned at once; it is the most that glibc takes.
    constexpr int kKept = 128 << 20;
    constexpr int kMappedApart = 32 << 20;
    mallopt(M_TRIM_THRESHOLD, kKept);
    mallopt(M_MMAP_THRESHOLD, kMappedApart);
#endif
}

}  // namespace valence::base
