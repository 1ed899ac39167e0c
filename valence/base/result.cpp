#include "valence/base/result.hpp"

#include <cstdio>
#include <cstdlib>

namespace valence::base {

void check_failed(const char* expression, const char* file, int line) {
    std::fprintf(stderr, "valence: broken invariant: %s (%s:%d)\n", expression, file, line);
    std::abort();
}

}  // namespace valence::base
