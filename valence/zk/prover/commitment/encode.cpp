#include "valence/zk/prover/commitment/encode.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "valence/base/result.hpp"
#include "valence/zk/prover/kernels/row_transform.hpp"
#include "valence/zk/prover/parallel.hpp"
#include "valence/zk/prover/polynomial/table.hpp"

namespace valence::zk {
namespace {

/// A block up to this size is transformed in one go: half of a common second-level cache.
constexpr std::size_t kCachedBytes = 256 * 1024;
/// Of larger ones, as many columns are taken together as fit here, up to a cache line of field elements.
constexpr std::size_t kGroupBytes = 128 * 1024, kMostTogether = 8;

Goldilocks as_element(std::int64_t integer) { return Goldilocks::of(integer); }
Goldilocks as_element(Goldilocks element) { return element; }

/// Columns of the matrix, one after the other, to[0 … lanes) being the first: for t = 0 … times − 1 those
/// from first + t·step on, `count` of them. Row by row, so that neighbouring columns are read together.
struct Columns {
    std::size_t first = 0;
    std::size_t count = 0;
    std::size_t step = 0;
    std::size_t times = 1;
};
template <typename T>
void gather(std::span<const T> values, const OracleShape& shape, const Columns& columns, Goldilocks* to) {
    const std::size_t lanes = lanes_of<T>(shape);
    for (std::size_t row = 0; row < shape.rows; ++row) {
        for (std::size_t t = 0; t < columns.times; ++t) {
            const std::size_t start = (row << shape.log_columns) + columns.first + t * columns.step;
            const std::size_t present = start < values.size() ? values.size() - start : 0;
            Goldilocks* const at = to + t * columns.count * lanes;
            for (std::size_t i = 0; i < columns.count; ++i) {
                if constexpr (requires { T::kDegree; }) {
                    const T value = i < present ? values[start + i] : T();
                    for (std::size_t j = 0; j < T::kDegree; ++j)
                        at[i * lanes + row * T::kDegree + j] = value[j];
                } else {
                    at[i * lanes + row] = i < present ? as_element(values[start + i]) : Goldilocks();
                }
            }
        }
    }
}

/// The code is one coset after the other of the 2^log_columns-th roots: coset q starts at the point
/// shift = root^reverse(q), and within it the coefficients c_i·shift^i are transformed.
Goldilocks coset_shift(const OracleShape& shape, std::size_t coset) {
    return Goldilocks::root_of_unity(shape.log_length()).power(reverse_bits(coset, shape.log_inverse_rate));
}

/// All of it in the cache. The first coset holds the coefficients until the others are done; among several
/// threads it gets a copy of them instead, and no coset waits for another.
template <typename T>
void encode_small(std::span<const T> values, const OracleShape& shape, Goldilocks* codeword,
                  InstructionSet instructions) {
    const std::size_t lanes = lanes_of<T>(shape), block = shape.columns() * lanes;
    const auto roots = roots_of_unity(shape.log_columns);
    const std::size_t cosets = std::size_t{1} << shape.log_inverse_rate;
    const std::size_t cost = 2 * block * static_cast<std::size_t>(1 + shape.log_columns) / 4;
    const bool apart = parallel::threads() > 1 && cosets * cost >= parallel::kWorthSplitting;
    Table<Goldilocks> copy(apart ? block : 0);
    Goldilocks* const coefficients = apart ? copy.data() : codeword;
    in_parallel(shape.columns(), 2 * lanes, [&](std::size_t begin, std::size_t end) {
        gather(values, shape, {.first = begin, .count = end - begin}, coefficients + begin * lanes);
    });
    const auto fill = [&](std::size_t coset) {
        Goldilocks* const to = codeword + coset * block;
        const Goldilocks shift = coset_shift(shape, coset);
        Goldilocks factor(1);
        for (std::size_t i = 0; coset != 0 && i < shape.columns(); ++i, factor *= shift)
            scale_row(coefficients + i * lanes, factor, to + i * lanes, lanes, instructions);
        if (coset == 0 && apart) std::copy_n(coefficients, block, to);
        transform_rows({to, shape.log_columns, lanes}, roots, instructions);
    };
    each_in_parallel(cosets, cosets * cost, [&](std::size_t k) { fill(cosets - 1 - k); });
}

/// In two passes over the memory (Bailey 1990, "FFTs in external or hierarchical memory"). With N = N1·N2 and
/// i = c + N2·t: for each c the N1 coefficients i are scaled, transformed, and scaled by the rest of their
/// twiddles; they lie at p1·N2 + c then, and each run of N2 rows is transformed by itself.
template <typename T>
class LargeEncoder {
public:
    LargeEncoder(std::span<const T> values, const OracleShape& shape, Goldilocks* codeword,
                 InstructionSet instructions)
        : values_(values),
          shape_(shape),
          codeword_(codeword),
          instructions_(instructions),
          lanes_(lanes_of<T>(shape)),
          log_outer_(shape.log_columns / 2),
          log_inner_(shape.log_columns - log_outer_),
          outer_roots_(roots_of_unity(log_outer_)),
          inner_roots_(roots_of_unity(log_inner_)) {
        while (together_ < std::min(kMostTogether, inner()) &&
               2 * together_ * outer() * lanes_ * sizeof(Goldilocks) <= kGroupBytes)
            together_ *= 2;
    }

    void run(const LeavesReady& ready) const {
        const auto levels = [&](int log_size) { return static_cast<std::uint64_t>(log_size) + 2; };
        in_parallel(inner() / together_, cosets() * together_ * outer() * lanes_ * levels(log_outer_) / 2,
                    [&](std::size_t begin, std::size_t end) {
                        Block block(together_ * outer() * lanes_, together_ * outer());
                        for (std::size_t group = begin; group < end; ++group)
                            outer_pass(group * together_, block);
                    });
        in_parallel(cosets() * outer(), inner() * lanes_ * levels(log_inner_) / 2,
                    [&](std::size_t begin, std::size_t end) {
                        for (std::size_t run = begin; run < end; ++run) {
                            Goldilocks* const at = codeword_ + run * inner() * lanes_;
                            transform_rows({at, log_inner_, lanes_}, inner_roots_, instructions_);
                            if (ready) ready(run * inner(), inner());
                        }
                    });
    }

private:
    struct Block {
        Block(std::size_t size, std::size_t factor_count)
            : coefficients(size), values(size), factors(factor_count) {}
        Table<Goldilocks> coefficients, values;
        std::vector<Goldilocks> factors;
    };

    std::size_t outer() const { return std::size_t{1} << log_outer_; }
    std::size_t inner() const { return std::size_t{1} << log_inner_; }
    std::size_t cosets() const { return std::size_t{1} << shape_.log_inverse_rate; }

    /// Of the columns c from `first` on. The last coset is the first, which needs no scaled copy.
    void outer_pass(std::size_t first, Block& block) const {
        gather(values_, shape_, {first, together_, inner(), outer()}, block.coefficients.data());
        const std::size_t width = together_ * lanes_;
        for (std::size_t coset = cosets(); coset-- > 0;) {
            Goldilocks* const rows = coset == 0 ? block.coefficients.data() : block.values.data();
            const Goldilocks shift = coset_shift(shape_, coset);
            if (coset != 0) {
                const Goldilocks step = shift.power(inner());
                Goldilocks factor(1);
                for (std::size_t t = 0; t < outer(); ++t, factor *= step)
                    scale_row(&block.coefficients[t * width], factor, rows + t * width, width, instructions_);
            }
            transform_rows({rows, log_outer_, width}, outer_roots_, instructions_);
            find_factors(first, shift, block.factors);
            for (std::size_t p = 0; p < outer(); ++p) {
                scale_rows(rows + p * width, std::span(block.factors).subspan(p * together_, together_),
                           codeword_ + ((coset * outer() + p) * inner() + first) * lanes_, lanes_,
                           instructions_);
            }
        }
    }

    /// Row p of a transform of column c holds the value for k = reverse(p), and lacks (shift·root^k)^c.
    void find_factors(std::size_t first, Goldilocks shift, std::span<Goldilocks> factors) const {
        std::array<Goldilocks, kMostTogether> factor, step;
        const Goldilocks root = Goldilocks::root_of_unity(shape_.log_columns);
        for (std::size_t i = 0; i < together_; ++i) {
            factor[i] = shift.power(first + i);
            step[i] = root.power(first + i);
        }
        for (std::size_t k = 0; k < outer(); ++k) {
            Goldilocks* const to = &factors[reverse_bits(k, log_outer_) * together_];
            for (std::size_t i = 0; i < together_; ++i) {
                to[i] = factor[i];
                factor[i] *= step[i];
            }
        }
    }

    std::span<const T> values_;
    OracleShape shape_;
    Goldilocks* codeword_;
    InstructionSet instructions_;
    std::size_t lanes_;
    int log_outer_;
    int log_inner_;
    std::vector<Goldilocks> outer_roots_, inner_roots_;
    std::size_t together_ = 1;
};

}  // namespace

std::size_t size_of(const TableValues& values) {
    return std::visit([](const auto& span) { return span.size(); }, values);
}

template <typename T>
void encode(std::span<const T> values, const OracleShape& shape, std::span<Goldilocks> codeword,
            InstructionSet instructions, const LeavesReady& ready) {
    const std::size_t lanes = lanes_of<T>(shape);
    VALENCE_CHECK(codeword.size() == shape.length() * lanes);
    VALENCE_CHECK(values.size() <= shape.rows << shape.log_columns);
    if (shape.columns() * lanes * sizeof(Goldilocks) <= kCachedBytes || shape.log_columns < 2) {
        encode_small(values, shape, codeword.data(), instructions);
        if (ready) ready(0, shape.length());
    } else {
        LargeEncoder<T>(values, shape, codeword.data(), instructions).run(ready);
    }
}

void encode(const TableValues& values, const OracleShape& shape, std::span<Goldilocks> codeword,
            InstructionSet instructions, const LeavesReady& ready) {
    std::visit([&](const auto& span) { encode(span, shape, codeword, instructions, ready); }, values);
}

#define VALENCE_ENCODE(T)                                                                               \
    template void encode(std::span<const T>, const OracleShape&, std::span<Goldilocks>, InstructionSet, \
                         const LeavesReady&);
VALENCE_ENCODE(std::int8_t)
VALENCE_ENCODE(std::int16_t)
VALENCE_ENCODE(Goldilocks)
VALENCE_ENCODE(Extension2)
VALENCE_ENCODE(Extension3)
#undef VALENCE_ENCODE

}  // namespace valence::zk
