// Seeded random numbers, the same on every machine (the standard library's distributions are not).
#pragma once

#include <cstdint>
#include <span>

namespace valence::ml::testing {

/// SplitMix64.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    /// Of 0 … count − 1.
    std::uint32_t below(std::uint64_t count) { return static_cast<std::uint32_t>(next() % count); }
    /// Of first … last.
    std::int64_t between(std::int64_t first, std::int64_t last) {
        return first + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(last - first + 1));
    }
    /// True in `part` of `whole` cases.
    bool chance(std::uint32_t part, std::uint32_t whole) { return below(whole) < part; }
    template <typename T>
    T pick(std::initializer_list<T> of) {
        return of.begin()[below(of.size())];
    }

private:
    std::uint64_t state_;
};

}  // namespace valence::ml::testing
