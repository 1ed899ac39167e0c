// Module state: accounts and storage on disk, their Merkle roots and proofs, and every recent block's state.
//
//   reader.hpp           StateReader, the state after some block, read-only
//   changes.hpp          StateChanges, what a block did to it
//   state_database.hpp   StateDatabase: prepare (root of a block before it is committed), commit, unwind,
//                        prove
//   account_proof.hpp    proofs for eth_getProof and their verification
//   state_walk.hpp       StateWalk, all accounts and slots of a state in their order
//   key_value_store.hpp  what the node keeps beside the state, in the same atomic step
//   memory_state.hpp     a whole state in maps, for fixtures
//   trie/                Merkle Patricia tries: from scratch (full_root.hpp) and incremental (trie_work.hpp)
//   store/               tables in RocksDB, caches, history
//
// A block's way through it: StateChanges ──prepare──► PreparedCommit, with the root ──commit──► tables,
// history and the node's own writes in one atomic batch ──► a new `latest` reader. docs/state.md has the
// tables and the figures.
#pragma once

#include <filesystem>

#include "valence/state/account_proof.hpp"
#include "valence/state/changes.hpp"
#include "valence/state/key_value_store.hpp"
#include "valence/state/state_error.hpp"
#include "valence/state/state_walk.hpp"

namespace valence::state {

/// What a commit survives once it was answered for.
enum class CommitDurability : std::uint8_t {
    /// The end of the process, by kill -9 too: the write-ahead log is with the operating system.
    process,
    /// The loss of power too: the log is synced to the disk.
    power,
};

/// As a depth: keep everything. As a number of rows: any.
inline constexpr std::uint64_t kKeepAll = ~std::uint64_t{0};

struct StateOptions {
    /// Where the tables live, made when missing; in memory when absent.
    std::optional<std::filesystem::path> folder;
    CommitDurability durability = CommitDurability::process;
    /// Memory for all caches together, in bytes; taken as it is needed.
    std::size_t cache_bytes = std::size_t{512} << 20;
    /// How many blocks behind the head can be read, and unwound to.
    std::uint64_t history_depth = 65'536;
    /// How many blocks behind the head proofs are made for, and states walked. A proof further back costs
    /// more time, no space: the trie of an earlier block is made from the present one and the changes since.
    std::uint64_t proof_depth = 1'024;
    /// How many accounts and slots may have changed since a block that a proof is made for, counted in each
    /// block anew: this bounds what one proof costs in time and memory.
    std::uint64_t proof_rows = 500'000;
};

/// How far back something is asked for that takes all changes since then.
enum class Reach : std::uint8_t {
    /// StateOptions::proof_depth and proof_rows: what callers from outside may make a node do.
    proofs,
    /// As far as unwinding goes, which takes the same.
    whole_history,
};

/// The newest block committed.
struct StateHead {
    std::uint64_t number = 0;
    Hash block_hash;
    Hash state_root;

    bool operator==(const StateHead&) const = default;
};

struct CommitData;

/// A state that changes lead to, computed but not stored.
class PreparedCommit {
public:
    explicit PreparedCommit(std::shared_ptr<const CommitData> data) : data_(std::move(data)) {}
    /// The state root after the changes.
    const Hash& state_root() const;
    const std::shared_ptr<const CommitData>& data() const { return data_; }

private:
    std::shared_ptr<const CommitData> data_;
};

/// One process at a time opens a folder. Reading is for any thread; prepare, load, commit and unwind_to are
/// for one thread at a time, but that a commit may be prepared on its parent while the parent is being
/// committed.
class StateDatabase {
public:
    /// Opens or makes the folder. Errors: locked, foreign_folder, corrupt, io.
    static Result<std::unique_ptr<StateDatabase>> open(const StateOptions&);
    ~StateDatabase();
    StateDatabase(const StateDatabase&) = delete;
    StateDatabase& operator=(const StateDatabase&) = delete;

    /// Nothing until the first commit.
    std::optional<StateHead> head() const;
    /// The oldest block whose state can be read and unwound to.
    std::uint64_t oldest_block() const;
    /// A committed block whose history is kept: unknown_block, pruned.
    Result<StateHead> block(std::uint64_t number) const;

    /// After the head; empty until the first commit. Unchanged by later commits; holds disk space back while
    /// it lives.
    std::shared_ptr<const StateReader> latest() const;
    /// After a block: unknown_block, pruned. As `latest`.
    Result<std::shared_ptr<const StateReader>> reader_at(std::uint64_t number) const;

    /// The state that changes of the head's state lead to.
    PreparedCommit prepare(const StateChanges&) const;
    /// The state that changes of a prepared state lead to, be it committed by then or not.
    PreparedCommit prepare(const StateChanges&, const PreparedCommit& parent) const;

    /// Makes a prepared state the head's, and writes `chain_writes` to `chain()` in the same atomic step. The
    /// first commit, of the genesis, may have any number; each further one follows the head's. Errors:
    /// stale_commit, io.
    Result<void> commit(std::uint64_t number, const Hash& block_hash, const PreparedCommit&,
                        const KeyValueBatch& chain_writes = {});
    /// Adds to the state before the first commit, for large genesis states: what is loaded piece by piece
    /// belongs to the block committed first. Without it a crash leaves nothing. Errors: already_initialised,
    /// io.
    Result<void> load(const StateChanges&);

    /// Goes back to the state after an earlier block, forgetting those after it. `chain_writes` as for
    /// commit. Errors: unknown_block, pruned, io.
    Result<void> unwind_to(std::uint64_t number, const KeyValueBatch& chain_writes = {});

    /// Proof of an account and some of its slots in the state after a block. Errors: unknown_block, pruned,
    /// too_much_changed.
    Result<AccountProof> prove(std::uint64_t number, const Address&, std::span<const U256> slots) const;

    /// The root of the state that changes of the state after a block lead to, for simulations: any thread,
    /// nothing is kept. Errors: unknown_block; pruned, too_much_changed: of blocks beyond the reach.
    Result<Hash> root_after(std::uint64_t number, const StateChanges&, Reach reach = Reach::proofs) const;

    /// The state after a block with later changes on top, to walk through; for the same blocks as `prove`.
    /// Errors: unknown_block, pruned, too_much_changed.
    Result<std::unique_ptr<const StateWalk>> walk(std::uint64_t number, StateChanges later = {}) const;

    /// What the node keeps beside the state.
    KeyValueStore& chain();
    const KeyValueStore& chain() const;

    /// Waits until history beyond the depth has been removed; it is removed in the background after commits.
    void wait_until_pruned() const;

private:
    class Impl;
    explicit StateDatabase(std::unique_ptr<Impl>);
    std::unique_ptr<Impl> impl_;
};

}  // namespace valence::state
