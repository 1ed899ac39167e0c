// BLS signatures on BLS12-381 (draft-irtf-cfrg-bls-signature-05), of minimal signature size: signatures are
// 48 bytes, in G1; public keys 96 bytes, in G2; messages are hashed to G1 by RFC 9380's
// BLS12381G1_XMD:SHA-256_SSWU_RO_. The domain separation tag is the caller's: one use, one tag.
//
// A key has exactly one signature on a message, so that a signature is as good as a random number that nobody
// can choose: 48 bytes that decode to the same point are the same bytes (points are compressed, canonical,
// not infinity, in the subgroup). On blst, whose signing takes constant time.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "valence/base/base.hpp"

namespace valence::crypto::bls {

struct Signature : base::FixedBytes<48> {
    using FixedBytes::FixedBytes;
    constexpr auto operator<=>(const Signature&) const = default;
};

struct PublicKey : base::FixedBytes<96> {
    using FixedBytes::FixedBytes;
    constexpr auto operator<=>(const PublicKey&) const = default;
};

/// A secret key: it cannot be printed or compared, and leaves no trace in memory.
class SecretKey {
public:
    /// A number in [1, group order), 32 bytes, big-endian; nothing for any other.
    static std::optional<SecretKey> from_bytes(BytesView bytes);
    /// Of random bytes (32 at least), as the draft's KeyGen makes it.
    static std::optional<SecretKey> generate(BytesView random);
    SecretKey(const SecretKey&) = default;
    SecretKey& operator=(const SecretKey&) = default;
    ~SecretKey();

    PublicKey public_key() const;
    Signature sign(BytesView message, std::string_view domain) const;
    /// For the file it is kept in.
    const std::array<std::uint8_t, 32>& reveal() const { return scalar_; }

private:
    SecretKey() = default;
    /// Big-endian.
    std::array<std::uint8_t, 32> scalar_{};
};

/// A message and what is said to be its signature.
struct SignedMessage {
    BytesView message;
    Signature signature;
};

/// A public key, decoded once. Immutable, thread-safe, cheap to copy.
class Verifier {
public:
    /// Nothing when the key is not the canonical encoding of a point of the subgroup other than infinity.
    static std::optional<Verifier> of(const PublicKey& key);

    bool verify(const SignedMessage& one, std::string_view domain) const;
    /// Whether every one of them is signed: with one pairing check for all, on sums weighted by numbers of
    /// 128 bits that depend on all of the batch. A false one passes with a probability of 2^-128.
    bool verify_all(std::span<const SignedMessage> all, std::string_view domain) const;

private:
    struct Point;
    explicit Verifier(std::shared_ptr<const Point> key) : key_(std::move(key)) {}
    std::shared_ptr<const Point> key_;
};

}  // namespace valence::crypto::bls
