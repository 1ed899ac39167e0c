// SnapshotWriter: the frames of a snapshot, one after the other, to a stream.
#pragma once

#include <ostream>
#include <span>

#include "valence/codec/rlp.hpp"
#include "valence/node/snapshot/snapshot_format.hpp"
#include "valence/sequencer/stored_block.hpp"
#include "valence/state/reader.hpp"

namespace valence::node {

/// Its functions are called in the order of the parts of a file: start, ancestors, block, then each account
/// and its slots in their order, end.
class SnapshotWriter {
public:
    /// `out` must outlive it.
    explicit SnapshotWriter(std::ostream& out) : out_(out) {}

    void start(const SnapshotInfo& info);
    /// Newest first.
    void ancestors(std::span<const chain::Header> headers);
    void block(const sequencer::StoredBlock& block);
    void account(const Address& address, const state::Account& account, BytesView code);
    /// Of the account begun last; not 0.
    void slot(const U256& slot, const U256& value);
    void end();

    /// Whether all of it could be written so far: the stream took it, and no frame was too large.
    bool works() const { return !too_large_ && out_.good(); }
    std::uint64_t accounts() const { return accounts_; }
    std::uint64_t slots() const { return slots_; }
    std::uint64_t bytes() const { return bytes_; }

private:
    void frame(SnapshotFrame kind, const std::function<void(codec::RlpWriter&)>& rest);
    void begin_entry(BytesView code);
    void end_entry();
    /// Ends the frame of accounts if it is full.
    void flush_full();
    void flush();

    std::ostream& out_;
    bool too_large_ = false;
    std::uint64_t accounts_ = 0;
    std::uint64_t slots_ = 0;
    std::uint64_t bytes_ = 0;

    /// The account begun last, as far as it is in this frame.
    bool has_entry_ = false;
    Address address_;
    state::Account account_;
    Bytes code_;
    codec::RlpWriter listed_slots_;
    /// Entries of the frame that is being filled, and their weight with that of the open one.
    Bytes entries_;
    std::size_t weight_ = 0;
};

}  // namespace valence::node
