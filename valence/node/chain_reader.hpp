// ChainReader: the chain as it stands, for any thread. Readers never wait for the chain's thread: they take
// shared pointers to immutable blocks and states.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "valence/base/base.hpp"
#include "valence/chain/evm_host.hpp"
#include "valence/sequencer/block_store.hpp"
#include "valence/sequencer/stored_block.hpp"
#include "valence/state/reader.hpp"
#include "valence/state/state_database.hpp"

namespace valence::node {

enum class ReadError {
    /// No block with this number or hash.
    unknown_block = 1,
    /// The block is known, its state is no longer (or not yet) kept.
    state_unavailable,
};
std::error_code make_error_code(ReadError);

/// The head and the state after it, taken at one instant.
struct HeadView {
    sequencer::SharedBlock block;
    /// After the head, including what dev controls poked since.
    std::shared_ptr<const state::StateReader> state;
};

class ChainReader {
public:
    ChainReader(const sequencer::BlockStore& blocks, const state::StateDatabase& states);

    HeadView head() const;
    std::uint64_t head_number() const;
    /// Derived from data availability, or final there. Nothing as long as this node cannot say so, of a chain
    /// whose genesis names a layer; of others the head itself, or what was set.
    std::optional<std::uint64_t> safe_number() const;
    std::optional<std::uint64_t> finalized_number() const;

    /// On the canonical chain; null when there is none.
    sequencer::SharedBlock block(std::uint64_t number) const;
    /// Canonical or not, as long as it is kept; null when it is not.
    sequencer::SharedBlock block(const Hash& hash) const;
    /// On the canonical chain, without its body: cheaper for scans.
    std::optional<chain::Header> header(std::uint64_t number) const;
    /// Whether the block with this number and hash is on the canonical chain.
    bool is_canonical(std::uint64_t number, const Hash& hash) const;
    /// Hash of a canonical block; nothing past the head.
    std::optional<Hash> block_hash(std::uint64_t number) const;

    /// Where a transaction was included; nothing for unknown and for pending ones.
    std::optional<sequencer::TransactionLocation> locate(const Hash& transaction) const;

    /// The state after a canonical block: unknown_block or state_unavailable otherwise.
    Result<std::shared_ptr<const state::StateReader>> state_at(std::uint64_t number) const;
    /// The state in which the first transaction of a canonical block ran: that after its parent, with what
    /// dev controls changed in between. Errors as for state_at; unknown_block for block 0.
    Result<std::shared_ptr<const state::StateReader>> state_before(std::uint64_t number) const;
    /// Of an account and some of its slots in that state (EIP-1186).
    Result<state::AccountProof> proof_at(std::uint64_t number, const Address& account,
                                         std::span<const U256> slots) const;
    /// That state, whole, to walk through, without what dev controls changed since the block. Errors as for
    /// state_at.
    Result<std::unique_ptr<const state::StateWalk>> walk_at(std::uint64_t number) const;
    /// The state of `state_before`, with changes made on top of it. Errors as there.
    Result<std::unique_ptr<const state::StateWalk>> walk_before(std::uint64_t number,
                                                                const state::StateChanges& changes) const;
    /// The state root after changes to the state after a block, for simulations.
    Result<Hash> state_root_after(std::uint64_t number, const state::StateChanges& changes) const;

private:
    friend class Node;
    void publish(HeadView head);
    /// Remembers, in memory, what was poked into the state before this block.
    void keep_poked(std::uint64_t number, state::StateChanges changes);
    void forget_poked_above(std::uint64_t number);
    void set_safe_and_finalized(std::uint64_t safe, std::uint64_t finalized);
    /// The genesis names a layer.
    void expect_layer();
    using Mark = std::optional<std::uint64_t> ChainReader::*;
    std::optional<std::uint64_t> or_head(Mark mark) const;

    const sequencer::BlockStore& blocks_;
    const state::StateDatabase& states_;
    /// Guards what follows.
    mutable std::mutex mutex_;
    HeadView head_;
    std::map<std::uint64_t, state::StateChanges> poked_;
    std::optional<std::uint64_t> safe_;
    std::optional<std::uint64_t> finalized_;
    bool has_layer_ = false;
};

/// The canonical chain's hashes, as the machine asks for them.
class CanonicalHashes final : public chain::BlockHashes {
public:
    explicit CanonicalHashes(const ChainReader& chain) : chain_(chain) {}
    Hash block_hash(std::uint64_t number) const override {
        return chain_.block_hash(number).value_or(Hash{});
    }

private:
    const ChainReader& chain_;
};

}  // namespace valence::node

template <>
struct std::is_error_code_enum<valence::node::ReadError> : std::true_type {};
