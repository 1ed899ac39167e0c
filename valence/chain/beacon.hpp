// The beacon: each block's randomness, PREVRANDAO to contracts. The sequencer signs the block's number with
// the BLS key that the genesis names; a key has one signature on a message, so nobody can choose it and
// nobody but the holder of the key knows it before the block is there. See docs/chain.md.
#pragma once

#include <optional>

#include "valence/chain/block.hpp"
#include "valence/crypto/bls_signature.hpp"

namespace valence::chain {

struct RuleSet;

using BeaconSignature = crypto::bls::Signature;

/// The domain separation tag of beacons: RFC 9380's suite under a name of our own.
inline constexpr std::string_view kBeaconDomain = "VALENCE-V01-BEACON-BLS12381G1_XMD:SHA-256_SSWU_RO_";

/// What is signed: chain id and number, 8 bytes each, big-endian.
std::array<std::uint8_t, 16> beacon_message(std::uint64_t chain_id, std::uint64_t number);

/// The mix hash of a block with this beacon: keccak256(signature ‖ data-availability header's hash).
Hash beacon_mix(const BeaconSignature& signature, const Hash& da_header);

/// The mix hash of a fallback block, which has no beacon: keccak256("valence fallback" ‖ data-availability
/// header's hash). Whoever makes the layer's blocks has a say in it.
Hash fallback_mix(const Hash& da_header);

/// Whether a block has a beacon where the rules name a key, and only there, and its mix hash is made of it.
/// The signature itself is not looked at. Errors: beacon_missing, beacon_unexpected, beacon_mix_wrong.
Result<void> validate_beacon_mix(const RuleSet& rules, const Header& header,
                                 const std::optional<BeaconSignature>& beacon, const Hash& da_header);

/// The hash of the data-availability header that a block refers to in its first transaction; zero where it
/// refers to none.
Hash da_header_hash(const RuleSet& rules, const Block& block);

/// The key of development chains: keccak256("valence development beacon key"). Everybody knows it, and so
/// what the blocks to come will have for randomness.
const crypto::bls::SecretKey& development_beacon_key();

}  // namespace valence::chain
