// Drawing candidates: a small generator whose numbers follow from the job alone, so that a choice can be
// replayed (splitmix64, Steele, Lea, Flood, OOPSLA 2014).
#pragma once

#include <cstdint>
#include <cstring>

#include "valence/base/base.hpp"

namespace valence::compute {

class Sampler {
public:
    explicit Sampler(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e37'79b9'7f4a'7c15);
        z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
        z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
        return z ^ (z >> 31);
    }

    /// Below n, which is not 0. The bias of taking the product's high half is below 2^-32 for n < 2^32.
    std::uint32_t below(std::size_t n) {
        return static_cast<std::uint32_t>((static_cast<base::UInt128>(next()) * n) >> 64);
    }

private:
    std::uint64_t state_;
};

/// The first eight bytes, little endian.
inline std::uint64_t first_word(BytesView bytes) {
    std::uint64_t word = 0;
    for (int i = 7; i >= 0; --i)
        word = word << 8 | bytes[static_cast<std::size_t>(i)];
    return word;
}

}  // namespace valence::compute
