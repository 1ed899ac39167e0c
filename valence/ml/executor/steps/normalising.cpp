// Softmax and Normalise: divisions of whole rows by one number. The quotients are found in double precision;
// next to each is the proof that its floor is the exact one.
#include <bit>
#include <cmath>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "valence/ml/executor/steps/steps.hpp"
#include "valence/ml/functions/table.hpp"

namespace valence::ml::executor {
namespace {

/// y's rows from x's: Row::run<whether AVX2 is there>(x, y, length). y may lie over x.
template <typename Row>
class RowStep final : public Step {
public:
    RowStep(Row row, std::size_t rows, std::size_t length, BufferId from, BufferId to,
            InstructionSet instructions)
        : row_(row), rows_(rows), length_(length), from_(from), to_(to), instructions_(instructions) {}

    void run(const Frame& frame) const override {
        (*frame.workers)(rows_* frame.items, 50 + length_ * 2, [&](std::size_t begin, std::size_t end) {
            for (; begin < end; ++begin) {
                const std::size_t offset = begin % rows_ * length_;
                compute(frame.at<const std::int16_t>(from_, begin / rows_) + offset,
                        frame.at<std::int16_t>(to_, begin / rows_) + offset);
            }
        });
    }

private:
    void compute(const std::int16_t* x, std::int16_t* y) const {
#if defined(__x86_64__)
        if (instructions_ == InstructionSet::avx2) return compute_avx2(x, y);
#endif
        row_.template run<false>(x, y, length_);
    }
#if defined(__x86_64__)
    [[gnu::target("avx2")]] void compute_avx2(const std::int16_t* x, std::int16_t* y) const {
        row_.template run<true>(x, y, length_);
    }
#endif

    Row row_;
    std::size_t rows_;
    std::size_t length_;
    BufferId from_;
    BufferId to_;
    InstructionSet instructions_;
};

template <typename Row>
void plan_rows(Builder& builder, const Node& node, const Row& row) {
    const View from = builder.row_major(node.inputs[0]);
    const View to = builder.define_over(node.outputs[0], Layout::row_major, node.inputs[0], from);
    const std::size_t length = from.shape.back();
    builder.emit(std::make_unique<RowStep<Row>>(row, from.shape.elements() / length, length, from.buffer,
                                                to.buffer, builder.resources().instructions),
                 {from.buffer, to.buffer});
}

/// Elements that go through a small array on the way, since y may lie over x.
constexpr std::size_t kPart = 256;

/// Calls f(first, count) for the parts of a row.
template <typename F>
[[gnu::always_inline]] inline void each_part(std::size_t length, const F& f) {
    for (std::size_t first = 0; first < length; first += kPart)
        f(first, std::min(kPart, length - first));
}

struct SoftmaxRow {
    const std::int16_t* exponentials;
    int left;   // x − m to exponent 11: a shift one way, at most 15 …
    int right;  // … or the other, rounded half up, at most 17

    /// x − m lies in −65535 … 0: shifted left by 15 or more all but 0 saturate, shifted right by 17 or more
    /// all round to 0. So the shifts stop there, and 32 bits hold everything.
    SoftmaxRow(const std::int16_t* table, int in)
        : exponentials(table), left(std::clamp(11 - in, 0, 15)), right(std::clamp(in - 11, 0, 17)) {}

    template <bool>
    [[gnu::always_inline]] void run(const std::int16_t* x, std::int16_t* y, std::size_t length) const {
        std::int16_t greatest = x[0];
        for (std::size_t k = 1; k < length; ++k)
            greatest = std::max(greatest, x[k]);
        const std::int32_t factor = std::int32_t{1} << left;
        const std::int32_t rounding = right == 0 ? 0 : std::int32_t{1} << (right - 1);
        std::int64_t sum = 0;
        each_part(length, [&](std::size_t first, std::size_t count) {
            std::uint16_t places[kPart];
            for (std::size_t k = 0; k < count; ++k) {
                const std::int32_t difference = (std::int32_t{x[first + k]} - greatest) * factor;
                places[k] = static_cast<std::uint16_t>(std::max((difference + rounding) >> right, -32768));
            }
            std::int32_t part = 0;
            for (std::size_t k = 0; k < count; ++k) {
                const std::int16_t e = exponentials[places[k]];
                y[first + k] = e;
                part += e;
            }
            sum += part;
        });
        // ⌊(2^16·e + S) / (2·S)⌋. The quotient is at least 1/(2·S) below the next integer, so adding 1/(4·S)
        // does not change its floor and keeps it 1/(4·S) from any integer. The dividend is exact (2^16·e ≤
        // 2^30, S < 2^46); the reciprocal and the product err by less than 2^−51 of the quotient, which is
        // at most 2^29/S + 1: below 1/(4·S).
        const double reciprocal = 1.0 / (2.0 * static_cast<double>(sum));
        const double addend = static_cast<double>(sum) + 0.5;
        for (std::size_t k = 0; k < length; ++k) {
            const auto quotient = static_cast<std::int32_t>((y[k] * 65536.0 + addend) * reciprocal);
            y[k] = static_cast<std::int16_t>(std::min(quotient, 32767));
        }
    }
};

/// ⌊√w⌋ for w < 2^62.
std::uint64_t integer_root(std::uint64_t w) {
    auto root = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(w)));
    while (root * root > w)
        --root;
    while ((root + 1) * (root + 1) <= w)
        ++root;
    return root;
}

/// 2^e, −1022 ≤ e ≤ 1023.
double power_of_two(int e) { return std::bit_cast<double>(static_cast<std::uint64_t>(1023 + e) << 52); }

/// ⌊(x·scale − shift)·factor + rounding⌋, clamped to 16 bits.
struct Quotients {
    double scale;
    double shift;
    double factor;
    double rounding;

    std::int16_t operator()(std::int16_t x) const {
        const double c = x * scale - shift;
        const double value = std::min(std::max(c * factor + rounding, -32769.0), 32768.0);
        const auto quotient = static_cast<std::int32_t>(value + 65536.0) - 65536;
        return static_cast<std::int16_t>(std::min(std::max(quotient, -32768), 32767));
    }

#if defined(__x86_64__)
    /// The same four at a time, since the clamp keeps the compiler from it; answers how many are done.
    [[gnu::target("avx2")]] std::size_t fours(const std::int16_t* x, std::int16_t* y,
                                              std::size_t length) const {
        std::size_t k = 0;
        for (; k + 4 <= length; k += 4) {
            const __m128i four = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(x + k));
            __m256d value = _mm256_cvtepi32_pd(_mm_cvtepi16_epi32(four));
            value = _mm256_sub_pd(_mm256_mul_pd(value, _mm256_set1_pd(scale)), _mm256_set1_pd(shift));
            value = _mm256_add_pd(_mm256_mul_pd(value, _mm256_set1_pd(factor)), _mm256_set1_pd(rounding));
            value = _mm256_max_pd(value, _mm256_set1_pd(-32769.0));
            value = _mm256_min_pd(value, _mm256_set1_pd(32768.0));
            const __m128i above = _mm256_cvttpd_epi32(_mm256_add_pd(value, _mm256_set1_pd(65536.0)));
            const __m128i quotient = _mm_sub_epi32(above, _mm_set1_epi32(65536));
            _mm_storel_epi64(reinterpret_cast<__m128i*>(y + k), _mm_packs_epi32(quotient, quotient));
        }
        return k;
    }
#endif
};

struct NormaliseRow {
    Norm norm;
    std::uint64_t epsilon;
    int out;

    template <bool Avx2>
    [[gnu::always_inline]] void run(const std::int16_t* x, std::int16_t* y, std::size_t length) const {
        std::int64_t sum = 0;
        std::int64_t squares = 0;
        for (std::size_t k = 0; k < length; ++k) {
            sum += x[k];
            squares += std::int32_t{x[k]} * std::int32_t{x[k]};
        }
        const std::uint64_t n = norm == Norm::l2 ? 1 : length;
        if (norm != Norm::layer) sum = 0;
        const std::uint64_t v =
            n * static_cast<std::uint64_t>(squares) - static_cast<std::uint64_t>(sum * sum);
        const std::uint64_t w = std::max<std::uint64_t>(v + epsilon, 1);
        int p = 62 - static_cast<int>(std::bit_width(w));
        p -= p & 1;
        const std::uint64_t root = integer_root(p >= 0 ? w << p : w >> -p);

        // ⌊(c·2^(p/2 + out + 1) + σ) / (2·σ)⌋ = ⌊c·2^(p/2 + out)/σ + 1/2⌋, a multiple of 1/(2·σ) whose floor
        // adding 1/(4·σ) > 2^−33 does not change. c is exact. Where the result is not clamped anyway it is
        // below 2^16, so that the quotient, the product and both sums each err by less than 2^−36.
        Quotients quotients;
        quotients.factor = power_of_two(p / 2 + out) / static_cast<double>(root);
        quotients.rounding = 0.5 + 0.25 / static_cast<double>(root);
        quotients.scale = static_cast<double>(n);
        quotients.shift = static_cast<double>(sum);
        std::size_t done = 0;
#if defined(__x86_64__)
        if constexpr (Avx2) done = quotients.fours(x, y, length);
#endif
        for (std::size_t k = done; k < length; ++k)
            y[k] = quotients(x[k]);
    }
};

}  // namespace

Result<void> plan_step(Builder& builder, const Node& node, const Softmax& operation) {
    plan_rows(builder, node, SoftmaxRow(builder.resources().table(kSoftmaxTable).data(), operation.in));
    builder.set_range(node.outputs[0], {0, 32767});
    return success();
}

Result<void> plan_step(Builder& builder, const Node& node, const Normalise& operation) {
    plan_rows(builder, node, NormaliseRow{operation.norm, operation.epsilon, operation.out});
    return success();
}

}  // namespace valence::ml::executor
