#include "valence/crypto/bls_signature.hpp"

#include <blst.h>
#include <openssl/crypto.h>

#include "valence/crypto/keccak.hpp"

namespace valence::crypto::bls {
namespace {

constexpr std::size_t kWeightSize = 16;

/// blst's scalar, wiped when it goes.
struct Scalar {
    blst_scalar value{};
    Scalar() = default;
    Scalar(const Scalar&) = delete;
    Scalar& operator=(const Scalar&) = delete;
    ~Scalar() { OPENSSL_cleanse(&value, sizeof value); }
};

blst_p1 hash_to_group(BytesView message, std::string_view domain) {
    const auto tag = base::as_bytes(domain);
    blst_p1 point;
    blst_hash_to_g1(&point, message.data(), message.size(), tag.data(), tag.size(), nullptr, 0);
    return point;
}

blst_p1_affine affine(const blst_p1& point) {
    blst_p1_affine out;
    blst_p1_to_affine(&out, &point);
    return out;
}

/// blst's decompression refuses what is not canonical or not on the curve.
std::optional<blst_p1_affine> decode(const Signature& signature) {
    blst_p1_affine point;
    if (blst_p1_uncompress(&point, signature.data()) != BLST_SUCCESS) return std::nullopt;
    if (blst_p1_affine_is_inf(&point) || !blst_p1_affine_in_g1(&point)) return std::nullopt;
    return point;
}

/// Whether e(signature, generator) = e(hash, key).
bool pairs(const blst_p1_affine& signature, const blst_p1_affine& hash, const blst_p2_affine& key) {
    const blst_p1_affine points[] = {signature, hash};
    const blst_p2_affine twists[] = {BLS12_381_NEG_G2, key};
    const blst_p1_affine* const point_list[] = {points, nullptr};
    const blst_p2_affine* const twist_list[] = {twists, nullptr};
    blst_fp12 product;
    blst_miller_loop_n(&product, twist_list, point_list, 2);
    blst_final_exp(&product, &product);
    return blst_fp12_is_one(&product);
}

/// Σ weight · point, of a batch.
class WeightedSum {
public:
    explicit WeightedSum(std::size_t terms) { points_.reserve(terms); }
    void add(const blst_p1_affine& point) { points_.push_back(point); }
    blst_p1_affine over(const std::vector<std::uint8_t>& weights) const {
        // A null after the first pointer says that the rest follows it in memory.
        const blst_p1_affine* const points[] = {points_.data(), nullptr};
        const byte* const scalars[] = {weights.data(), nullptr};
        std::vector<limb_t> scratch(blst_p1s_mult_pippenger_scratch_sizeof(points_.size()) / sizeof(limb_t));
        blst_p1 sum;
        blst_p1s_mult_pippenger(&sum, points, points_.size(), scalars, 8 * kWeightSize, scratch.data());
        return affine(sum);
    }

private:
    std::vector<blst_p1_affine> points_;
};

/// Numbers that whoever made the batch could not know before it was complete, none of them zero.
Bytes weights_of(std::span<const SignedMessage> all, const blst_p2_affine& key) {
    std::array<std::uint8_t, 96> compressed;
    blst_p2_affine_compress(compressed.data(), &key);
    Keccak256 transcript;
    transcript.update(compressed);
    for (const auto& one : all)
        transcript.update(keccak256(one.message)).update(one.signature);
    const auto seed = transcript.finish();
    Bytes weights;
    weights.reserve(all.size() * kWeightSize);
    for (std::uint64_t i = 0; i < all.size(); ++i) {
        const auto word = Keccak256{}.update(seed).update(U256{i}.to_hash()).finish();
        base::append(weights, BytesView{word}.first(kWeightSize));
        weights[weights.size() - kWeightSize] |= 1;
    }
    return weights;
}

}  // namespace

struct Verifier::Point {
    blst_p2_affine affine;
};

std::optional<SecretKey> SecretKey::from_bytes(BytesView bytes) {
    if (bytes.size() != 32) return std::nullopt;
    Scalar scalar;
    blst_scalar_from_bendian(&scalar.value, bytes.data());
    if (!blst_sk_check(&scalar.value)) return std::nullopt;
    SecretKey key;
    std::copy(bytes.begin(), bytes.end(), key.scalar_.begin());
    return key;
}

std::optional<SecretKey> SecretKey::generate(BytesView random) {
    if (random.size() < 32) return std::nullopt;
    Scalar scalar;
    blst_keygen(&scalar.value, random.data(), random.size(), nullptr, 0);
    SecretKey key;
    blst_bendian_from_scalar(key.scalar_.data(), &scalar.value);
    return key;
}

SecretKey::~SecretKey() { OPENSSL_cleanse(scalar_.data(), scalar_.size()); }

PublicKey SecretKey::public_key() const {
    Scalar scalar;
    blst_scalar_from_bendian(&scalar.value, scalar_.data());
    blst_p2 point;
    blst_sk_to_pk_in_g2(&point, &scalar.value);
    PublicKey key;
    blst_p2_compress(key.data(), &point);
    return key;
}

Signature SecretKey::sign(BytesView message, std::string_view domain) const {
    Scalar scalar;
    blst_scalar_from_bendian(&scalar.value, scalar_.data());
    const auto hash = hash_to_group(message, domain);
    blst_p1 point;
    blst_sign_pk_in_g2(&point, &hash, &scalar.value);
    Signature signature;
    blst_p1_compress(signature.data(), &point);
    return signature;
}

std::optional<Verifier> Verifier::of(const PublicKey& key) {
    auto point = std::make_shared<Point>();
    if (blst_p2_uncompress(&point->affine, key.data()) != BLST_SUCCESS) return std::nullopt;
    if (blst_p2_affine_is_inf(&point->affine) || !blst_p2_affine_in_g2(&point->affine)) return std::nullopt;
    return Verifier{std::move(point)};
}

bool Verifier::verify(const SignedMessage& one, std::string_view domain) const {
    const auto signature = decode(one.signature);
    return signature && pairs(*signature, affine(hash_to_group(one.message, domain)), key_->affine);
}

bool Verifier::verify_all(std::span<const SignedMessage> all, std::string_view domain) const {
    if (all.empty()) return true;
    // Summing pays from two on, and blst sums no single term.
    if (all.size() == 1) return verify(all[0], domain);
    WeightedSum signatures(all.size());
    WeightedSum hashes(all.size());
    for (const auto& one : all) {
        const auto signature = decode(one.signature);
        if (!signature) return false;
        signatures.add(*signature);
        hashes.add(affine(hash_to_group(one.message, domain)));
    }
    const auto weights = weights_of(all, key_->affine);
    return pairs(signatures.over(weights), hashes.over(weights), key_->affine);
}

}  // namespace valence::crypto::bls
