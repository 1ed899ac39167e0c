#include "valence/chain/inference/registry_view.hpp"

#include "valence/chain/inference/inference_rules.hpp"
#include "valence/crypto/keccak.hpp"

namespace valence::chain {

U256 policy_slot(const ml::ModelId& id) {
    return U256::from_hash(crypto::Keccak256{}.update(id.bytes).update(Hash{}).finish());
}

ModelPolicy read_policy(state::JournaledState& state, const ml::ModelId& id) {
    return decode_policy(state.storage(kModelRegistry, policy_slot(id)));
}

ModelPolicy decode_policy(const U256& word) {
    ModelPolicy policy;
    policy.owner = base::from_right_aligned<Address>(word.to_hash());
    const auto above = word >> 160;
    policy.modes = static_cast<outcome::ModeSet>(above.low_u64());
    policy.royalty = static_cast<std::uint16_t>(above.low_u64() >> 16);
    policy.opens_at = (above >> 32).low_u64();
    return policy;
}

U256 encode_policy(const ModelPolicy& policy) {
    return U256::from_address(policy.owner) | (U256{policy.modes} << 160) | (U256{policy.royalty} << 176) |
           (U256{policy.opens_at} << 192);
}

}  // namespace valence::chain
