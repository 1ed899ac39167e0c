#include "valence/zk/prover/kernels/row_contraction.hpp"

#include <algorithm>

#include "valence/zk/prover/kernels/digit_sums.hpp"
#include "valence/zk/prover/polynomial/multilinear.hpp"

namespace valence::zk {
namespace {

template <typename E, typename T>
E one_by_one(std::span<const E> columns, const T* values) {
    E sum;
    for (std::size_t j = 0; j < columns.size(); ++j)
        sum += columns[j] * Goldilocks::of(values[j]);
    return sum;
}

/// Σ_i digits[i]·2^(16 i), |digit| < 2^40.
Goldilocks from_digits(const std::int64_t* digits) {
    return Goldilocks::of(digits[0] + digits[1] * 65536) +
           Goldilocks::of(digits[2] + digits[3] * 65536) * Goldilocks(std::uint64_t{1} << 32);
}

}  // namespace

template <typename E>
RowContraction<E>::RowContraction(std::span<const E> columns, InstructionSet instructions)
    : columns_(columns) {
    if (instructions == InstructionSet::portable) return;
    constexpr std::size_t kAll = kDigits * E::kDegree;
    steps_ = columns.size() / kContractionStep;
    digits_.resize(steps_ * kAll * kContractionStep);
    for (std::size_t j = 0; j < steps_ * kContractionStep; ++j) {
        for (std::size_t coefficient = 0; coefficient < E::kDegree; ++coefficient) {
            const auto digits = balanced_digits(columns[j][coefficient]);
            for (std::size_t i = 0; i < kDigits; ++i) {
                digits_[((j / kContractionStep) * kAll + coefficient * kDigits + i) * kContractionStep +
                        j % kContractionStep] = digits[i];
            }
        }
    }
}

template <typename E>
E RowContraction<E>::of(const std::int8_t* values) const {
    const std::size_t done = steps_ * kContractionStep;
    E sum = one_by_one(columns_.subspan(done), values + done);
#if defined(__x86_64__)
    if (steps_ != 0) {
        std::array<std::int64_t, kDigits * E::kDegree> digits{};
        contract_avx2(values, digits_, digits);
        typename E::Coefficients c;
        for (std::size_t coefficient = 0; coefficient < E::kDegree; ++coefficient)
            c[coefficient] = from_digits(&digits[coefficient * kDigits]);
        sum += E(c);
    }
#endif
    return sum;
}

template <typename E>
E RowContraction<E>::of(const std::int16_t* values) const {
    return one_by_one(columns_, values);
}

template <typename E>
E RowContraction<E>::of(const Goldilocks* values) const {
    return inner_product<E>(std::span(values, columns_.size()), columns_);
}

template class RowContraction<Extension2>;
template class RowContraction<Extension3>;

}  // namespace valence::zk
