#include "valence/node/beacon_verifier.hpp"

#include "valence/chain/rule_set.hpp"

namespace valence::node {

Result<std::unique_ptr<BeaconVerifier>> BeaconVerifier::of(const chain::RuleSet& rules) {
    if (!rules.beacon_key) return std::unique_ptr<BeaconVerifier>{};
    auto verifier = crypto::bls::Verifier::of(*rules.beacon_key);
    if (!verifier)
        return Error{chain::ChainError::genesis_malformed, "beaconKey: not a point of the group G2"};
    return std::unique_ptr<BeaconVerifier>(new BeaconVerifier(rules.chain_id, *std::move(verifier)));
}

Result<void> BeaconVerifier::verify(const BeaconClaim& claim) {
    {
        const std::lock_guard guard(mutex_);
        const auto known = verified_.find(claim.number);
        if (known != verified_.end() && known->second == claim.signature) return base::success();
    }
    const auto message = chain::beacon_message(chain_id_, claim.number);
    if (verifier_.verify({message, claim.signature}, chain::kBeaconDomain)) return base::success();
    return Error{chain::ChainError::beacon_invalid, base::to_hex_prefixed(claim.signature)};
}

void BeaconVerifier::verify_ahead(std::span<const BeaconClaim> claims) {
    std::vector<std::array<std::uint8_t, 16>> messages;
    messages.reserve(claims.size());
    for (const auto& claim : claims)
        messages.push_back(chain::beacon_message(chain_id_, claim.number));
    std::vector<crypto::bls::SignedMessage> batch;
    batch.reserve(claims.size());
    for (std::size_t i = 0; i < claims.size(); ++i)
        batch.push_back({messages[i], claims[i].signature});
    if (!verifier_.verify_all(batch, chain::kBeaconDomain)) return;
    const std::lock_guard guard(mutex_);
    for (const auto& claim : claims)
        verified_.insert_or_assign(claim.number, claim.signature);
    while (verified_.size() > kRemembered)
        verified_.erase(verified_.begin());
}

}  // namespace valence::node
