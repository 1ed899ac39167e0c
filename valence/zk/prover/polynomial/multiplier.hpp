// A constant by which whole tables are multiplied (a challenge), prepared once.
#pragma once

#include <array>

#include "valence/zk/protocol/field/extension.hpp"

namespace valence::zk {

/// Multiplication by a constant c, as a sum over an element's coefficients x_j cut into three limbs:
/// x_j = Σ_s limb_s·2^kLimbShifts[s], so c·x = Σ_j Σ_s limb_{j,s}·words[j][s] with
/// words[j][s] = c·u^j·2^kLimbShifts[s]. Limbs have 22 bits, so that a limb times half a word has 54 and
/// hundreds of them fit a register before anything must be reduced.
template <typename E>
struct Multiplier {
    static constexpr int kLimbs = 3;
    static constexpr std::array<int, kLimbs> kLimbShifts{0, 22, 43};

    E value;
    std::array<std::array<E, kLimbs>, E::kDegree> words;

    explicit Multiplier(const E& c) : value(c) {
        for (std::size_t j = 0; j < E::kDegree; ++j) {
            typename E::Coefficients unit{};
            unit[j] = Goldilocks(1);
            const E column = c * E(unit);
            for (std::size_t s = 0; s < kLimbs; ++s)
                words[j][s] = column * Goldilocks(std::uint64_t{1} << kLimbShifts[s]);
        }
    }
};

}  // namespace valence::zk
