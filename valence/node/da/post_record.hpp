// PostRecord: what a poster remembers of what it posted, so that after a crash at any instant it goes on
// where it was. A file that is replaced as a whole.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "valence/derive/piece.hpp"

namespace valence::node {

/// A batch that is being posted: its pieces may be in the layer or not, in blocks above `above`.
struct PostIntent {
    derive::BatchKind kind = derive::BatchKind::blocks;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    /// Of the last block.
    Hash last_hash;
    /// Whose file it is; zero for blocks.
    Hash model;
    /// Of the batch.
    Hash batch;
    /// The layer's head before anything of it was sent, and before it was sent last.
    std::uint64_t above = 0;
    std::uint64_t sent_above = 0;

    bool operator==(const PostIntent&) const = default;
};

struct PostRecord {
    /// All blocks up to this one are in the layer; its hash.
    std::uint64_t posted = 0;
    Hash posted_hash;
    /// The block of the layer with the last of them; 0 when there is none yet.
    std::uint64_t height = 0;
    std::optional<PostIntent> intent;
    /// Models whose files are in the layer.
    std::vector<Hash> models;

    bool operator==(const PostRecord&) const = default;
};

/// In memory without a path.
class PostRecordFile {
public:
    explicit PostRecordFile(std::optional<std::filesystem::path> path) : path_(std::move(path)) {}

    /// Nothing when there is none yet. Error: std::errc::bad_message for a damaged one, io errors.
    Result<std::optional<PostRecord>> read() const;
    /// On the disk when it answers, its name in the folder too.
    Result<void> write(const PostRecord& record);

private:
    std::optional<std::filesystem::path> path_;
    std::optional<PostRecord> held_;
};

}  // namespace valence::node
