// BeaconVerifier: whether blocks' beacons are signed by the key that the genesis names. Blocks that come many
// at a time are verified together, which costs a fifth, and remembered until each has its turn.
#pragma once

#include <map>
#include <mutex>
#include <span>

#include "valence/chain/beacon.hpp"

namespace valence::node {

/// What is said to be a block's beacon.
struct BeaconClaim {
    std::uint64_t number = 0;
    chain::BeaconSignature signature;
};

/// Thread-safe.
class BeaconVerifier {
public:
    /// Error: genesis_malformed where the rules' key is none.
    static Result<std::unique_ptr<BeaconVerifier>> of(const chain::RuleSet& rules);

    /// Error: beacon_invalid.
    Result<void> verify(const BeaconClaim& claim);
    /// Remembers them where all are right; where not, each is verified when its block's turn comes.
    void verify_ahead(std::span<const BeaconClaim> claims);

private:
    /// Claims remembered: more than a follower fetches at a time.
    static constexpr std::size_t kRemembered = 1'024;

    BeaconVerifier(std::uint64_t chain_id, crypto::bls::Verifier verifier)
        : chain_id_(chain_id), verifier_(std::move(verifier)) {}

    const std::uint64_t chain_id_;
    const crypto::bls::Verifier verifier_;
    std::mutex mutex_;  // guards verified_
    std::map<std::uint64_t, chain::BeaconSignature> verified_;
};

}  // namespace valence::node
