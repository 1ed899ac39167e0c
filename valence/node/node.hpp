// Module node: a chain that runs. It owns the state database, the block store, the pool and the models, and
// it is what the RPC server talks to.
//
//   submit ──► sequencer::Mempool ──► sequencer::BlockBuilder ──► commit (state and block in one batch) ──►
//   events import_block ──► chain::validate, chain::execute_block ─────────┘
//
//   chain_reader.hpp   blocks, receipts, states, proofs: any thread, never waiting
//   events.hpp         new heads, unwound blocks, pending transactions
//   config.hpp         what a node is told when it starts
//   dev_accounts.hpp   accounts from a mnemonic
//   clock.hpp          the time of day, replaceable in tests
//   chain_thread.hpp   the one thread that writes
//
// One thread, the chain's, builds, executes and commits; functions that change the chain hand it their work
// and wait for it. Everything else runs on the caller's thread. All of Node is thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "valence/base/base.hpp"
#include "valence/chain/block.hpp"
#include "valence/chain/supplement.hpp"
#include "valence/derive/derivation.hpp"
#include "valence/node/beacon_verifier.hpp"
#include "valence/node/chain_reader.hpp"
#include "valence/node/config.hpp"
#include "valence/node/da/block_places.hpp"
#include "valence/node/events.hpp"
#include "valence/node/simulation_slots.hpp"
#include "valence/sequencer/inference/outcome_pool.hpp"
#include "valence/sequencer/mempool.hpp"
#include "valence/state/changes.hpp"

namespace valence::compute {
class ModelStore;
}

namespace valence::node {

enum class NodeError {
    /// The data folder holds another genesis.
    other_genesis = 1,
    /// The parent of an imported block is unknown.
    unknown_parent,
    /// The chain would have to unwind further back than its history reaches.
    too_deep,
    /// No such snapshot, or it was used or undone already.
    unknown_snapshot,
    /// A timestamp before the head's.
    time_in_the_past,
    /// A block to go back to, or to declare final, that is not on the chain.
    no_such_block,
    /// The followed node answered something that is no answer.
    upstream_malformed,
    /// The key to sign beacons with is not the one that the genesis names.
    other_beacon_key,
    /// Without the key that the genesis names no block can be built.
    no_beacon_key,
    /// Too many blocks wait to be posted to data availability: no more are built until they are.
    backlog,
    /// The layer is not the one that the genesis names.
    other_layer,
    /// What is in the data-availability layer cannot leave the chain.
    already_safe,
    /// Too many blocks wait to be posted: those to come might come too late.
    too_far_ahead,
};
std::error_code make_error_code(NodeError);

/// The block that would be built now, not sealed: its roots and its hash mean nothing.
struct PendingView {
    /// Header, transactions, receipts and facts as they would be.
    sequencer::SharedBlock block;
    /// After it.
    std::shared_ptr<const state::StateReader> state;
};

/// The head and all of the state after it, taken at one instant.
struct WalkedHead {
    sequencer::SharedBlock block;
    std::unique_ptr<const state::StateWalk> walk;
};

/// A fallback block that was made, and what it refers to.
struct AdoptedFallback {
    Hash hash;
    chain::DaHeader reference;
};

using SnapshotId = std::uint64_t;

class Node {
public:
    /// Opens the chain: makes the genesis, or goes on from the head in the folder. Starts the chain's thread.
    static Result<std::unique_ptr<Node>> open(NodeConfig config);
    /// Stops cleanly: what is under way is finished, nothing new begun.
    ~Node();
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    const NodeConfig& config() const;
    const ChainReader& chain() const;
    const sequencer::Mempool& pool() const;
    /// The files of models that this node keeps.
    compute::ModelStore& model_store();
    std::uint64_t chain_id() const;
    Subscription subscribe(EventHandler handler);

    // ---- Transactions

    /// Admits what can be admitted, in order; for each its hash or why not (chain::ChainError or
    /// sequencer::PoolError, with geth's words). Under automine it returns once those that could be mined are
    /// in a durable block, readable with its receipts.
    std::vector<Result<Hash>> submit(std::vector<sequencer::PoolTransaction> transactions);

    /// The next block as it would be now; made on the caller's thread when pool or head changed since it was
    /// last asked.
    std::shared_ptr<const PendingView> pending() const;
    /// What the next block would be like, without its transactions.
    sequencer::NextBlock next_block() const;
    /// The nonce of the sender's next transaction, behind those in the pool.
    std::uint64_t next_nonce(const Address& sender) const;

    // ---- Blocks from elsewhere

    /// Validates a block in full and adopts it where it extends the head or, before the merge, where its
    /// chain has more total difficulty. A known block is fine; one on a side chain is kept.
    /// Error: model_missing when this node does not have a model's file, which says nothing about the block.
    Result<void> import_block(chain::Block block, chain::Supplement supplement = {});
    /// With these files of models in place of the node's.
    Result<void> import_block(chain::Block block, chain::Supplement supplement, outcome::ModelSource& models);
    /// Verifies the beacons of blocks to be imported, together, which is quicker than one by one; says
    /// nothing: a wrong one shows when its block is imported.
    void verify_beacons(std::span<const BeaconClaim> claims);
    /// Of imported chains; must be canonical.
    Result<void> set_safe_and_finalized(std::uint64_t safe, std::uint64_t finalized);

    /// Whether the genesis names a layer that the chain is derived from.
    bool is_derived() const;

    // ---- Blocks from the data-availability layer, which are the chain's whatever it was before

    /// Makes it the block of its number, whose parent must be on the chain: validates it in full, with the
    /// forced transactions that it owes and these files of models. Blocks that were there leave, their
    /// transactions go back to the pool; when it is not valid all stays as it was. Error: model_missing as
    /// for import_block.
    Result<void> adopt_derived(chain::Block block, chain::Supplement supplement,
                               std::vector<chain::ForcedTransaction> due, outcome::ModelSource& models);
    /// Makes the fallback block the block of its number, in the same way.
    Result<AdoptedFallback> adopt_fallback(derive::Fallback fallback, outcome::ModelSource& models);
    /// Takes the blocks from this number on off the chain: the layer refused the first of them. Their
    /// transactions go back to the pool.
    Result<void> give_up_from(std::uint64_t number);
    /// The layer has come further: a node that builds blocks does now what waits for that.
    void layer_advanced();

    // ---- Models

    chain::ModelCatalogue& model_catalogue() const;
    outcome::ModelSource& models() const;
    /// Answers of models in runs that are in no block.
    sequencer::OutcomePool& simulated_outcomes() const;
    SimulationSlots& simulation_slots() const;
    /// Why a job went to the compute node it went to, in a line; nothing when that is not known (any more).
    std::optional<std::string> explain_job(const outcome::JobId& id) const;

    // ---- Mining

    MiningMode mining() const;
    void set_mining(MiningMode mode);
    /// Builds `count` blocks, each at least `interval` seconds after the one before when that is given;
    /// answers them.
    Result<std::vector<sequencer::SharedBlock>> mine(std::uint64_t count = 1,
                                                     std::optional<std::uint64_t> interval = std::nullopt);

    /// Asked before each block is built here, on the chain's thread: an error keeps it from being built, and
    /// is what those are told who asked for it. Nothing is asked when it is empty.
    using BuildingGate = std::function<Result<void>()>;
    void set_building_gate(BuildingGate gate);
    /// It lets blocks through again: what waits is built.
    void building_gate_opened();

    // ---- Data availability

    /// Where this chain's blocks are in the layer, as far as this node posted or derived them.
    BlockPlaces& block_places();

    // ---- Dev controls. Seconds since the epoch.

    /// Remembers the chain as it is now; `revert` goes back to it, once, and forgets it and all later ones.
    Result<SnapshotId> snapshot();
    Result<void> revert(SnapshotId id);
    /// Back to the genesis with an empty pool.
    Result<void> reset();
    /// Unwinds `depth` blocks.
    Result<void> unwind(std::uint64_t depth);

    /// Adds to the time of the blocks to come; answers the sum of all additions.
    std::int64_t increase_time(std::int64_t seconds);
    /// The clock goes on from `timestamp`; answers the sum of all additions.
    std::int64_t set_time(std::uint64_t timestamp);
    /// For the next block, and the clock goes on from there; time_in_the_past below the head's.
    Result<void> set_next_block_timestamp(std::uint64_t timestamp);
    /// Every block exactly this much later than the one before; nothing follows the clock again.
    void set_block_timestamp_interval(std::optional<std::uint64_t> seconds);
    void set_next_block_base_fee(const U256& base_fee);
    /// In place of what the block's beacon gives: other nodes refuse such a block.
    void set_next_prev_randao(const Hash& value);
    void set_coinbase(const Address& coinbase);
    void set_block_gas_limit(std::uint64_t gas_limit);

    /// Visible at once in the head's state, and part of the next block's state root. Not derivable from
    /// transactions: a chain poked so cannot be replayed.
    void set_balance(const Address& account, const U256& balance);
    void set_nonce(const Address& account, std::uint64_t nonce);
    void set_code(const Address& account, Bytes code);
    void set_storage(const Address& account, const U256& key, const U256& value);

    /// Many accounts in one step: slots beside those that are there. Nonces do not fall, so that contracts
    /// made since keep theirs; accounts that would be made empty are left out.
    void load_accounts(const state::StateChanges& accounts);
    /// The head, and its state with all of this, to walk through.
    Result<WalkedHead> walk_head() const;

    void impersonate(const Address& account);
    void stop_impersonating(const Address& account);
    enum class Impersonation : std::uint8_t { listed, everybody };
    void set_impersonation(Impersonation rule);
    bool may_act_for(const Address& account) const;
    /// The key of a dev account; nothing for others.
    std::optional<Hash> dev_key(const Address& account) const;

    /// False when it was not in the pool.
    bool drop_transaction(const Hash& hash);
    void drop_transactions_of(const Address& sender);
    void drop_all_transactions();

private:
    class Impl;
    explicit Node(std::unique_ptr<Impl> impl);
    /// Takes into the pool what was parked when the node ended.
    Result<void> restore_parked();
    std::unique_ptr<Impl> impl_;
};

}  // namespace valence::node

template <>
struct std::is_error_code_enum<valence::node::NodeError> : std::true_type {};
