#include "valence/zk/prover/commitment/encode.hpp"

#include <algorithm>
#include <vector>

#include <tbb/parallel_for.h>

#include "valence/base/result.hpp"
#include "valence/zk/prover/kernels/row_transform.hpp"
#include "valence/zk/prover/parallel.hpp"

namespace valence::zk {
namespace {

/// A block up to this size is transformed in one go: half of a common second-level cache.
constexpr std::size_t kCachedBytes = 256 * 1024;

Goldilocks as_element(std::int64_t integer) { return Goldilocks::of(integer); }
Goldilocks as_element(Goldilocks element) { return element; }

/// Column c of the matrix into to[0 … lanes), for c = first, first + step, …: `count` of them, one after the
/// other. Row by row, so that neighbouring columns are read together.
template <typename T>
void gather(std::span<const T> values, const OracleShape& shape, std::size_t first, std::size_t step,
            std::size_t count, Goldilocks* to) {
    const std::size_t lanes = lanes_of<T>(shape);
    for (std::size_t row = 0; row < shape.rows; ++row) {
        const std::size_t start = (row << shape.log_columns) + first;
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t at = start + i * step;
            if constexpr (requires { T::kDegree; }) {
                const T value = at < values.size() ? values[at] : T();
                for (std::size_t j = 0; j < T::kDegree; ++j)
                    to[i * lanes + row * T::kDegree + j] = value[j];
            } else {
                to[i * lanes + row] = at < values.size() ? as_element(values[at]) : Goldilocks();
            }
        }
    }
}

/// The code is one coset after the other of the 2^log_columns-th roots: coset q starts at the point
/// shift = root^reverse(q), and within it the coefficients c_i·shift^i are transformed.
Goldilocks coset_shift(const OracleShape& shape, std::size_t coset) {
    return Goldilocks::root_of_unity(shape.log_length()).power(reverse_bits(coset, shape.log_inverse_rate));
}

/// All of it in the cache: the first coset holds the coefficients until the others are done.
template <typename T>
void encode_small(std::span<const T> values, const OracleShape& shape, Goldilocks* codeword,
                  InstructionSet instructions) {
    const std::size_t lanes = lanes_of<T>(shape), block = shape.columns() * lanes;
    const auto roots = roots_of_unity(shape.log_columns);
    gather(values, shape, 0, 1, shape.columns(), codeword);
    const std::size_t others = (std::size_t{1} << shape.log_inverse_rate) - 1;
    const std::size_t cost = 2 * block * static_cast<std::size_t>(1 + shape.log_columns) / 4;
    in_parallel(others, cost, [&](std::size_t begin, std::size_t end) {
        for (std::size_t coset = begin + 1; coset <= end; ++coset) {
            Goldilocks* const to = codeword + coset * block;
            const Goldilocks shift = coset_shift(shape, coset);
            Goldilocks factor(1);
            for (std::size_t i = 0; i < shape.columns(); ++i, factor *= shift)
                scale_row(codeword + i * lanes, factor, to + i * lanes, lanes, instructions);
            transform_rows({to, shape.log_columns, lanes}, roots, instructions);
        }
    });
    transform_rows({codeword, shape.log_columns, lanes}, roots, instructions);
}

/// In two passes over the memory (Bailey 1990, "FFTs in external or hierarchical memory"). With N = N1·N2 and
/// i = c + N2·t: for each c the N1 coefficients i are scaled, transformed, and scaled by the rest of their
/// twiddles; they lie at p1·N2 + c then, and each run of N2 rows is transformed by itself.
template <typename T>
void encode_large(std::span<const T> values, const OracleShape& shape, Goldilocks* codeword,
                  InstructionSet instructions) {
    const std::size_t lanes = lanes_of<T>(shape);
    const int log_outer = shape.log_columns / 2, log_inner = shape.log_columns - log_outer;
    const std::size_t outer = std::size_t{1} << log_outer, inner = std::size_t{1} << log_inner;
    const auto outer_roots = roots_of_unity(log_outer);
    const auto inner_roots = roots_of_unity(log_inner);
    const Goldilocks root = Goldilocks::root_of_unity(shape.log_columns);
    const std::size_t cosets = std::size_t{1} << shape.log_inverse_rate;

    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, cosets * inner, 16), [&](const auto& range) {
        std::vector<Goldilocks> block(outer * lanes);
        for (std::size_t task = range.begin(); task != range.end(); ++task) {
            const std::size_t coset = task / inner, c = task % inner;
            const Goldilocks shift = coset_shift(shape, coset);
            gather(values, shape, c, inner, outer, block.data());
            if (coset != 0) {
                const Goldilocks step = shift.power(inner);
                Goldilocks factor(1);
                for (std::size_t t = 0; t < outer; ++t, factor *= step)
                    scale_row(&block[t * lanes], factor, &block[t * lanes], lanes, instructions);
            }
            transform_rows({block.data(), log_outer, lanes}, outer_roots, instructions);
            // Row p1 holds the value for k1 = reverse(p1); it lacks (shift·root^k1)^c.
            const Goldilocks base = root.power(c);
            const auto factors = powers(base, outer);
            const Goldilocks shifted = shift.power(c);
            for (std::size_t p = 0; p < outer; ++p) {
                const Goldilocks factor = shifted * factors[reverse_bits(p, log_outer)];
                scale_row(&block[p * lanes], factor, codeword + ((coset * outer + p) * inner + c) * lanes,
                          lanes, instructions);
            }
        }
    });
    tbb::parallel_for(std::size_t{0}, cosets * outer, [&](std::size_t run) {
        transform_rows({codeword + run * inner * lanes, log_inner, lanes}, inner_roots, instructions);
    });
}

}  // namespace

std::size_t size_of(const TableValues& values) {
    return std::visit([](const auto& span) { return span.size(); }, values);
}

template <typename T>
void encode(std::span<const T> values, const OracleShape& shape, std::span<Goldilocks> codeword,
            InstructionSet instructions) {
    const std::size_t lanes = lanes_of<T>(shape);
    VALENCE_CHECK(codeword.size() == shape.length() * lanes);
    VALENCE_CHECK(values.size() <= shape.rows << shape.log_columns);
    if (shape.columns() * lanes * sizeof(Goldilocks) <= kCachedBytes || shape.log_columns < 2)
        encode_small(values, shape, codeword.data(), instructions);
    else
        encode_large(values, shape, codeword.data(), instructions);
}

void encode(const TableValues& values, const OracleShape& shape, std::span<Goldilocks> codeword,
            InstructionSet instructions) {
    std::visit([&](const auto& span) { encode(span, shape, codeword, instructions); }, values);
}

#define VALENCE_ENCODE(T) \
    template void encode(std::span<const T>, const OracleShape&, std::span<Goldilocks>, InstructionSet);
VALENCE_ENCODE(std::int8_t)
VALENCE_ENCODE(std::int16_t)
VALENCE_ENCODE(Goldilocks)
VALENCE_ENCODE(Extension2)
VALENCE_ENCODE(Extension3)
#undef VALENCE_ENCODE

}  // namespace valence::zk
