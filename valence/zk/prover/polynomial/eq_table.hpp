// Tables of eq(r, x) = Π_j (bit m−1−j of x ? r_j : 1 − r_j): the weights that make Σ_x eq(r, x)·f[x] the
// value at r of the multilinear polynomial f.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "valence/zk/prover/polynomial/table.hpp"

namespace valence::zk {

/// eq(point, x) for all 2^m x.
template <typename E>
Table<E> eq_table(std::span<const E> point);

/// eq of a point's last variables, for every number of them: what a sumcheck needs whose variables are bound
/// one by one. Each is given as an outer product of two short tables, so that weights stay in the nearest
/// cache.
template <typename E>
class EqSuffixes {
public:
    explicit EqSuffixes(std::span<const E> point);

    /// eq of the last `variables` coordinates at x = (h, l) is high[h]·low[l]; l has the lower bits.
    struct Weights {
        std::span<const E> high;
        std::span<const E> low;
    };
    Weights weights(std::size_t variables) const;

private:
    static constexpr std::size_t kLowVariables = 8;

    std::size_t low_variables_;
    // The table over s variables lies at [2^s, 2^(s+1)).
    Table<E> low_;
    Table<E> high_;
};

}  // namespace valence::zk
