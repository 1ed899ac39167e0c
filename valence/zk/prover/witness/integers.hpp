// What columns hold, element by element, over the integers.
#pragma once

#include <algorithm>

#include "valence/ml/reference/values.hpp"
#include "valence/zk/protocol/circuit/circuit.hpp"
#include "valence/zk/prover/witness/signed.hpp"

namespace valence::zk {

/// The parts of one requantisation (circuit.hpp).
struct Requantised {
    std::int64_t result;  // y − low
    std::int64_t remainder;
    std::int64_t above;
    std::int64_t below;

    std::int64_t part(RequantisationPart which) const {
        switch (which) {
            case RequantisationPart::result:
                return result;
            case RequantisationPart::remainder:
                return remainder;
            case RequantisationPart::above:
                return above;
            case RequantisationPart::below:
                return below;
        }
        return 0;
    }
};

inline Requantised requantised(Goldilocks rounded_sum, const ml::Requantisation& to) {
    const std::int64_t sum = to_signed(rounded_sum);
    const std::int64_t quotient = sum >> to.shift;
    const std::int64_t y = std::clamp<std::int64_t>(quotient, to.low, to.high);
    return {y - to.low, sum - quotient * (std::int64_t{1} << to.shift),
            std::max<std::int64_t>(quotient - y, 0), std::max<std::int64_t>(y - quotient, 0)};
}

/// ⌊a / b⌋ for b > 0. Cheating makes divisors of every sign; what comes out then does not matter.
inline std::int64_t quotient(std::int64_t a, std::int64_t b) {
    return b <= 0 ? 0 : ml::reference::floor_divide(a, b);
}

}  // namespace valence::zk
