// The check e(C − y·G1, G2) = e(π, [τ]G2 − z·G2), turned so that both arguments in G2 are constants,
//     e(C − y·G1 + z·π, −G2) · e(π, [τ]G2) = 1,
// whose Miller loop lines are computed once for the process, as are the multiples of G1 that y selects. Of
// the trusted setup only [τ]G2 is needed.
#include "valence/crypto/kzg.hpp"

#include <vector>

#include <blst.h>

#include "valence/crypto/sha256.hpp"

namespace valence::crypto::kzg {
namespace {

/// [τ]G2 of Ethereum's KZG ceremony, compressed: the second of the "g2_monomial" points of trusted_setup.txt.
constexpr std::array<std::uint8_t, 96> kTauG2 = {
    0xb5, 0xbf, 0xd7, 0xdd, 0x8c, 0xde, 0xb1, 0x28, 0x84, 0x3b, 0xc2, 0x87, 0x23, 0x0a, 0xf3, 0x89,
    0x26, 0x18, 0x70, 0x75, 0xcb, 0xfb, 0xef, 0xa8, 0x10, 0x09, 0xa2, 0xce, 0x61, 0x5a, 0xc5, 0x3d,
    0x29, 0x14, 0xe5, 0x87, 0x0c, 0xb4, 0x52, 0xd2, 0xaf, 0xaa, 0xab, 0x24, 0xf3, 0x49, 0x9f, 0x72,
    0x18, 0x5c, 0xbf, 0xee, 0x53, 0x49, 0x27, 0x14, 0x73, 0x44, 0x29, 0xb7, 0xb3, 0x86, 0x08, 0xe2,
    0x39, 0x26, 0xc9, 0x11, 0xcc, 0xec, 0xea, 0xc9, 0xa3, 0x68, 0x51, 0x47, 0x7b, 0xa4, 0xc6, 0x0b,
    0x08, 0x70, 0x41, 0xde, 0x62, 0x10, 0x00, 0xed, 0xc9, 0x8e, 0xda, 0xda, 0x20, 0xc1, 0xde, 0xf2};

constexpr std::size_t kScalarBits = 255;

using Lines = std::array<blst_fp6, 68>;

Lines lines_of(const blst_p2_affine& q) {
    Lines lines;
    blst_precompute_lines(lines.data(), &q);
    return lines;
}

const Lines& lines_of_minus_g2() {
    static const auto lines = [] {
        auto minus = *blst_p2_generator();
        blst_p2_cneg(&minus, true);
        blst_p2_affine affine;
        blst_p2_to_affine(&affine, &minus);
        return lines_of(affine);
    }();
    return lines;
}

const Lines& lines_of_tau_g2() {
    static const auto lines = [] {
        blst_p2_affine tau;
        VALENCE_CHECK(blst_p2_uncompress(&tau, kTauG2.data()) == BLST_SUCCESS);
        return lines_of(tau);
    }();
    return lines;
}

std::optional<blst_p1_affine> decode(const Point& point) {
    blst_p1_affine out;
    if (blst_p1_uncompress(&out, point.data()) != BLST_SUCCESS || !blst_p1_affine_in_g1(&out))
        return std::nullopt;
    return out;
}

/// Digits of four bits: multiples 1 to 15 of −16^i·G1 for each i.
constexpr std::size_t kDigits = 64;
constexpr std::size_t kMultiplesPerDigit = 15;
using GeneratorMultiples = std::array<blst_p1_affine, kDigits * kMultiplesPerDigit>;

const GeneratorMultiples& multiples_of_minus_g1() {
    static const auto multiples = [] {
        std::vector<blst_p1> points;
        points.reserve(kDigits * kMultiplesPerDigit);
        auto base = *blst_p1_generator();
        blst_p1_cneg(&base, true);
        for (std::size_t digit = 0; digit < kDigits; ++digit) {
            auto multiple = base;
            for (std::size_t i = 0; i < kMultiplesPerDigit; ++i) {
                points.push_back(multiple);
                blst_p1_add_or_double(&multiple, &multiple, &base);
            }
            base = multiple;
        }
        GeneratorMultiples affine;
        const std::array<const blst_p1*, 2> from{points.data(), nullptr};
        blst_p1s_to_affine(affine.data(), from.data(), points.size());
        return affine;
    }();
    return multiples;
}

/// Adds −scalar·G1.
void subtract_generator_times(blst_p1& sum, const U256& scalar) {
    const auto& multiples = multiples_of_minus_g1();
    for (std::size_t i = 0; i < kDigits; ++i) {
        const auto digit = scalar.limbs[i / 16] >> (4 * (i % 16)) & 15;
        if (digit != 0)
            blst_p1_add_or_double_affine(&sum, &sum, &multiples[i * kMultiplesPerDigit + digit - 1]);
    }
}

blst_p1 multiply(const blst_p1& point, const U256& scalar) {
    blst_scalar little_endian;
    blst_scalar_from_uint64(&little_endian, scalar.limbs.data());
    blst_p1 out;
    blst_p1_mult(&out, &point, little_endian.b, kScalarBits);
    return out;
}

/// The Miller loop's value; e(infinity, Q) = 1.
blst_fp12 miller_loop(const blst_p1_affine& p, const Lines& lines) {
    if (blst_p1_affine_is_inf(&p)) return *blst_fp12_one();
    blst_fp12 out;
    blst_miller_loop_lines(&out, lines.data(), &p);
    return out;
}

}  // namespace

Hash versioned_hash(const Point& commitment) {
    auto hash = sha256(commitment);
    hash[0] = 0x01;
    return hash;
}

bool verify_point_evaluation(const Point& commitment, const U256& z, const U256& y, const Point& proof) {
    if (z >= kScalarModulus || y >= kScalarModulus) return false;
    const auto c = decode(commitment);
    const auto pi = decode(proof);
    if (!c || !pi) return false;

    blst_p1 pi_point;
    blst_p1_from_affine(&pi_point, &*pi);
    auto left = multiply(pi_point, z);
    subtract_generator_times(left, y);
    blst_p1_add_or_double_affine(&left, &left, &*c);
    blst_p1_affine left_affine;
    blst_p1_to_affine(&left_affine, &left);

    auto product = miller_loop(left_affine, lines_of_minus_g2());
    const auto right = miller_loop(*pi, lines_of_tau_g2());
    blst_fp12_mul(&product, &product, &right);
    blst_final_exp(&product, &product);
    return blst_fp12_is_one(&product);
}

}  // namespace valence::crypto::kzg
