// The rounds in which the tables' row variables are bound.
#pragma once

#include <span>
#include <vector>

#include "valence/zk/prover/commitment/opening.hpp"
#include "valence/zk/prover/commitment/running_product.hpp"

namespace valence::zk {

/// One table on its way through them.
template <typename E>
class RowRounds {
public:
    /// `input` must outlive this. `rounds`: how many there are, at least the table's row variables.
    RowRounds(const OpeningInput<E>& input, int rounds);

    /// The table's part of the message of round 0, 1, ….
    RoundSums<E> message(int round);
    void bind(int round, const E& challenge);

    /// The folded row, 2^log_columns values.
    void write_row(std::span<E> to) const;
    /// The functional on it, with the factor of the rounds before the table joined.
    void write_functional(std::span<E> to) const;

private:
    bool joined(int round) const { return round >= late_; }

    const OpeningInput<E>& input_;
    OracleShape shape_;
    int late_;
    E factor_{std::uint64_t{1}};
    E waiting_sum_{};
    std::vector<E> challenges_;
    LargeVector<Goldilocks> field_values_;  // for a dense functional
    /// Of each product, 2^log_rows × a power of two.
    struct ProductTables {
        std::vector<E> sums, factors;
    };
    std::vector<ProductTables> product_tables_;
    std::vector<RunningProduct<E>> dense_;  // none or one
    std::vector<RunningProduct<E>> products_;
};

/// The sums that a product takes of the table's values, of which `digits` are the bytes if they are known.
template <typename E>
std::vector<E> sums_of(const TableValues& values, const OracleShape& shape, const RowProduct<E>& product,
                       const ByteDigits* digits = nullptr);

}  // namespace valence::zk
