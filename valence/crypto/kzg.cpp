// The check e(C − y·G1, G2) = e(π, [τ]G2 − z·G2), turned so that both arguments in G2 are constants,
//     e(C − y·G1 + z·π, −G2) · e(π, [τ]G2) = 1,
// whose Miller loop lines are computed once for the process. Of the trusted setup only [τ]G2 is needed.
#include "valence/crypto/kzg.hpp"

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

    auto y_g1 = multiply(*blst_p1_generator(), y);
    blst_p1_cneg(&y_g1, true);
    blst_p1 pi_point;
    blst_p1_from_affine(&pi_point, &*pi);
    auto left = multiply(pi_point, z);
    blst_p1_add_or_double(&left, &left, &y_g1);
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
