// SystemPart: the system transactions at the beginning of a block that is built.
#pragma once

#include "valence/chain/system/system_line.hpp"
#include "valence/sequencer/inference/inference_desk.hpp"

namespace valence::sequencer {

/// A delivery that asked for what nobody knew yet; the block's deliveries end before it.
struct NeedingDelivery {
    chain::Delivery delivery;
    chain::InferenceRecord record;
};

struct SystemPart {
    std::vector<chain::Transaction> transactions;
    /// Their canonical forms.
    std::vector<Bytes> encoded;
    std::vector<Hash> hashes;
    /// How many requests were answered (or dropped): what somebody waits for.
    std::size_t requests = 0;
    std::optional<NeedingDelivery> needing;
};

/// Whether what is due is delivered, or the block only says which header it refers to (trials of single
/// transactions); or whether none is put off for an outcome that is not there yet.
enum class Deliveries : std::uint8_t { run, left_out, run_at_once };

/// Runs what the rules derive, from the block's beginning. `desk` and `outcomes` may be null: no outcome is
/// known then. Error: what is wrong with an outcome, which a desk refuses before.
Result<SystemPart> build_system_part(chain::SystemLine line, const chain::Header& block,
                                     state::JournaledState& state, Deliveries deliveries,
                                     const InferenceDesk* desk, BuildingOutcomes* outcomes,
                                     const chain::BlockExecution& execution);

}  // namespace valence::sequencer
