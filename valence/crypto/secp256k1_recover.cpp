// Public key recovery (SEC 1, section 4.1.6): Q = r^-1·(s·R − z·G), where R is the point with x = r and the
// given parity. By hand, because it is what transaction ingest spends its time on: libsecp256k1 as Debian
// builds it needs about twice as long. What makes the difference is the field (four full limbs, assembly with
// two carry chains), a table of R's multiples made without inversion, and inversions shared by a batch.
//
// Signing, where secrets are at stake, stays with libsecp256k1.
#include "valence/crypto/secp256k1_recover.hpp"

#include "valence/crypto/arithmetic/split_multiply.hpp"
#include "valence/crypto/keccak.hpp"
#include "valence/crypto/keccak_batch.hpp"
#include "valence/crypto/secp256k1_field.hpp"

namespace valence::crypto {
namespace secp256k1 {
namespace {

using Affine = AffinePoint<Fe>;
using Jacobian = JacobianPoint<Fe>;

constexpr U256 kOrder = kSecp256k1Order;
constexpr auto kOrderInverseModulus = inverse_modulus(kOrder);

constexpr Affine kGenerator{
    Fe::from({0x59f2815b16f81798, 0x029bfcdb2dce28d9, 0x55a06295ce870b07, 0x79be667ef9dcbbac}),
    Fe::from({0x9c47d08ffb10d4b8, 0xfd17b448a6855419, 0x5da4fbfc0e1108a8, 0x483ada7726a3c465})};

/// A cube root of unity: (x, y) → (β·x, y) multiplies by the λ to which this basis belongs.
constexpr auto kBeta =
    Fe::from({0xc1396c28719501ee, 0x9cf0497512f58995, 0x6e64479eac3434e9, 0x7ae96a2b657c0710});
constexpr GlvBasis kBasis{
    .a1 = {0xe86c90e49284eb15, 0x3086d221a7d46bcd, 0, 0},
    .b1 = {0x6f547fa90abfe4c3, 0xe4437ed6010e8828, 0, 0},
    .a2 = {0x57c1108d9d44cfd8, 0x14ca50f7a8e2f3f6, 1, 0},
    .b2 = {0xe86c90e49284eb15, 0x3086d221a7d46bcd, 0, 0},
    .b2_over_order = {0x3daa8a1471e8ca80, 0xe86c90e49284eb15, 0x3086d221a7d46bcd, 0},
    .b1_over_order = {0x221208ac9df506c6, 0x6f547fa90abfe4c4, 0xe4437ed6010e8828, 0},
};

/// 2^256 modulo the group order, of 129 bits.
constexpr U256 kOrderFold = -kOrder;

/// a · b modulo the group order: what is above 2^256 is folded back until nothing is, three or four times.
U256 multiply_scalars(const U256& a, const U256& b) {
    auto product = multiply_wide(a.limbs, b.limbs);
    for (;;) {
        const Limbs upper{product[4], product[5], product[6], product[7]};
        if ((upper[0] | upper[1] | upper[2] | upper[3]) == 0) break;
        auto folded = multiply_wide(upper, kOrderFold.limbs);
        base::UInt128 carry = 0;
        for (std::size_t i = 0; i < folded.size(); ++i) {
            carry += folded[i];
            if (i < 4) carry += product[i];
            folded[i] = static_cast<std::uint64_t>(carry);
            carry >>= 64;
        }
        product = folded;
    }
    const U256 reduced{product[0], product[1], product[2], product[3]};
    return reduced < kOrder ? reduced : reduced - kOrder;
}

U256 invert_scalar(const U256& a) { return modular_inverse(a, kOrderInverseModulus); }

Affine to_affine(const Jacobian& p, const Fe& z_inverse) {
    const auto zz = square(z_inverse);
    return {p.x * zz, p.y * (zz * z_inverse)};
}

/// Replaces every number by its inverse with one inversion (Montgomery's trick). None is 0. `multiply` and
/// `invert` are the ring's.
template <typename Number, typename Multiply, typename Invert>
void invert_all(std::span<Number> numbers, Multiply multiply, Invert invert) {
    if (numbers.empty()) return;
    std::vector<Number> products{numbers.front()};
    products.reserve(numbers.size());
    for (std::size_t i = 1; i < numbers.size(); ++i)
        products.push_back(multiply(products[i - 1], numbers[i]));
    auto inverse = invert(products.back());
    for (auto i = numbers.size(); i-- > 1;) {
        const auto own = multiply(inverse, products[i - 1]);
        inverse = multiply(inverse, numbers[i]);
        numbers[i] = own;
    }
    numbers.front() = inverse;
}

void invert_all(std::span<Fe> numbers) {
    invert_all(
        numbers, [](const Fe& a, const Fe& b) { return a * b; }, [](const Fe& a) { return a.inverse(); });
}

/// Odd multiples of G and of 2^128·G, for the two halves of a scalar. 128 KiB: most of what a core's
/// second-level cache can spare.
class GeneratorTable {
public:
    static constexpr unsigned kWidth = 12;
    static constexpr std::size_t kSize = std::size_t{1} << (kWidth - 2);

    GeneratorTable() {
        auto upper = Jacobian::from(kGenerator);
        for (int i = 0; i < 128; ++i)
            upper = twice(upper);
        low_ = odd_multiples(kGenerator);
        high_ = odd_multiples(to_affine(upper, upper.z.inverse()));
    }

    std::span<const Affine> low() const { return low_; }
    std::span<const Affine> high() const { return high_; }

private:
    static std::vector<Affine> odd_multiples(const Affine& p) {
        const auto double_p = twice(Jacobian::from(p));
        const auto step = to_affine(double_p, double_p.z.inverse());
        std::vector<Jacobian> sums{Jacobian::from(p)};
        std::vector<Fe> z_inverses{Fe::one()};
        for (std::size_t i = 1; i < kSize; ++i) {
            sums.push_back(sums.back() + step);
            z_inverses.push_back(sums.back().z);
        }
        invert_all(z_inverses);
        std::vector<Affine> table;
        for (std::size_t i = 0; i < kSize; ++i)
            table.push_back(to_affine(sums[i], z_inverses[i]));
        return table;
    }

    std::vector<Affine> low_, high_;
};

const GeneratorTable& generator_table() {
    static const GeneratorTable table;
    return table;
}

/// p + q, whatever they are, where p is on an image of the curve to which q goes by (x·f², y·f³).
[[gnu::always_inline]] inline Jacobian add_from_curve(const Jacobian& p, const Affine& q, const Fe& f) {
    if (!p.is_infinity()) return add_scaled(p, q, p.z * f);
    const auto ff = square(f);
    return Jacobian::from(Affine{q.x * ff, q.y * (ff * f)});
}

/// g·G + k·p.
Jacobian multiply_generator_and(const U256& g, const Affine& p, const U256& k) {
    constexpr unsigned kWidth = 5;
    const auto& generator = generator_table();
    const OddMultiples<Fe, 1u << (kWidth - 2)> multiples{p};
    const auto images = endomorphism_of(multiples.points, kBeta);
    const auto halves = split_scalar(k, kBasis);
    const std::array own{DigitStream<Fe>{halves.k1, kWidth, multiples.points},
                         DigitStream<Fe>{halves.k2, kWidth, images}};
    const std::array generators{
        DigitStream<Fe>{{{g.limbs[0], g.limbs[1], 0, 0}}, GeneratorTable::kWidth, generator.low()},
        DigitStream<Fe>{{{g.limbs[2], g.limbs[3], 0, 0}}, GeneratorTable::kWidth, generator.high()}};

    const auto size =
        std::max({own[0].form.size, own[1].form.size, generators[0].form.size, generators[1].form.size});
    Jacobian sum;
    for (auto position = size; position-- > 0;) {
        sum = twice(sum);
        for (const auto& stream : own) {
            if (const int digit = stream.digit(position); digit != 0)
                sum = sum + select(stream.odd_multiples, digit);
        }
        for (const auto& stream : generators) {
            if (const int digit = stream.digit(position); digit != 0) {
                sum = add_from_curve(sum, select(stream.odd_multiples, digit), multiples.z);
            }
        }
    }
    sum.z = sum.z * multiples.z;
    return sum;
}

bool is_scalar(const U256& n) { return !n.is_zero() && n < kOrder; }

/// The point with this x, which is below the group order and so below p, and parity of y.
std::optional<Affine> lift_x(const U256& x, bool y_odd) {
    const auto fx = Fe::from(x);
    const auto yy = square(fx) * fx + Fe::from(7);
    const auto candidate = square_root_candidate(yy);
    if (square(candidate) != yy) return std::nullopt;
    // No point of the curve has y = 0, so exactly one of ±y is odd.
    const auto y = candidate.to_number();
    const auto is_odd = (y.limbs[0] & 1) != 0;
    return Affine{fx, Fe::from(is_odd == y_odd ? y : kFieldPrime - y)};
}

/// The public key; infinity if there is none.
Jacobian recover_key(const Hash& digest, const Signature& signature, const U256& r_inverse) {
    const auto nonce_point = lift_x(signature.r, signature.y_odd);
    if (!nonce_point) return {};
    auto z = U256::from_hash(digest);
    if (z >= kOrder) z -= kOrder;
    const auto u1 = multiply_scalars(z, r_inverse);
    const auto u2 = multiply_scalars(signature.s, r_inverse);
    return multiply_generator_and(u1.is_zero() ? u1 : kOrder - u1, *nonce_point, u2);
}

using KeyBytes = std::array<std::uint8_t, 64>;

/// What an address is the hash of.
void store_key(const Affine& key, KeyBytes& bytes) {
    key.x.to_number().store_be32(bytes.data());
    key.y.to_number().store_be32(bytes.data() + 32);
}

/// As many as share an inversion: enough for its cost to vanish, few enough to stay in the first-level cache.
constexpr std::size_t kBatch = 64;

void recover_batch(std::span<const RecoverRequest> requests, std::span<std::optional<Address>> addresses) {
    std::array<std::size_t, kBatch> valid;
    std::array<U256, kBatch> r_inverses;
    std::size_t count = 0;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const auto& signature = requests[i].signature;
        addresses[i].reset();
        if (!is_scalar(signature.r) || !is_scalar(signature.s)) continue;
        r_inverses[count] = signature.r;
        valid[count++] = i;
    }
    invert_all(std::span{r_inverses}.first(count), multiply_scalars, invert_scalar);

    std::array<Jacobian, kBatch> keys;
    std::array<Fe, kBatch> z_inverses;
    std::size_t found = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const auto& request = requests[valid[i]];
        const auto key = recover_key(request.digest, request.signature, r_inverses[i]);
        if (key.is_infinity()) continue;
        keys[found] = key;
        z_inverses[found] = key.z;
        valid[found++] = valid[i];
    }
    invert_all(std::span{z_inverses}.first(found));
    std::array<KeyBytes, kBatch> bytes;
    std::array<BytesView, kBatch> views;
    std::array<Hash, kBatch> hashes;
    for (std::size_t i = 0; i < found; ++i) {
        store_key(to_affine(keys[i], z_inverses[i]), bytes[i]);
        views[i] = bytes[i];
    }
    keccak256_batch(std::span{views}.first(found), std::span{hashes}.first(found));
    for (std::size_t i = 0; i < found; ++i)
        addresses[valid[i]] = from_right_aligned<Address>(hashes[i]);
}

}  // namespace
}  // namespace secp256k1

void recover_addresses(std::span<const RecoverRequest> requests,
                       std::span<std::optional<Address>> addresses) {
    VALENCE_CHECK(requests.size() == addresses.size());
    while (!requests.empty()) {
        const auto size = std::min(requests.size(), secp256k1::kBatch);
        secp256k1::recover_batch(requests.first(size), addresses.first(size));
        requests = requests.subspan(size);
        addresses = addresses.subspan(size);
    }
}

std::optional<Address> recover_address(const Hash& digest, const U256& r, const U256& s, bool y_odd) {
    using namespace secp256k1;
    if (!is_scalar(r) || !is_scalar(s)) return std::nullopt;
    const auto key = recover_key(digest, {r, s, y_odd}, invert_scalar(r));
    if (key.is_infinity()) return std::nullopt;
    KeyBytes bytes;
    store_key(to_affine(key, key.z.inverse()), bytes);
    return from_right_aligned<Address>(keccak256(bytes));
}

}  // namespace valence::crypto
