// BlockBuilder: makes the next block out of the pool's candidates, in two steps: `execute` runs transactions
// until the block is full, `seal` computes the roots and with them the hash. A block that is only looked at
// (the pending block) is not sealed.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "valence/base/base.hpp"
#include "valence/chain/evm_host.hpp"
#include "valence/chain/rule_set.hpp"
#include "valence/chain/system/forced_transaction.hpp"
#include "valence/sequencer/candidates.hpp"
#include "valence/sequencer/execution_watcher.hpp"
#include "valence/sequencer/inference/inference_desk.hpp"
#include "valence/sequencer/stored_block.hpp"
#include "valence/sequencer/system_part.hpp"
#include "valence/state/changes.hpp"
#include "valence/state/state_database.hpp"

namespace valence::sequencer {

/// What is decided about a block before its transactions are chosen.
struct BlockPlan {
    SharedBlock parent;
    std::uint64_t timestamp = 0;
    std::uint64_t gas_limit = 0;
    /// Nothing before London.
    std::optional<U256> base_fee;
    Address coinbase;
    /// The mix hash. In a block that is only looked at it is not made of the beacon: nobody is to know that
    /// before the block is there.
    Hash prev_randao;
    /// What the mix hash is made of; nothing where the chain has no beacon.
    std::optional<crypto::bls::Signature> beacon;
    /// Which the block refers to; nothing where the rules know no system transactions.
    std::optional<chain::DaHeader> da_header;
    /// Forced transactions that the block owes, right behind the system's.
    std::vector<chain::ForcedTransaction> due;
    /// After the parent, with `before` applied.
    std::shared_ptr<const state::StateReader> state;
    /// Changes between the parent and the first transaction that no transaction makes (dev controls).
    state::StateChanges before;
    Deliveries deliveries = Deliveries::run;
};

/// A candidate that cannot be in the block.
struct Rejection {
    PooledTransaction transaction;
    Error why;
};

/// A candidate that asked for what nobody knew yet.
struct Needing {
    PooledTransaction transaction;
    SenderKind sender = SenderKind::plain;
    chain::InferenceRecord record;
};

/// A candidate that was run in vain: abandoned, and cannot be bound, or taking what others owe.
struct TurnedAwayRun {
    PooledTransaction transaction;
    InVain why = InVain::not_now;
};

struct BuiltBlock {
    StoredBlock block;
    /// Of the parent's state; `before` included.
    state::StateChanges changes;
    /// The block's RLP, once it is sealed.
    Bytes encoded;
    /// Before those that are included.
    SystemPart system;
    std::vector<PooledTransaction> included;
    std::vector<Rejection> rejected;
    std::vector<Needing> needing;
    std::vector<TurnedAwayRun> turned_away;
    /// A delivery left a bound sender with less than it must keep.
    bool deliveries_took = false;
    /// When what was due and found no room first was due: the block may refer no further.
    std::optional<std::uint64_t> left_over;
};

class BlockBuilder {
public:
    /// `hashes` are the canonical chain's and must outlive the builder.
    BlockBuilder(const chain::RuleSet& rules, const chain::BlockHashes& hashes)
        : rules_(rules), hashes_(hashes) {}

    /// Runs the block's system transactions, then candidates until none is left or there is no room for
    /// one, in gas or bytes. Roots and hash are not set. Errors: where the rules ask for system contracts
    /// that the chain does not have; where the block has no room for the forced transactions that it owes, or
    /// one of them cannot be answered: transaction_abandoned when it asks for what a delivery of the block
    /// waits for.
    ///
    /// Contracts can call models where there is a desk; transactions that wait for outcomes are left out, and
    /// none is included that would take what they will have to pay.
    Result<BuiltBlock> execute(const BlockPlan& plan, Candidates candidates,
                               const InferenceDesk* desk = nullptr,
                               ExecutionWatcher* watcher = nullptr) const;

    /// Sets roots, hash, total difficulty and size; answers what the state database is to commit.
    state::PreparedCommit seal(BuiltBlock& built, const StoredBlock& parent,
                               const state::StateDatabase& states) const;

private:
    chain::RuleSet rules_;
    const chain::BlockHashes& hashes_;
};

}  // namespace valence::sequencer
