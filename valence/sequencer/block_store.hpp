// BlockStore: headers, bodies, receipts and indices of the chain, in the same database as the state, so that
// a block and the state it leaves become durable in one atomic write. Recent blocks are kept decoded. Any
// thread may read; one thread writes.
//
// Tables, by the first byte of the key (numbers are 8 bytes, big-endian):
//   h number         → hash of the canonical block
//   n hash           → number
//   H number hash    → header
//   B number hash    → body: transactions, ommers, withdrawals
//   O number hash    → jobs and outcomes, where there are any
//   S number hash    → the beacon's signature, where there is one
//   W number hash    → ids of the models whose files executing it reads, where there are any
//   D number hash    → what forced transactions it was executed with, where there were any
//   R number hash    → receipts, senders, total difficulty
//   t transaction    → number, index (canonical only)
//   m name           → what the node remembers: head, genesis, version
//   p transaction    → what is parked (inference/parked_journal.hpp)
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "valence/base/base.hpp"
#include "valence/sequencer/stored_block.hpp"
#include "valence/state/key_value_store.hpp"

namespace valence::sequencer {

class BlockStore {
public:
    explicit BlockStore(state::KeyValueStore& store);
    ~BlockStore();

    // ---- Reading

    /// Null when there is none.
    SharedBlock canonical(std::uint64_t number) const;
    /// On any chain.
    SharedBlock block(const Hash& hash) const;
    std::optional<Hash> canonical_hash(std::uint64_t number) const;
    /// Cheaper than the whole block.
    std::optional<chain::Header> canonical_header(std::uint64_t number) const;
    std::optional<TransactionLocation> locate(const Hash& transaction) const;
    /// The head last written; nothing in a new store.
    std::optional<std::uint64_t> head_number() const;

    // ---- Writing: batches for the state database to write along with a commit, and what to call once it is
    // done

    /// Makes the block, whose RLP is `encoded`, canonical and the head.
    state::KeyValueBatch adopt(const StoredBlock& block, Bytes encoded) const;
    void adopted(SharedBlock block);
    /// Keeps a block that is not on the canonical chain.
    state::KeyValueBatch keep_aside(const StoredBlock& block, Bytes encoded) const;
    /// Takes the blocks above `number` off the canonical chain; they stay readable by hash.
    state::KeyValueBatch unwind_to(std::uint64_t number) const;
    void unwound_to(std::uint64_t number);

private:
    struct Cache;
    state::KeyValueStore& store_;
    std::unique_ptr<Cache> cache_;
};

}  // namespace valence::sequencer
