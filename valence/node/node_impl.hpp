// The inside of Node: what the chain's thread works on. Only for the sources of this folder.
#pragma once

#include <map>
#include <mutex>
#include <set>

#include "valence/chain/execute_block.hpp"
#include "valence/compute/model_store/model_store.hpp"
#include "valence/derive/derivation.hpp"
#include "valence/node/beacon_signer.hpp"
#include "valence/node/beacon_verifier.hpp"
#include "valence/node/block_time.hpp"
#include "valence/node/chain_thread.hpp"
#include "valence/node/da/block_places.hpp"
#include "valence/node/node.hpp"
#include "valence/node/pre_executor.hpp"
#include "valence/sequencer/block_builder.hpp"
#include "valence/sequencer/block_store.hpp"
#include "valence/sequencer/inference/inference_desk.hpp"
#include "valence/sequencer/inference/parked_journal.hpp"
#include "valence/state/state_database.hpp"

namespace valence::node {

/// What dev controls set about the blocks to come.
struct Settings {
    MiningMode mining;
    BlockTime time;
    Address coinbase;
    std::uint64_t gas_limit = 0;
    std::optional<U256> next_base_fee;
    std::optional<Hash> next_prev_randao;
    Node::Impersonation impersonation = Node::Impersonation::listed;
    std::set<Address> impersonated;
};

/// Under automine nobody would wait for the base fee to fall: no blocks come by themselves.
inline sequencer::BelowBaseFee below_base_fee(const MiningMode& mode) {
    return std::holds_alternative<Automine>(mode) ? sequencer::BelowBaseFee::refuse
                                                  : sequencer::BelowBaseFee::wait;
}

struct Snapshot {
    std::uint64_t number = 0;
    Hash hash;
    BlockTime time;
    state::StateChanges poked;
    std::vector<sequencer::PooledTransaction> pool;
};

/// What a run of transactions in the block with this number was abandoned for.
struct Wanting {
    std::uint64_t number = 0;
    std::vector<sequencer::Needing> needing;
    std::vector<sequencer::TurnedAwayRun> turned_away;
    std::optional<sequencer::NeedingDelivery> delivery;
    bool deliveries_took = false;

    explicit Wanting(sequencer::BuiltBlock& built)
        : number(built.block.number()),
          needing(std::move(built.needing)),
          turned_away(std::move(built.turned_away)),
          delivery(std::move(built.system.needing)),
          deliveries_took(built.deliveries_took) {}
    bool empty() const { return needing.empty() && turned_away.empty() && !delivery && !deliveries_took; }
};

class Node::Impl {
public:
    Impl(NodeConfig given, std::unique_ptr<state::StateDatabase> database,
         std::shared_ptr<compute::ModelStore> models);

    ~Impl();

    // ---- Start (node_start.cpp)

    /// Error: other_beacon_key, genesis_malformed.
    Result<void> open_beacon();
    Result<void> open_chain();
    void start();
    /// Any thread: without the model this node could not follow the chain.
    bool is_open_for_replay(const ml::ModelId& id) const;

    // ---- Building (node_build.cpp); on the chain's thread where nothing else is said

    /// Any thread. It refers to no height of the layer above `most`.
    sequencer::BlockPlan plan(std::uint64_t most = std::numeric_limits<std::uint64_t>::max()) const;
    /// Any thread.
    sequencer::NextBlock next_block() const;
    enum class EmptyBlocks : std::uint8_t { built, left_out };
    /// Null when it would have been empty and those are left out.
    Result<sequencer::SharedBlock> build_block(EmptyBlocks rule = EmptyBlocks::built);
    /// What a block could hold now. Any thread.
    sequencer::Candidates candidates() const;
    /// Error: what the gate says; told as trouble when it closes.
    Result<void> pass_gate();
    /// Gives a planned block its reference to the layer, and what it owes because of that; none where the
    /// layer is not known far enough. Any thread.
    void refer(sequencer::BlockPlan& plan, std::uint64_t most) const;
    /// Whether a block with this plan can become the chain's. Errors: da_header_unknown, da_header_wrong,
    /// too_far_ahead.
    Result<void> require_layer(const sequencer::BlockPlan& plan) const;
    /// Gives a planned block its beacon. Error: no_beacon_key.
    Result<void> set_beacon(sequencer::BlockPlan& plan);
    /// What building a block, or a trial, found to be missing.
    void take_in(const Wanting& wanting);
    /// Sets those free whose parked transaction is no longer in the pool. Any thread.
    void sweep_parked();
    /// Writes down which transactions are parked.
    void journal_parked();
    /// Any thread: a transaction that waited for outcomes can go on.
    void outcomes_arrived();
    /// Builds blocks as long as there is something to put into them: transactions, and answers to requests.
    void automine();
    /// Whether the Scheduler has requests in line, and none of them waits for an outcome.
    bool requests_wait() const;
    void on_interval();
    void schedule_interval();
    /// Makes an executed block the head, durably.
    Result<sequencer::SharedBlock> commit(sequencer::BuiltBlock built, const state::PreparedCommit& prepared);
    /// Shows the head with what was poked since to readers and to the pool.
    void show_head(sequencer::SharedBlock block);
    /// The same after the state was changed anywhere.
    void reset_pool();

    // ---- Import (node_import.cpp)

    Result<void> import_block(chain::Block block, chain::Supplement supplement, outcome::ModelSource& models);
    /// Whether the state before all blocks that are not derived yet is kept with a block of this number.
    /// Error: too_far_ahead where this node reads the layer, and should do that first.
    Result<void> require_derivable(std::uint64_t number) const;
    /// Whether the block follows the rules that need no execution. `beacon`: whether a fallback block is one.
    enum class Beacon : std::uint8_t { required, or_fallback };
    Result<void> check_block(const chain::Block& block, const chain::Supplement& supplement,
                             const sequencer::StoredBlock& parent, Beacon beacon);
    /// Executes a block on the head, with the forced transactions that it owes and these files of models, and
    /// makes it the head.
    Result<void> adopt_next(chain::Block block, const Hash& hash, chain::Supplement supplement,
                            std::span<const chain::ForcedTransaction> due, outcome::ModelSource& models);
    /// The block executed on a state, without anything being kept.
    struct Executed {
        chain::BlockResult result;
        state::StateChanges changes;
        std::vector<Address> senders;
    };
    Result<Executed> execute(const chain::Block& block, std::span<const outcome::Settled> outcomes,
                             const std::shared_ptr<const state::StateReader>& before,
                             std::span<const chain::ForcedTransaction> due, outcome::ModelSource& models);
    /// The block executed on the state after a block of the chain, its state root too: nothing is kept, the
    /// head stays. Errors: StateError::pruned where that state is not kept.
    Result<Executed> try_on(std::uint64_t parent, const chain::Block& block,
                            std::span<const outcome::Settled> outcomes,
                            std::span<const chain::ForcedTransaction> due, outcome::ModelSource& models);
    /// Makes a block that was executed on the head's state the head.
    Result<void> adopt_executed(chain::Block block, const Hash& hash, chain::Supplement supplement,
                                std::span<const chain::ForcedTransaction> due, Executed executed);
    Result<void> reorganise_to(const sequencer::StoredBlock& tip);

    // ---- Derivation (node_derive.cpp)

    /// What the next block's parent refers to. Error: system_transaction_missing.
    Result<chain::DaHeader> reference_of(const chain::Block& block) const;
    Result<void> adopt_derived(chain::Block block, chain::Supplement supplement,
                               std::span<const chain::ForcedTransaction> due, outcome::ModelSource& models);
    Result<AdoptedFallback> adopt_fallback(const derive::Fallback& fallback, outcome::ModelSource& models);
    /// Takes the blocks above off the chain and runs `adopt`, of which is known that it can only fail for the
    /// disk: whoever posts what is not valid must not be able to move the head. What they held goes to the
    /// pool again.
    Result<void> replace_above(std::uint64_t number, const std::function<Result<void>()>& adopt);
    void pool_again(std::span<const sequencer::SharedBlock> left);
    void layer_advanced();

    // ---- Dev controls (node_dev.cpp)

    Result<void> unwind_to(std::uint64_t number);
    /// Error: already_safe where the chain is derived from a layer, and was further than that.
    Result<void> require_unsafe_above(std::uint64_t number) const;
    void poke(const Address& account,
              const std::function<void(state::StateChanges&, state::AccountChange&)>& how);

    std::uint64_t clock_seconds() const;

    NodeConfig config;
    std::unique_ptr<state::StateDatabase> database;
    std::shared_ptr<compute::ModelStore> model_store;
    sequencer::BlockStore blocks;
    BlockPlaces block_places{database->chain()};
    ChainReader reader;
    CanonicalHashes hashes{reader};
    sequencer::Mempool pool;
    sequencer::BlockBuilder builder;
    chain::ModelCatalogue catalogue;
    outcome::VerifiedProofs verified_proofs;
    chain::ProvableOfState provable{catalogue, [this] { return reader.head().state; }};
    /// From open_chain() on.
    std::shared_ptr<const chain::DaHeaders> da_headers;
    sequencer::OutcomePool simulated;
    /// Half of the processors, at work of ten milliseconds and more: the rest of the node goes on.
    SimulationSlots simulation_slots{std::max(1U, std::thread::hardware_concurrency() / 2),
                                     std::uint64_t{1} << 26};
    /// Null where the rules name no beacon key.
    std::unique_ptr<BeaconVerifier> beacons;
    /// Null where this node does not have the key.
    std::unique_ptr<BeaconSigner> signer;
    /// Runs a transaction that just arrived as if it were the next block's first, so that what it asks models
    /// is under way before it has its turn. On the pre-executor's thread.
    void pre_execute(const sequencer::PooledTransaction& transaction);
    /// Those of them that could be run now. Any thread.
    void offer_to_pre_executor(std::span<const sequencer::PooledTransaction> transactions);

    /// Null, both, where the rules have no inferences.
    std::unique_ptr<sequencer::InferenceDesk> desk;
    sequencer::ParkedJournal parked{database->chain()};
    std::unique_ptr<PreExecutor> pre_executor;
    std::shared_ptr<EventHub> events = std::make_shared<EventHub>();

    /// Guards `settings`.
    mutable std::mutex settings_mutex;
    Settings settings;

    /// Guards `poked`, which only the chain's thread changes: what dev controls changed since the head.
    mutable std::mutex poked_mutex;
    state::StateChanges poked;

    /// Guards `gate`.
    mutable std::mutex gate_mutex;
    Node::BuildingGate gate;
    /// On the chain's thread.
    bool gate_is_closed = false;

    std::map<SnapshotId, Snapshot> snapshots;
    SnapshotId next_snapshot = 1;
    std::optional<Milliseconds> next_interval;

    /// Guards the pending block and lets one thread at a time make it.
    mutable std::mutex pending_mutex;
    mutable std::shared_ptr<const PendingView> pending;
    mutable Hash pending_parent;
    mutable std::uint64_t pending_version = 0;
    mutable std::chrono::steady_clock::time_point pending_made;
    mutable std::chrono::steady_clock::duration pending_took{0};

    /// Last, so that it stops before what it works on goes.
    ChainThread thread;
};

}  // namespace valence::node
