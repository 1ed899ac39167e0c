#include "valence/crypto/arithmetic/limbs.hpp"

#if VALENCE_HAS_X86_KERNELS
#include <cpuid.h>

namespace valence::crypto {
namespace {

bool detect_adx() {
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return false;
    constexpr unsigned kBmi2 = 1u << 8;
    constexpr unsigned kAdx = 1u << 19;
    return (b & kBmi2) != 0 && (b & kAdx) != 0;
}

}  // namespace

const bool kHasAdx = detect_adx();

}  // namespace valence::crypto
#endif
