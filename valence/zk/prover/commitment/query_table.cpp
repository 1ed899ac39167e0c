#include "valence/zk/prover/commitment/query_table.hpp"

#include <algorithm>
#include <array>

#include "valence/base/result.hpp"
#include "valence/zk/prover/kernels/row_transform.hpp"
#include "valence/zk/prover/parallel.hpp"

namespace valence::zk {
namespace {

/// b = b1·B + b0. Positions whose points have the same B-th power form a block; within it
/// x^b = (x^B)^b1·x^b0, so that the sum over all is, for each b0, a transposed transform over the blocks:
/// t·B products to fill them, and columns·log2(columns/B) butterflies for each coset of the code.
constexpr int kLogBlockRows = 6;
/// b0 is taken in pieces of this many, so that the blocks stay in the nearest cache.
constexpr std::size_t kPiece = 32;

template <typename E>
class QueryTable {
public:
    QueryTable(const OracleShape& shape, std::span<const std::uint64_t> positions,
               std::span<const E> coefficients, InstructionSet instructions)
        : shape_(shape),
          log_rows_(std::clamp(shape.log_columns - 5, 0, kLogBlockRows)),
          instructions_(instructions),
          positions_(positions),
          coefficients_(coefficients),
          roots_(roots_of_unity(log_rows_)) {
        for (const std::uint64_t position : positions) {
            Goldilocks power(1);
            const Goldilocks point = code_point(position);
            for (Goldilocks& each : powers_.emplace_back()) {
                each = power;
                power *= point;
            }
            steps_.push_back(power);
        }
        const Goldilocks root = Goldilocks::root_of_unity(log_rows_ + shape.log_inverse_rate);
        for (std::size_t coset = 0; coset < cosets(); ++coset)
            coset_factors_.push_back(powers(root.power(reverse_bits(coset, shape.log_inverse_rate)), rows()));
    }

    void add_to(std::span<E> table) const {
        const std::size_t block = shape_.columns() >> log_rows_;
        const std::size_t pieces = (block + kPiece - 1) / kPiece;
        const std::size_t cost = kLanes * (positions_.size() + 2 * cosets() * rows() * kLogBlockRows);
        in_parallel(pieces, cost, [&](std::size_t first, std::size_t last) {
            Pass pass;
            pass.current.assign(coefficients_.begin(), coefficients_.end());
            pass.block.resize(rows() * kLanes);
            for (std::size_t k = 0; first != 0 && k < pass.current.size(); ++k)
                pass.current[k] = pass.current[k] * steps_[k].power(first);
            for (std::size_t piece = first; piece < last; ++piece)
                add_piece(pass, piece * kPiece, table);
        });
    }

private:
    static constexpr std::size_t kLanes = kPiece * E::kDegree;

    /// One thread's way through some pieces.
    struct Pass {
        /// coefficient·x^begin of each query.
        std::vector<E> current;
        /// Of a piece: [row][coefficient][b0].
        std::vector<Goldilocks> block, sums;
    };

    /// Exponents b0 from `begin` on, kPiece of them.
    void add_piece(Pass& pass, std::size_t begin, std::span<E> table) const {
        const std::size_t block = shape_.columns() >> log_rows_;
        pass.sums.assign(rows() * kLanes, Goldilocks());
        for (std::size_t coset = 0; coset < cosets(); ++coset)
            add_coset(pass, coset);
        const std::size_t count = std::min(kPiece, block - begin);
        for (std::size_t row = 0; row < rows(); ++row) {
            for (std::size_t i = 0; i < count; ++i) {
                typename E::Coefficients c;
                for (std::size_t j = 0; j < E::kDegree; ++j)
                    c[j] = pass.sums[row * kLanes + j * kPiece + i];
                table[row * block + begin + i] += E(c);
            }
        }
        for (std::size_t k = 0; k < pass.current.size(); ++k)
            pass.current[k] = pass.current[k] * steps_[k];
    }

    std::size_t rows() const { return std::size_t{1} << log_rows_; }
    std::size_t cosets() const { return std::size_t{1} << shape_.log_inverse_rate; }

    /// The queries of one coset: positions are in ascending order, so these follow each other.
    void add_coset(Pass& pass, std::size_t coset) const {
        const auto first = std::ranges::lower_bound(positions_, coset << shape_.log_columns);
        const auto last = std::ranges::lower_bound(positions_, (coset + 1) << shape_.log_columns);
        if (first == last) return;
        std::ranges::fill(pass.block, Goldilocks());
        for (auto at = first; at != last; ++at) {
            const auto k = static_cast<std::size_t>(at - positions_.begin());
            const std::size_t row = (*at >> (shape_.log_columns - log_rows_)) & (rows() - 1);
            for (std::size_t j = 0; j < E::kDegree; ++j) {
                add_scaled_row(powers_[k].data(), pass.current[k][j], &pass.block[row * kLanes + j * kPiece],
                               kPiece, instructions_);
            }
        }
        transform_rows_transposed({pass.block.data(), log_rows_, kLanes}, roots_, instructions_);
        for (std::size_t row = 0; row < rows(); ++row) {
            add_scaled_row(&pass.block[row * kLanes], coset_factors_[coset][row], &pass.sums[row * kLanes],
                           kLanes, instructions_);
        }
    }

    OracleShape shape_;
    int log_rows_;
    InstructionSet instructions_;
    std::span<const std::uint64_t> positions_;
    std::span<const E> coefficients_;
    std::vector<Goldilocks> roots_;
    /// 1, x, …, x^(kPiece − 1) of each query, and x^kPiece.
    std::vector<std::array<Goldilocks, kPiece>> powers_;
    std::vector<Goldilocks> steps_;
    std::vector<std::vector<Goldilocks>> coset_factors_;
};

}  // namespace

template <typename E>
void add_query_functionals(const OracleShape& shape, std::span<const std::uint64_t> positions,
                           std::span<const E> coefficients, std::span<E> table, InstructionSet instructions) {
    VALENCE_CHECK(positions.size() == coefficients.size() && table.size() == shape.columns());
    VALENCE_CHECK(std::ranges::is_sorted(positions));
    QueryTable<E>(shape, positions, coefficients, instructions).add_to(table);
}

template void add_query_functionals(const OracleShape&, std::span<const std::uint64_t>,
                                    std::span<const Extension2>, std::span<Extension2>, InstructionSet);
template void add_query_functionals(const OracleShape&, std::span<const std::uint64_t>,
                                    std::span<const Extension3>, std::span<Extension3>, InstructionSet);

}  // namespace valence::zk
