#include "valence/crypto/bn254/g1.hpp"

#include "valence/crypto/arithmetic/glv.hpp"
#include "valence/crypto/arithmetic/split_multiply.hpp"

namespace valence::crypto::bn254 {
namespace {

using G1Jacobian = JacobianPoint<Fp>;

/// A cube root of unity: (x, y) → (β·x, y) multiplies by the λ to which this basis belongs.
constexpr auto kBeta =
    Fp::from({0xe4bd44e5607cfd48, 0xc28f069fbb966e3d, 0x5e6dd9e7e0acccb0, 0x30644e72e131a029});
constexpr GlvBasis kBasis{
    .a1 = {0x8211bbeb7d4f1128, 0x6f4d8248eeb859fc, 0, 0},
    .b1 = 0x89d3256894d213e3,
    .a2 = 0x89d3256894d213e3,
    .b2 = {0x0be4e1541221250b, 0x6f4d8248eeb859fd, 0, 0},
    .b2_over_order = {0x149d540fd5e495cc, 0x5398fd0300ff6565, 0x4ccef014a773d2d2, 0x0000000000000002},
    .b1_over_order = {0x6eb9c714773a6ef3, 0xd91d232ec7e0b3d7, 0x0000000000000002, 0x0000000000000000},
};

G1Point encode(const G1Affine& p) { return {p.x.to_number(), p.y.to_number()}; }

G1Point encode(const G1Jacobian& p) {
    if (p.is_infinity()) return {};
    const auto z = p.z.inverse();
    const auto zz = square(z);
    return encode(G1Affine{p.x * zz, p.y * (zz * z)});
}

}  // namespace

std::optional<G1Affine> decode(const G1Point& p) {
    static constexpr auto kB = Fp::from(3);
    if (p.x >= kFieldPrime || p.y >= kFieldPrime) return std::nullopt;
    const G1Affine point{Fp::from(p.x), Fp::from(p.y)};
    if (square(point.y) != square(point.x) * point.x + kB) return std::nullopt;
    return point;
}

std::optional<G1Point> add(const G1Point& a, const G1Point& b) {
    const auto p = decode(a);
    const auto q = decode(b);
    if ((!p && !is_infinity(a)) || (!q && !is_infinity(b))) return std::nullopt;
    if (!p) return b;
    if (!q) return a;

    const auto same_x = p->x == q->x;
    if (same_x && p->y != q->y) return G1Point{};
    const auto xx = square(p->x);
    const auto slope =
        same_x ? (twice(xx) + xx) * twice(p->y).inverse() : (q->y - p->y) * (q->x - p->x).inverse();
    const auto x = square(slope) - p->x - q->x;
    return encode(G1Affine{x, slope * (p->x - x) - p->y});
}

std::optional<G1Point> multiply(const G1Point& p, const U256& scalar) {
    const auto point = decode(p);
    if (!point) return is_infinity(p) ? std::optional{G1Point{}} : std::nullopt;
    // At most five subtractions: the order has 254 bits.
    auto k = scalar;
    while (k >= kGroupOrder)
        k -= kGroupOrder;
    return encode(split_multiply(*point, split_scalar(k, kBasis), kBeta));
}

}  // namespace valence::crypto::bn254
