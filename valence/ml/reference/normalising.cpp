// Softmax and the normalisations, each along the last axis.
#include <algorithm>

#include "valence/ml/functions/table.hpp"
#include "valence/ml/reference/step.hpp"

namespace valence::ml::reference {
namespace {

/// ⌊√value⌋, bit by bit.
std::int64_t square_root(std::int64_t value) {
    std::int64_t root = 0;
    for (std::int64_t bit = std::int64_t{1} << 31; bit > 0; bit >>= 1)
        if ((root + bit) * (root + bit) <= value) root += bit;
    return root;
}

}  // namespace

void compute(const Softmax& op, const Step& step) {
    const auto table = tabulate(kSoftmaxTable);
    const Values& x = step.input(0);
    const std::size_t n = x.shape.back();
    const int finer = kSoftmaxTable.in - op.in;
    for (std::size_t row = 0; row < x.data.size(); row += n) {
        const auto begin = x.data.begin() + static_cast<std::ptrdiff_t>(row);
        const std::int64_t largest = *std::max_element(begin, begin + static_cast<std::ptrdiff_t>(n));
        std::vector<std::int64_t> e(n);
        std::int64_t sum = 0;
        for (std::size_t k = 0; k < n; ++k) {
            const std::int64_t below = x.data[row + k] - largest;
            const std::int64_t scaled = finer >= 0 ? below * (std::int64_t{1} << finer)
                                                   : shift_round(below, static_cast<std::uint32_t>(-finer));
            e[k] = table->at(static_cast<std::int16_t>(std::max(scaled, kLeast)));
            sum += e[k];
        }
        for (std::size_t k = 0; k < n; ++k)
            step.output().data[row + k] = std::min(kLargest, ((e[k] << 16) + sum) / (2 * sum));
    }
}

void compute(const Normalise& op, const Step& step) {
    const Values& x = step.input(0);
    const auto n = static_cast<std::int64_t>(x.shape.back());
    for (std::size_t row = 0; row < x.data.size(); row += static_cast<std::size_t>(n)) {
        const auto element = [&](std::int64_t k) { return x.data[row + static_cast<std::size_t>(k)]; };
        std::int64_t sum = 0;
        std::int64_t squares = 0;
        for (std::int64_t k = 0; k < n; ++k) {
            sum += element(k);
            squares += element(k) * element(k);
        }
        std::int64_t variance = squares;
        if (op.norm == Norm::layer) variance = n * squares - sum * sum;
        if (op.norm == Norm::rms) variance = n * squares;

        const std::int64_t w = std::max(variance + static_cast<std::int64_t>(op.epsilon), std::int64_t{1});
        // The largest even p with w·2^p < 2^62. Only w ≥ 2^62 needs p = −2.
        int p = -2;
        while (p < 60 && w < (std::int64_t{1} << (62 - (p + 2))))
            p += 2;
        const std::int64_t root = square_root(p < 0 ? w >> 2 : w << p);

        for (std::int64_t k = 0; k < n; ++k) {
            std::int64_t c = element(k);
            if (op.norm == Norm::layer) c = n * c - sum;
            if (op.norm == Norm::rms) c = n * c;
            const std::int64_t numerator = c * (std::int64_t{1} << (p / 2 + op.out + 1)) + root;
            step.output().data[row + static_cast<std::size_t>(k)] =
                clamp(floor_divide(numerator, 2 * root), kLeast, kLargest);
        }
    }
}

}  // namespace valence::ml::reference
