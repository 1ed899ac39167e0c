#include "valence/ml/graph/range.hpp"

#include <fmt/format.h>

#include "valence/ml/graph/limits.hpp"
#include "valence/ml/graph/model_error.hpp"

namespace valence::ml {

Result<void> check_requantisation(const Requantisation& to) {
    if (to.shift > kMaxShift)
        return Error{ModelError::invalid_node, fmt::format("shift {} above {}", to.shift, kMaxShift)};
    if (to.low > to.high)
        return Error{ModelError::invalid_node, fmt::format("clamp from {} to {}", to.low, to.high)};
    return success();
}

Result<Range> requantised(const Range& sum, const Requantisation& to) {
    BOOST_OUTCOME_TRY(check_requantisation(to));
    constexpr Int128 kExcess = Int128{1} << 30;
    const Int128 half = to.shift == 0 ? 0 : Int128{1} << (to.shift - 1);
    const Range rounded{sum.low + half, sum.high + half};
    const Int128 limit = kExcess << to.shift;
    const Range shifted{rounded.low >> to.shift, rounded.high >> to.shift};
    if (rounded.low < -limit || rounded.high > limit || shifted.high - to.high >= kExcess ||
        to.low - shifted.low >= kExcess)
        return Error{ModelError::overflow,
                     fmt::format("sums from {} to {} do not fit a shift of {}", sum.low, sum.high, to.shift)};
    const auto clamp = [&](Int128 value) { return std::clamp<Int128>(value, to.low, to.high); };
    return Range{clamp(shifted.low), clamp(shifted.high)};
}

}  // namespace valence::ml
