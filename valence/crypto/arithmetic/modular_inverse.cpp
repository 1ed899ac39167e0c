// Inversion by division steps (Bernstein and Yang, "Fast constant-time gcd computation and modular
// inversion", 2019), in variable time: 62 steps at a time are found from the lowest limbs alone, gathered in
// a 2×2 matrix, and then applied to the full numbers. The step rule is the one that starts from "delta =
// 1/2".
#include "valence/crypto/arithmetic/modular_inverse.hpp"

#include <bit>

namespace valence::crypto {
namespace {

__extension__ using Int128 = __int128;

constexpr int kBatch = 62;
constexpr std::uint64_t kMask = (std::uint64_t{1} << kBatch) - 1;

/// A signed number of up to 5 × 62 bits: all limbs but the top one are in [0, 2^62).
using Signed62 = std::array<std::int64_t, 5>;

Signed62 to_signed62(const U256& n) {
    const auto& l = n.limbs;
    return {
        static_cast<std::int64_t>(l[0] & kMask), static_cast<std::int64_t>((l[0] >> 62 | l[1] << 2) & kMask),
        static_cast<std::int64_t>((l[1] >> 60 | l[2] << 4) & kMask),
        static_cast<std::int64_t>((l[2] >> 58 | l[3] << 6) & kMask), static_cast<std::int64_t>(l[3] >> 56)};
}

U256 from_signed62(const Signed62& n) {
    const auto at = [&](std::size_t i) { return static_cast<std::uint64_t>(n[i]); };
    return {at(0) | at(1) << 62, at(1) >> 2 | at(2) << 60, at(2) >> 4 | at(3) << 58,
            at(3) >> 6 | at(4) << 56};
}

/// What a batch of steps does: (f, g) becomes (u·f + v·g, q·f + r·g) / 2^62.
struct Transition {
    std::int64_t u, v, q, r;
};

/// 62 division steps on the low bits of f (odd) and g. `eta` is minus delta, rounded.
std::int64_t division_steps(std::int64_t eta, std::uint64_t f, std::uint64_t g, Transition& out) {
    std::uint64_t u = 1;
    std::uint64_t v = 0;
    std::uint64_t q = 0;
    std::uint64_t r = 1;
    int left = kBatch;
    for (;;) {
        // Halve g while it is even; the sentinel bit stops at the end of the batch.
        const int zeros = std::countr_zero(g | (~std::uint64_t{0} << left));
        g >>= zeros;
        u <<= zeros;
        v <<= zeros;
        eta -= zeros;
        left -= zeros;
        if (left == 0) break;
        if (eta < 0) {
            // Swap roles: g becomes the odd number that is eliminated with.
            eta = -eta;
            std::swap(f, g);
            g = ~g + 1;
            std::swap(u, q);
            q = ~q + 1;
            std::swap(v, r);
            r = ~r + 1;
        }
        // Add the multiple of f that clears as many low bits of g as the next swap and the batch's end allow:
        // f's inverse to 4 or 6 bits suffices.
        const auto most = std::min<std::int64_t>(eta + 1, left);
        std::uint64_t multiple = 0;
        if (most >= 5) {
            const auto mask = (~std::uint64_t{0} >> (64 - most)) & 63;
            multiple = (f * g * (f * f - 2)) & mask;
        } else {
            const auto mask = (~std::uint64_t{0} >> (64 - most)) & 15;
            const auto inverse = f + (((f + 1) & 4) << 1);
            multiple = ((~inverse + 1) * g) & mask;
        }
        g += f * multiple;
        q += u * multiple;
        r += v * multiple;
    }
    out = {static_cast<std::int64_t>(u), static_cast<std::int64_t>(v), static_cast<std::int64_t>(q),
           static_cast<std::int64_t>(r)};
    return eta;
}

/// Applies the steps to f and g, whose upper limbs beyond `size` are empty. The low 62 bits cancel.
void apply_to_operands(const Transition& t, Signed62& f, Signed62& g, std::size_t size) {
    auto cf = static_cast<Int128>(t.u) * f[0] + static_cast<Int128>(t.v) * g[0];
    auto cg = static_cast<Int128>(t.q) * f[0] + static_cast<Int128>(t.r) * g[0];
    cf >>= kBatch;
    cg >>= kBatch;
    for (std::size_t i = 1; i < size; ++i) {
        cf += static_cast<Int128>(t.u) * f[i] + static_cast<Int128>(t.v) * g[i];
        cg += static_cast<Int128>(t.q) * f[i] + static_cast<Int128>(t.r) * g[i];
        f[i - 1] = static_cast<std::int64_t>(static_cast<std::uint64_t>(cf) & kMask);
        g[i - 1] = static_cast<std::int64_t>(static_cast<std::uint64_t>(cg) & kMask);
        cf >>= kBatch;
        cg >>= kBatch;
    }
    f[size - 1] = static_cast<std::int64_t>(cf);
    g[size - 1] = static_cast<std::int64_t>(cg);
}

/// Applies the steps to the cofactors d and e, both in (−2·modulus, modulus), modulo the modulus: multiples
/// of it are added that make the sums divisible by 2^62 and keep them in that range.
void apply_to_cofactors(const Transition& t, Signed62& d, Signed62& e, const Signed62& modulus,
                        std::uint64_t low_inverse) {
    const auto sign_d = d[4] >> 63;
    const auto sign_e = e[4] >> 63;
    auto md = (t.u & sign_d) + (t.v & sign_e);
    auto me = (t.q & sign_d) + (t.r & sign_e);
    auto cd = static_cast<Int128>(t.u) * d[0] + static_cast<Int128>(t.v) * e[0];
    auto ce = static_cast<Int128>(t.q) * d[0] + static_cast<Int128>(t.r) * e[0];
    md -= static_cast<std::int64_t>(
        (low_inverse * static_cast<std::uint64_t>(cd) + static_cast<std::uint64_t>(md)) & kMask);
    me -= static_cast<std::int64_t>(
        (low_inverse * static_cast<std::uint64_t>(ce) + static_cast<std::uint64_t>(me)) & kMask);
    cd += static_cast<Int128>(modulus[0]) * md;
    ce += static_cast<Int128>(modulus[0]) * me;
    cd >>= kBatch;
    ce >>= kBatch;
    for (std::size_t i = 1; i < 5; ++i) {
        cd += static_cast<Int128>(t.u) * d[i] + static_cast<Int128>(t.v) * e[i] +
              static_cast<Int128>(modulus[i]) * md;
        ce += static_cast<Int128>(t.q) * d[i] + static_cast<Int128>(t.r) * e[i] +
              static_cast<Int128>(modulus[i]) * me;
        d[i - 1] = static_cast<std::int64_t>(static_cast<std::uint64_t>(cd) & kMask);
        e[i - 1] = static_cast<std::int64_t>(static_cast<std::uint64_t>(ce) & kMask);
        cd >>= kBatch;
        ce >>= kBatch;
    }
    d[4] = static_cast<std::int64_t>(cd);
    e[4] = static_cast<std::int64_t>(ce);
}

void propagate_carries(Signed62& n) {
    for (std::size_t i = 0; i < 4; ++i) {
        n[i + 1] += n[i] >> kBatch;
        n[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(n[i]) & kMask);
    }
}

/// d, negated if f is negative, brought from (−2·modulus, modulus) into [0, modulus).
Signed62 normalized(Signed62 d, std::int64_t sign, const Signed62& modulus) {
    const auto add_if_negative = [&] {
        if (d[4] < 0) {
            for (std::size_t i = 0; i < 5; ++i)
                d[i] += modulus[i];
            propagate_carries(d);
        }
    };
    add_if_negative();
    if (sign < 0) {
        for (auto& limb : d)
            limb = -limb;
        propagate_carries(d);
    }
    add_if_negative();
    return d;
}

bool is_zero(const Signed62& n, std::size_t size) {
    std::int64_t any = 0;
    for (std::size_t i = 0; i < size; ++i)
        any |= n[i];
    return any == 0;
}

}  // namespace

U256 modular_inverse(const U256& value, const InverseModulus& modulus) {
    const auto m = to_signed62(modulus.modulus);
    Signed62 d{};
    Signed62 e{1, 0, 0, 0, 0};
    auto f = m;
    auto g = to_signed62(value);
    std::int64_t eta = -1;
    std::size_t size = 5;
    for (;;) {
        Transition t{};
        eta = division_steps(eta, static_cast<std::uint64_t>(f[0]), static_cast<std::uint64_t>(g[0]), t);
        apply_to_cofactors(t, d, e, m, modulus.low_inverse);
        apply_to_operands(t, f, g, size);
        if (is_zero(g, size)) break;
        // Drop the top limb once it is only the sign of the one below.
        const auto top_f = f[size - 1];
        const auto top_g = g[size - 1];
        if (size > 1 && (top_f == 0 || top_f == -1) && (top_g == 0 || top_g == -1)) {
            f[size - 2] |= static_cast<std::int64_t>(static_cast<std::uint64_t>(top_f) << kBatch);
            g[size - 2] |= static_cast<std::int64_t>(static_cast<std::uint64_t>(top_g) << kBatch);
            --size;
        }
    }
    return from_signed62(normalized(d, f[size - 1], m));
}

}  // namespace valence::crypto
