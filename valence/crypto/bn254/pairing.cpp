// The optimal ate pairing (Vercauteren, "Optimal pairings", 2008) on BN254:
//     e(P, Q) = (f_{6x+2,Q}(P) · l_{[6x+2]Q, ψQ}(P) · l_{[6x+2]Q+ψQ, −ψ²Q}(P))^((p¹² − 1)/r),    x =
//     4965661367192848881,
// where ψ is the twist's Frobenius. Points of the twist are kept in homogeneous coordinates with the line
// formulas of Costello, Lange and Naehrig ("Faster pairing computations on curves with high-degree twists",
// 2010), scaled to do without halving.
//
// Membership of Q in the subgroup of order r costs next to nothing: it holds exactly when
//     [6x+2]Q + ψQ − ψ²Q + ψ³Q = 0,
// whose first three terms the Miller loop sums up anyway. (That only this subgroup satisfies it: the
// resultant of 6x+2 + X − X² + X³ with ψ's characteristic polynomial X² − tX + p has no factor but r in
// common with the order of the twist, r·(2p − r).) A Q of another order may meet an exceptional case of the
// addition formula; then z becomes 0 and stays 0, and Q is refused for that.
#include "valence/crypto/bn254/g1.hpp"
#include "valence/crypto/bn254/tower.hpp"

namespace valence::crypto::bn254 {
namespace {

constexpr std::uint64_t kX = 4965661367192848881;

/// 6x + 2 in non-adjacent form, most significant first, without the leading 1.
constexpr std::array<std::int8_t, 65> kLoop = {0,  -1, 0, 1,  0, 0,  0,  -1, 0, -1, 0, 0,  0,  -1, 0, 1, 0,
                                               -1, 0,  0, -1, 0, 0,  0,  0,  0, 1,  0, 0,  -1, 0,  1, 0, 0,
                                               -1, 0,  0, 0,  0, -1, 0,  1,  0, 0,  0, -1, 0,  -1, 0, 0, 1,
                                               0,  0,  0, -1, 0, 0,  -1, 0,  1, 0,  1, 0,  0,  0};

struct G2Affine {
    Fp2 x, y;
};

/// x / z, y / z.
struct G2Projective {
    Fp2 x, y, z;
};

/// The twist's b: 3 / (9 + i).
const Fp2& twist_b() {
    static const auto b = Fp2{Fp::from(3), {}} * kXi.inverse();
    return b;
}

bool is_infinity(const G2Point& q) {
    return q.x_real.is_zero() && q.x_imaginary.is_zero() && q.y_real.is_zero() && q.y_imaginary.is_zero();
}

/// Nothing when a coordinate is not below the prime or the point is not on the twist.
std::optional<G2Affine> decode(const G2Point& q) {
    if (std::max({q.x_real, q.x_imaginary, q.y_real, q.y_imaginary}) >= kFieldPrime) return std::nullopt;
    const G2Affine point{{Fp::from(q.x_real), Fp::from(q.x_imaginary)},
                         {Fp::from(q.y_real), Fp::from(q.y_imaginary)}};
    if (square(point.y) != square(point.x) * point.x + twist_b()) return std::nullopt;
    return point;
}

/// ψ: Frobenius, carried over to the twist.
G2Affine psi(const G2Affine& q) {
    return {conjugate(q.x) * kFrobeniusFactors[2], conjugate(q.y) * kFrobeniusFactors[3]};
}

G2Affine operator-(const G2Affine& q) { return {q.x, -q.y}; }

/// Doubles t; the tangent at the old t, up to a factor that the final exponentiation removes, at (x, y) = P
/// is l0·y + l1·x·w + l2·v·w.
Line double_step(G2Projective& t) {
    const auto a = t.x * t.y;
    const auto b = square(t.y);
    const auto c = square(t.z);
    const auto e = twist_b() * (twice(c) + c);
    const auto f = twice(e) + e;
    const auto h = square(t.y + t.z) - b - c;
    const auto j = square(t.x);
    const auto ee4 = twice(twice(square(e)));
    t = {twice(a) * (b - f), square(b + f) - (twice(ee4) + ee4), twice(twice(b * h))};
    return {-h, twice(j) + j, e - b};
}

/// Adds q to t; the line through both, as above.
Line add_step(G2Projective& t, const G2Affine& q) {
    const auto theta = t.y - q.y * t.z;
    const auto lambda = t.x - q.x * t.z;
    const auto c = square(theta);
    const auto d = square(lambda);
    const auto e = lambda * d;
    const auto f = t.z * c;
    const auto g = t.x * d;
    const auto h = e + f - twice(g);
    t = {lambda * h, theta * (g - h) - e * t.y, t.z * e};
    return {lambda, -theta, theta * q.x - lambda * q.y};
}

bool equals(const G2Projective& t, const G2Affine& q) {
    return !t.z.is_zero() && t.x == q.x * t.z && t.y == q.y * t.z;
}

/// One pair on its way through the loop. P at infinity contributes nothing, but its Q is still checked.
struct Term {
    std::optional<G1Affine> p;
    G2Affine q;
    G2Projective t;

    void accumulate(Fp12& f, const Line& line) const {
        if (p) f = multiply_line(f, {line.l0 * p->y, line.l1 * p->x, line.l2});
    }
};

/// f_{6x+2} and the two last lines, for all terms at once; nothing if a q is not in the subgroup.
std::optional<Fp12> miller_loop(std::span<Term> terms) {
    auto f = Fp12::one();
    for (std::size_t i = 0; i < kLoop.size(); ++i) {
        if (i != 0) f = square(f);
        for (auto& term : terms) {
            term.accumulate(f, double_step(term.t));
            if (kLoop[i] != 0) term.accumulate(f, add_step(term.t, kLoop[i] > 0 ? term.q : -term.q));
        }
    }
    for (auto& term : terms) {
        const auto q1 = psi(term.q);
        const auto q2 = psi(q1);
        term.accumulate(f, add_step(term.t, q1));
        term.accumulate(f, add_step(term.t, -q2));
        if (!equals(term.t, -psi(q2))) return std::nullopt;
    }
    return f;
}

/// a^x in the cyclotomic subgroup, with digits of a non-adjacent form of width 4: inverses are free there.
Fp12 power_of_x(const Fp12& a) {
    static const NonAdjacentForm<64> form{U256{kX}, 4};
    const auto aa = cyclotomic_square(a);
    std::array<Fp12, 4> odd_powers{a};
    for (std::size_t i = 1; i < odd_powers.size(); ++i)
        odd_powers[i] = odd_powers[i - 1] * aa;
    const auto factor = [&](int digit) {
        const auto& power = odd_powers[static_cast<std::size_t>(std::abs(digit) / 2)];
        return digit < 0 ? conjugate(power) : power;
    };
    auto position = form.size - 1;
    auto r = factor(form.digits[position]);
    while (position-- > 0) {
        r = cyclotomic_square(r);
        if (const int digit = form.digits[position]; digit != 0) r = r * factor(digit);
    }
    return r;
}

/// f^((p¹² − 1)/r), up to a power that is prime to r (Fuentes-Castañeda, Knapp and Rodríguez-Henríquez,
/// "Faster hashing to G2", 2011): after the easy part, the exponent is 1 + 6x + 12x² + 12x³ + (4x + 6x² +
/// 12x³)·p + (6x + 6x² + 12x³)·p² + (−1 + 4x + 6x² + 12x³)·p³.
Fp12 final_exponentiation(const Fp12& f) {
    const auto to_p6_minus_1 = conjugate(f) * f.inverse();
    const auto a = frobenius(frobenius(to_p6_minus_1)) * to_p6_minus_1;

    const auto a_2x = cyclotomic_square(power_of_x(a));
    const auto a_6x = cyclotomic_square(a_2x) * a_2x;
    const auto a_6xx = power_of_x(a_6x);
    const auto a_12xxx = power_of_x(cyclotomic_square(a_6xx));
    const auto third = a_12xxx * a_6xx * a_6x;
    const auto second = third * conjugate(a_2x);
    const auto first = third * a_6xx * a;
    const auto fourth = second * conjugate(a);
    return first * frobenius(second * frobenius(third * frobenius(fourth)));
}

}  // namespace

std::optional<bool> pairing_check(std::span<const Pair> pairs) {
    std::vector<Term> terms;
    terms.reserve(pairs.size());
    for (const auto& [p, q] : pairs) {
        const auto p_affine = decode(p);
        if (!p_affine && !is_infinity(p)) return std::nullopt;
        if (is_infinity(q)) continue;
        const auto q_affine = decode(q);
        if (!q_affine) return std::nullopt;
        terms.push_back({p_affine, *q_affine, {q_affine->x, q_affine->y, Fp2::one()}});
    }
    if (terms.empty()) return true;
    const auto f = miller_loop(terms);
    if (!f) return std::nullopt;
    return final_exponentiation(*f) == Fp12::one();
}

}  // namespace valence::crypto::bn254
