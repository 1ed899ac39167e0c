#include <string>

#include "valence/node/snapshot/snapshot_format.hpp"

namespace valence::node {
namespace {

class SnapshotCategory : public std::error_category {
public:
    const char* name() const noexcept override { return "snapshot"; }
    std::string message(int code) const override {
        switch (static_cast<SnapshotError>(code)) {
            case SnapshotError::io:
                return "the file of a snapshot cannot be read or written";
            case SnapshotError::unknown_format:
                return "no snapshot, or one of another version";
            case SnapshotError::malformed:
                return "malformed snapshot";
            case SnapshotError::other_genesis:
                return "the snapshot is of a chain with another genesis";
            case SnapshotError::not_linked:
                return "the snapshot's headers do not lead to its block";
            case SnapshotError::block_invalid:
                return "the snapshot's block is invalid";
            case SnapshotError::state_root_wrong:
                return "the snapshot's state is not the one that its block commits to";
            case SnapshotError::other_block:
                return "the snapshot's block is not the one that was asked for";
            case SnapshotError::folder_in_use:
                return "the folder has a chain already";
            case SnapshotError::nothing_to_export:
                return "there is nothing to take a snapshot of";
        }
        return "unknown error";
    }
};

}  // namespace

std::error_code make_error_code(SnapshotError error) {
    static const SnapshotCategory category;
    return {static_cast<int>(error), category};
}

}  // namespace valence::node
