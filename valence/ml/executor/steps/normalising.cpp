// Softmax and Normalise: divisions of whole rows by one number. The quotients are found in double precision;
// next to each is the proof that its floor is the exact one.
#include <bit>
#include <cmath>

#include "valence/ml/executor/steps/steps.hpp"
#include "valence/ml/functions/table.hpp"

namespace valence::ml::executor {
namespace {

/// y's rows from x's: Row::operator()(x, y, length). y may lie over x.
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
        row_(x, y, length_);
    }
#if defined(__x86_64__)
    [[gnu::target("avx2")]] void compute_avx2(const std::int16_t* x, std::int16_t* y) const {
        row_(x, y, length_);
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

struct SoftmaxRow {
    const std::int16_t* exponentials;
    unsigned left;   // x − m to exponent 11: a shift one way …
    unsigned right;  // … or the other, rounded half up

    [[gnu::always_inline]] void operator()(const std::int16_t* x, std::int16_t* y, std::size_t length) const {
        std::int16_t greatest = x[0];
        for (std::size_t k = 1; k < length; ++k)
            greatest = std::max(greatest, x[k]);
        const std::int64_t rounding = right == 0 ? 0 : std::int64_t{1} << (right - 1);
        std::int64_t sum = 0;
        for (std::size_t k = 0; k < length; ++k) {
            const std::int64_t difference = std::int64_t{x[k] - greatest} * (std::int64_t{1} << left);
            const std::int64_t d = std::max<std::int64_t>((difference + rounding) >> right, -32768);
            y[k] = exponentials[static_cast<std::uint16_t>(d)];
            sum += y[k];
        }
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

struct NormaliseRow {
    Norm norm;
    std::uint64_t epsilon;
    int out;

    [[gnu::always_inline]] void operator()(const std::int16_t* x, std::int16_t* y, std::size_t length) const {
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
        const double factor = std::ldexp(1.0, p / 2 + out) / static_cast<double>(root);
        const double rounding = 0.5 + 0.25 / static_cast<double>(root);
        const double scale = static_cast<double>(n);
        const double shift = static_cast<double>(sum);
        for (std::size_t k = 0; k < length; ++k) {
            const double c = x[k] * scale - shift;
            const double value = std::min(std::max(c * factor + rounding, -32769.0), 32768.0);
            const auto quotient = static_cast<std::int32_t>(value + 65536.0) - 65536;
            y[k] = static_cast<std::int16_t>(std::min(std::max(quotient, -32768), 32767));
        }
    }
};

}  // namespace

Result<void> plan_step(Builder& builder, const Node& node, const Softmax& operation) {
    const auto left = static_cast<unsigned>(std::max(11 - operation.in, 0));
    const auto right = static_cast<unsigned>(std::max(operation.in - 11, 0));
    plan_rows(builder, node, SoftmaxRow{builder.resources().table(kSoftmaxTable).data(), left, right});
    builder.set_range(node.outputs[0], {0, 32767});
    return success();
}

Result<void> plan_step(Builder& builder, const Node& node, const Normalise& operation) {
    plan_rows(builder, node, NormaliseRow{operation.norm, operation.epsilon, operation.out});
    return success();
}

}  // namespace valence::ml::executor
