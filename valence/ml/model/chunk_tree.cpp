#include "valence/ml/model/chunk_tree.hpp"

namespace valence::ml {
namespace {

enum Prefix : std::uint8_t { kLeaf = 0, kNode = 1, kRoot = 2 };

BytesView view(const std::uint8_t& byte) { return {&byte, 1}; }

Hash node(const Hash& left, const Hash& right) {
    const std::uint8_t prefix = kNode;
    return crypto::Keccak256{}.update(view(prefix)).update(left).update(right).finish();
}

Hash root_of(const Hash& top, std::uint64_t length) {
    std::array<std::uint8_t, 9> head{kRoot};
    for (std::size_t i = 0; i < 8; ++i)
        head[1 + i] = static_cast<std::uint8_t>(length >> (8 * i));
    return crypto::Keccak256{}.update(head).update(top).finish();
}

}  // namespace

Hash chunk_leaf(BytesView chunk) {
    const std::uint8_t prefix = kLeaf;
    return crypto::Keccak256{}.update(view(prefix)).update(chunk).finish();
}

void ChunkHasher::begin_chunk() {
    const std::uint8_t prefix = kLeaf;
    current_ = {};
    current_.update(view(prefix));
    filled_ = 0;
    open_ = true;
}

void ChunkHasher::update(BytesView piece) {
    while (!piece.empty()) {
        if (!open_) begin_chunk();
        const std::size_t taken = std::min(piece.size(), kChunkSize - filled_);
        current_.update(piece.first(taken));
        filled_ += taken;
        piece = piece.subspan(taken);
        if (filled_ == kChunkSize) {
            leaves_.push_back(current_.finish());
            open_ = false;
        }
    }
}

std::vector<Hash> ChunkHasher::finish() {
    if (leaves_.empty() && !open_) begin_chunk();
    if (open_) leaves_.push_back(current_.finish());
    return std::move(leaves_);
}

ChunkTree::ChunkTree(std::vector<Hash> leaves, std::uint64_t length) : length_(length) {
    VALENCE_CHECK(leaves.size() == chunk_count(length));
    levels_.push_back(std::move(leaves));
    while (levels_.back().size() > 1) {
        const std::vector<Hash>& below = levels_.back();
        std::vector<Hash> level;
        for (std::size_t i = 0; i + 1 < below.size(); i += 2)
            level.push_back(node(below[i], below[i + 1]));
        if (below.size() % 2 == 1) level.push_back(below.back());
        levels_.push_back(std::move(level));
    }
    root_ = root_of(levels_.back().front(), length);
}

std::vector<Hash> ChunkTree::proof(std::uint64_t index) const {
    std::vector<Hash> siblings;
    for (const std::vector<Hash>& level : levels_) {
        const std::uint64_t sibling = index ^ 1;
        if (sibling < level.size()) siblings.push_back(level[sibling]);
        index /= 2;
    }
    return siblings;
}

bool verify_chunk(const Hash& root, std::uint64_t length, std::uint64_t index, BytesView chunk,
                  std::span<const Hash> proof) {
    std::uint64_t width = chunk_count(length);
    if (index >= width || chunk.size() != chunk_length(length, index)) return false;
    Hash hash = chunk_leaf(chunk);
    std::size_t used = 0;
    for (; width > 1; width = (width + 1) / 2, index /= 2) {
        if ((index ^ 1) >= width) continue;  // the last of an odd number
        if (used == proof.size()) return false;
        const Hash& sibling = proof[used++];
        hash = index % 2 == 0 ? node(hash, sibling) : node(sibling, hash);
    }
    return used == proof.size() && root_of(hash, length) == root;
}

}  // namespace valence::ml
