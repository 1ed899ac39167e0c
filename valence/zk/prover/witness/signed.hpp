// Field elements as the integers they stand for.
#pragma once

#include <cstdint>

#include "valence/zk/protocol/field/goldilocks.hpp"

namespace valence::zk {

/// A field element as the signed integer nearest to 0 that it stands for.
constexpr std::int64_t to_signed(Goldilocks element) {
    return element.value() > Goldilocks::kModulus / 2
               ? -static_cast<std::int64_t>(Goldilocks::kModulus - element.value())
               : static_cast<std::int64_t>(element.value());
}

}  // namespace valence::zk
