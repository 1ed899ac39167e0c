// What the inferences of one transaction came to. Kept outside the journal: a frame that reverts keeps the
// outcomes it used, and whoever computed them is paid.
#pragma once

#include <optional>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "valence/outcome/settled.hpp"

namespace valence::chain {

/// Where execution finds outcomes. Sequencer, full node, simulation and tracer each bring their own.
class OutcomeSource {
public:
    virtual ~OutcomeSource() = default;
    /// Null when it is not known (yet). Stays valid while the transaction runs.
    virtual const outcome::Outcome* find(const outcome::JobId& id, const outcome::Job& job) = 0;
};

/// A job that was asked for and whose outcome was known.
struct UsedOutcome {
    outcome::JobId id;
    Address payee;
    Address model_owner;
    /// The owner's parts in 10,000.
    std::uint16_t royalty = 0;
    /// The compute part of its fee.
    std::uint64_t compute_gas = 0;
    bool is_available = true;
};

/// Jobs of a block that were used so far.
using JobSet = boost::unordered_flat_set<outcome::JobId, std::hash<outcome::JobId>>;

struct NeededJob {
    outcome::JobId id;
    outcome::Job job;
    /// Multiply-accumulates of running the model once, and bytes of its weights: for whoever places the job.
    std::uint64_t work = 0;
    std::uint64_t model_bytes = 0;
};

/// What a system transaction's contract pays for the jobs of its delivery.
struct Settlement {
    /// Wei per gas: at most 64 bits, so that no sum overflows.
    U256 price;
    /// How many of those used are meant: the first ones.
    std::size_t uses = 0;
};

/// Whether a transaction can open models: only one that is sent to the registry itself. Forced transactions
/// are in their block whatever they do, so they are never sent there: whether a node has a model's file must
/// not decide whether there can be a block at all.
enum class Opening : std::uint8_t { refused, possible };

struct InferenceRecord {
    /// In the order of use; a job that is used twice is here twice.
    std::vector<UsedOutcome> used;
    /// Why the run was abandoned, where it was: outcomes that nobody knew,
    std::vector<NeededJob> needed;
    /// files of models that this node does not have,
    std::vector<ml::ModelId> missing_models;
    /// or an outcome that cannot be one of its job's: whatever block holds it is invalid.
    std::optional<Error> flaw;

    /// Of a system transaction: the contract it calls. Only that one's own inferences are paid from the
    /// compute pool, for they were prepaid; and no model is opened, since whether a node has its file must
    /// not decide what is due.
    std::optional<Address> system_contract;
    Opening opening = Opening::refused;
    /// Nothing until it settles.
    std::optional<Settlement> settlement;

    /// Models whose files the run read, to check their weights: whoever executes it needs them.
    std::vector<ml::ModelId> read_models;

    /// Models whose keys were read so far.
    boost::unordered_flat_set<ml::ModelId, std::hash<ml::ModelId>> read_keys;
    /// Inferences asked for so far.
    std::uint32_t count = 0;
    /// What is left of the gas above the cap on execution: only compute parts are paid from it.
    std::uint64_t compute_pool = 0;
    /// What compute parts may still take of the gas of execution: the rest is the floor's (EIP-7623), so that
    /// both can be paid in full.
    std::uint64_t compute_allowance = 0;
    /// All compute parts that were taken.
    std::uint64_t compute_gas = 0;
    /// What of them was taken from the gas of execution.
    std::uint64_t compute_from_execution = 0;
};

}  // namespace valence::chain
