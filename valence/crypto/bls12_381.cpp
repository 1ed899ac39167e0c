#include "valence/crypto/bls12_381.hpp"

#include <blst.h>

namespace valence::crypto::bls12_381 {
namespace {

/// EIP-2537 pads the 48 bytes of an element to 64.
constexpr std::size_t kPadding = 16;
constexpr std::size_t kFpBytes = 48;

constexpr std::array<std::uint8_t, kFpBytes> kPrime = {
    0x1a, 0x01, 0x11, 0xea, 0x39, 0x7f, 0xe6, 0x9a, 0x4b, 0x1b, 0xa7, 0xb6, 0x43, 0x4b, 0xac, 0xd7,
    0x64, 0x77, 0x4b, 0x84, 0xf3, 0x85, 0x12, 0xbf, 0x67, 0x30, 0xd2, 0xa0, 0xf6, 0xb0, 0xf6, 0x24,
    0x1e, 0xab, 0xff, 0xfe, 0xb1, 0x53, 0xff, 0xff, 0xb9, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xaa, 0xab};

std::optional<blst_fp> decode_fp(BytesView in) {
    const auto padding = in.first(kPadding);
    const auto number = in.subspan(kPadding, kFpBytes);
    if (std::any_of(padding.begin(), padding.end(), [](auto b) { return b != 0; })) return std::nullopt;
    if (std::memcmp(number.data(), kPrime.data(), kFpBytes) >= 0) return std::nullopt;
    blst_fp out;
    blst_fp_from_bendian(&out, number.data());
    return out;
}

std::optional<blst_fp2> decode_fp2(BytesView in) {
    const auto real = decode_fp(in.first(kFpSize));
    const auto imaginary = decode_fp(in.subspan(kFpSize, kFpSize));
    if (!real || !imaginary) return std::nullopt;
    return blst_fp2{{*real, *imaginary}};
}

void encode(const blst_fp& element, std::uint8_t* out) { blst_bendian_from_fp(out + kPadding, &element); }

void encode(const blst_fp2& element, std::uint8_t* out) {
    encode(element.fp[0], out);
    encode(element.fp[1], out + kFpSize);
}

/// What differs between the two groups, so that the rest is written once. blst represents an affine point at
/// infinity by zeros, as the EIP does.
struct G1 {
    using Affine = blst_p1_affine;
    using Point = blst_p1;
    static constexpr std::size_t kSize = kG1Size;
    static auto decode_coordinate(BytesView in) { return decode_fp(in); }
    static bool on_curve(const Affine& p) { return blst_p1_affine_on_curve(&p); }
    static bool in_group(const Affine& p) { return blst_p1_affine_in_g1(&p); }
    static bool is_infinity(const Affine& p) { return blst_p1_affine_is_inf(&p); }
    static void from_affine(Point& out, const Affine& p) { blst_p1_from_affine(&out, &p); }
    static void to_affine(Affine& out, const Point& p) { blst_p1_to_affine(&out, &p); }
    static void add(Point& sum, const Affine& p) { blst_p1_add_or_double_affine(&sum, &sum, &p); }
    static void multiply(Point& p, const byte* scalar, std::size_t bits) {
        blst_p1_mult(&p, &p, scalar, bits);
    }
    static std::size_t scratch_size(std::size_t terms) {
        return blst_p1s_mult_pippenger_scratch_sizeof(terms);
    }
    static void multiply_all(Point& out, const Affine* const points[], std::size_t terms,
                             const byte* const scalars[], std::size_t bits, limb_t* scratch) {
        blst_p1s_mult_pippenger(&out, points, terms, scalars, bits, scratch);
    }
};

struct G2 {
    using Affine = blst_p2_affine;
    using Point = blst_p2;
    static constexpr std::size_t kSize = kG2Size;
    static auto decode_coordinate(BytesView in) { return decode_fp2(in); }
    static bool on_curve(const Affine& p) { return blst_p2_affine_on_curve(&p); }
    static bool in_group(const Affine& p) { return blst_p2_affine_in_g2(&p); }
    static bool is_infinity(const Affine& p) { return blst_p2_affine_is_inf(&p); }
    static void from_affine(Point& out, const Affine& p) { blst_p2_from_affine(&out, &p); }
    static void to_affine(Affine& out, const Point& p) { blst_p2_to_affine(&out, &p); }
    static void add(Point& sum, const Affine& p) { blst_p2_add_or_double_affine(&sum, &sum, &p); }
    static void multiply(Point& p, const byte* scalar, std::size_t bits) {
        blst_p2_mult(&p, &p, scalar, bits);
    }
    static std::size_t scratch_size(std::size_t terms) {
        return blst_p2s_mult_pippenger_scratch_sizeof(terms);
    }
    static void multiply_all(Point& out, const Affine* const points[], std::size_t terms,
                             const byte* const scalars[], std::size_t bits, limb_t* scratch) {
        blst_p2s_mult_pippenger(&out, points, terms, scalars, bits, scratch);
    }
};

/// A point on the curve, of whatever order.
template <typename Group>
std::optional<typename Group::Affine> decode_point(BytesView in) {
    const auto x = Group::decode_coordinate(in.first(Group::kSize / 2));
    const auto y = Group::decode_coordinate(in.subspan(Group::kSize / 2, Group::kSize / 2));
    if (!x || !y) return std::nullopt;
    const typename Group::Affine point{*x, *y};
    if (!Group::is_infinity(point) && !Group::on_curve(point)) return std::nullopt;
    return point;
}

template <typename Group>
std::optional<typename Group::Affine> decode_group_element(BytesView in) {
    const auto point = decode_point<Group>(in);
    if (!point || !Group::in_group(*point)) return std::nullopt;
    return point;
}

template <typename Group>
Bytes encode_point(const typename Group::Point& point) {
    typename Group::Affine affine;
    Group::to_affine(affine, point);
    Bytes out(Group::kSize);
    encode(affine.x, out.data());
    encode(affine.y, out.data() + Group::kSize / 2);
    return out;
}

template <typename Group>
std::optional<Bytes> add(BytesView pair) {
    if (pair.size() != 2 * Group::kSize) return std::nullopt;
    const auto a = decode_point<Group>(pair.first(Group::kSize));
    const auto b = decode_point<Group>(pair.subspan(Group::kSize));
    if (!a || !b) return std::nullopt;
    typename Group::Point sum;
    Group::from_affine(sum, *a);
    Group::add(sum, *b);
    return encode_point<Group>(sum);
}

template <typename Group>
std::optional<Bytes> msm(BytesView terms) {
    constexpr auto kTermSize = Group::kSize + kScalarSize;
    constexpr std::size_t kScalarBits = 255;
    if (terms.empty() || terms.size() % kTermSize != 0) return std::nullopt;

    std::vector<typename Group::Affine> points;
    std::vector<blst_scalar> scalars;
    points.reserve(terms.size() / kTermSize);
    scalars.reserve(terms.size() / kTermSize);
    for (; !terms.empty(); terms = terms.subspan(kTermSize)) {
        const auto point = decode_group_element<Group>(terms.first(Group::kSize));
        if (!point) return std::nullopt;
        // Reduced modulo the group order; blst expects terms that contribute something.
        blst_scalar scalar;
        const bool nonzero = blst_scalar_from_be_bytes(&scalar, terms.data() + Group::kSize, kScalarSize);
        if (!nonzero || Group::is_infinity(*point)) continue;
        points.push_back(*point);
        scalars.push_back(scalar);
    }

    typename Group::Point sum{};
    if (points.size() == 1) {
        Group::from_affine(sum, points[0]);
        Group::multiply(sum, scalars[0].b, kScalarBits);
    } else if (!points.empty()) {
        // A null after the first pointer says that the rest follows it in memory.
        const typename Group::Affine* const point_list[] = {points.data(), nullptr};
        const byte* const scalar_list[] = {scalars[0].b, nullptr};
        std::vector<limb_t> scratch(Group::scratch_size(points.size()) / sizeof(limb_t));
        Group::multiply_all(sum, point_list, points.size(), scalar_list, kScalarBits, scratch.data());
    }
    return encode_point<Group>(sum);
}

}  // namespace

std::optional<Bytes> g1_add(BytesView pair) { return add<G1>(pair); }
std::optional<Bytes> g2_add(BytesView pair) { return add<G2>(pair); }
std::optional<Bytes> g1_msm(BytesView terms) { return msm<G1>(terms); }
std::optional<Bytes> g2_msm(BytesView terms) { return msm<G2>(terms); }

std::optional<bool> pairing_check(BytesView pairs) {
    constexpr auto kPairSize = kG1Size + kG2Size;
    if (pairs.empty() || pairs.size() % kPairSize != 0) return std::nullopt;

    std::vector<blst_p1_affine> ps;
    std::vector<blst_p2_affine> qs;
    for (; !pairs.empty(); pairs = pairs.subspan(kPairSize)) {
        const auto p = decode_group_element<G1>(pairs.first(kG1Size));
        const auto q = decode_group_element<G2>(pairs.subspan(kG1Size, kG2Size));
        if (!p || !q) return std::nullopt;
        // e(P, Q) = 1 if either is infinity, which the Miller loop does not handle.
        if (blst_p1_affine_is_inf(&*p) || blst_p2_affine_is_inf(&*q)) continue;
        ps.push_back(*p);
        qs.push_back(*q);
    }
    if (ps.empty()) return true;

    const blst_p1_affine* const p_list[] = {ps.data(), nullptr};
    const blst_p2_affine* const q_list[] = {qs.data(), nullptr};
    blst_fp12 product;
    blst_miller_loop_n(&product, q_list, p_list, ps.size());
    blst_final_exp(&product, &product);
    return blst_fp12_is_one(&product);
}

std::optional<Bytes> map_fp_to_g1(BytesView element) {
    if (element.size() != kFpSize) return std::nullopt;
    const auto u = decode_fp(element);
    if (!u) return std::nullopt;
    blst_p1 point;
    blst_map_to_g1(&point, &*u, nullptr);
    return encode_point<G1>(point);
}

std::optional<Bytes> map_fp2_to_g2(BytesView element) {
    if (element.size() != 2 * kFpSize) return std::nullopt;
    const auto u = decode_fp2(element);
    if (!u) return std::nullopt;
    blst_p2 point;
    blst_map_to_g2(&point, &*u, nullptr);
    return encode_point<G2>(point);
}

}  // namespace valence::crypto::bls12_381
