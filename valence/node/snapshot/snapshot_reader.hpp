// SnapshotReader: the parts of a snapshot, one after the other, from a file of unknown origin. What it reads
// has the form and the order of snapshot_format.hpp, each part within its bounds; whether it is true is for
// import_snapshot to say.
#pragma once

#include <filesystem>
#include <istream>
#include <optional>

#include "valence/codec/rlp.hpp"
#include "valence/node/snapshot/snapshot_format.hpp"
#include "valence/sequencer/stored_block.hpp"
#include "valence/state/changes.hpp"

namespace valence::node {

/// A header and the hash of its bytes in the file.
struct SnapshotAncestor {
    chain::Header header;
    Hash hash;
};

struct SnapshotBlock {
    /// Without facts.
    sequencer::StoredBlock block;
    std::vector<Address> senders;
    Bytes encoded;
};

/// Its functions are called in the order of the parts of a file. Memory is bounded by a frame and what comes
/// out of it. Errors of all: io, malformed.
class SnapshotReader {
public:
    static SnapshotReader of_file(const std::filesystem::path& file);
    /// Of `size` bytes; `name` is for errors.
    SnapshotReader(std::unique_ptr<std::istream> file, std::uint64_t size, std::string name);

    /// Error: unknown_format.
    Result<SnapshotInfo> start();
    /// As many as the start's number asks for, newest first.
    Result<std::vector<SnapshotAncestor>> ancestors();
    Result<SnapshotBlock> block();
    /// The next accounts, as changes of the state of those before; nothing at the end, which counted right.
    Result<std::optional<state::StateChanges>> accounts();

private:
    /// What of the accounts has been read.
    struct Progress {
        std::optional<Address> address;
        state::Account account;
        std::optional<U256> slot;
        std::uint64_t accounts = 0;
        std::uint64_t slots = 0;
        /// Of the last frame; nothing before the first.
        std::optional<std::size_t> weight;
    };

    /// The next frame, which must be of one of these kinds, in the order of their numbers; what it reads
    /// lasts until the next call.
    Result<std::pair<SnapshotFrame, codec::RlpReader>> frame(SnapshotFrame first, SnapshotFrame last);
    Result<codec::RlpReader> frame(SnapshotFrame kind);
    Result<SnapshotInfo> read_start();
    Result<state::StateChanges> read_accounts(codec::RlpReader frame);
    Result<void> read_account(codec::RlpReader entry, state::StateChanges& changes);
    Result<void> read_slots(codec::RlpReader slots, state::AccountChange& change);
    /// Makes the frame heavier; refused where it is full already.
    Result<void> weigh(std::size_t weight);

    std::unique_ptr<std::istream> file_;
    std::uint64_t left_ = 0;
    std::string name_;
    Bytes payload_;
    SnapshotInfo info_;
    Progress progress_;
};

}  // namespace valence::node
