// Multiplying one point by a scalar that an endomorphism (x, y) → (β·x, y) has split.
#pragma once

#include "valence/crypto/arithmetic/glv.hpp"
#include "valence/crypto/arithmetic/jacobian.hpp"

namespace valence::crypto {

/// One addend of a joint multiplication: a scalar's digits and the table they select from.
template <typename Field>
struct DigitStream {
    NonAdjacentForm<129> form;
    std::span<const AffinePoint<Field>> odd_multiples;
    bool negative = false;

    DigitStream(const SignedScalar& scalar, unsigned width, std::span<const AffinePoint<Field>> table)
        : form(scalar.magnitude, width), odd_multiples(table), negative(scalar.negative) {}

    int digit(std::size_t position) const {
        return negative ? -form.digits[position] : form.digits[position];
    }
};

/// Σ scalar · point over the streams, by doubling and adding all of them together.
template <typename Field>
JacobianPoint<Field> joint_multiply(std::span<const DigitStream<Field>> streams) {
    std::size_t size = 0;
    for (const auto& stream : streams)
        size = std::max(size, stream.form.size);
    JacobianPoint<Field> sum;
    for (auto position = size; position-- > 0;) {
        sum = twice(sum);
        for (const auto& stream : streams) {
            if (const int digit = stream.digit(position); digit != 0)
                sum = sum + select(stream.odd_multiples, digit);
        }
    }
    return sum;
}

/// (β·x, y) of every point.
template <typename Field, std::size_t size>
std::array<AffinePoint<Field>, size> endomorphism_of(const std::array<AffinePoint<Field>, size>& points,
                                                     const Field& beta) {
    auto images = points;
    for (auto& image : images)
        image.x = image.x * beta;
    return images;
}

/// (k1 + k2·λ) · p.
template <typename Field>
JacobianPoint<Field> split_multiply(const AffinePoint<Field>& p, const SplitScalar& k, const Field& beta) {
    constexpr unsigned kWidth = 5;
    const OddMultiples<Field, 1u << (kWidth - 2)> multiples{p};
    const auto images = endomorphism_of(multiples.points, beta);
    const std::array<DigitStream<Field>, 2> streams{DigitStream<Field>{k.k1, kWidth, multiples.points},
                                                    DigitStream<Field>{k.k2, kWidth, images}};
    auto product = joint_multiply<Field>(streams);
    product.z = product.z * multiples.z;
    return product;
}

}  // namespace valence::crypto
