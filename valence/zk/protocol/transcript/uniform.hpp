// Field elements from uniform words. A word from p on is skipped: reducing it would make the smallest 2^32 −
// 1 elements twice as likely as the others.
#pragma once

#include "valence/zk/protocol/field/extension.hpp"

namespace valence::zk {

/// Uniform in the base field; `next_word` gives independent uniform words.
template <typename Words>
Goldilocks uniform_base_element(Words&& next_word) {
    for (;;) {
        const std::uint64_t word = next_word();
        if (word < Goldilocks::kModulus) return Goldilocks(word);
    }
}

/// Uniform in E: its coefficients in order.
template <ExtensionElement E, typename Words>
E uniform_element(Words&& next_word) {
    typename E::Coefficients coefficients;
    for (Goldilocks& c : coefficients)
        c = uniform_base_element(next_word);
    return E(coefficients);
}

}  // namespace valence::zk
