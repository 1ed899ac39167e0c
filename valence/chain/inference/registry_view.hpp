// What the ModelRegistry contract says about a model, read from its storage.
#pragma once

#include "valence/ml/model/verifying_key.hpp"
#include "valence/outcome/mode.hpp"
#include "valence/state/journaled_state.hpp"

namespace valence::chain {

/// One word of the registry's first mapping (slot 0), lowest bits first: owner (160 bits), modes (16),
/// royalty (16), opens at (64).
struct ModelPolicy {
    Address owner;
    outcome::ModeSet modes = 0;
    /// The owner's parts in 10,000 of the compute part.
    std::uint16_t royalty = 0;
    /// The first block in which the model may be used; 0: it is not open.
    std::uint64_t opens_at = 0;

    bool is_open(std::uint64_t block) const { return opens_at != 0 && block >= opens_at; }
};

/// All zeros for a model that the registry does not know.
ModelPolicy read_policy(state::JournaledState& state, const ml::ModelId& id);

/// From the word.
ModelPolicy decode_policy(const U256& word);

/// The slot that holds it: keccak256(id ‖ 0), as Solidity lays mappings out.
U256 policy_slot(const ml::ModelId& id);
U256 encode_policy(const ModelPolicy& policy);

}  // namespace valence::chain
