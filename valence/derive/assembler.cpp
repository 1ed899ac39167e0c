#include "valence/derive/assembler.hpp"

#include "valence/crypto/keccak.hpp"
#include "valence/derive/derive_error.hpp"

namespace valence::derive {

void Assembler::forget(const std::deque<Open>::iterator& batch) {
    held_ -= batch->bytes;
    open_.erase(batch);
}

Result<std::optional<AssembledBatch>> Assembler::add(Piece piece) {
    auto found = std::ranges::find(open_, piece.head.hash, [](const Open& open) { return open.head.hash; });
    if (found == open_.end()) {
        if (open_.size() == kMostOpen) forget(open_.begin());
        open_.push_back({piece.head, std::vector<Bytes>(piece.head.count), piece.head.count, 0});
        found = std::prev(open_.end());
    }
    if (found->head != piece.head) return Error{DeriveError::contradictory};
    auto& part = found->parts[piece.index];
    if (!part.empty()) {
        if (part != piece.part) return Error{DeriveError::contradictory};
        return std::optional<AssembledBatch>{};
    }
    held_ += piece.part.size();
    found->bytes += piece.part.size();
    part = std::move(piece.part);
    if (--found->missing > 0) {
        while (held_ > kMostHeld)
            forget(open_.begin());
        return std::optional<AssembledBatch>{};
    }
    AssembledBatch batch{found->head, {}};
    batch.bytes.reserve(found->bytes);
    for (const auto& one : found->parts)
        base::append(batch.bytes, one);
    forget(found);
    if (crypto::keccak256(batch.bytes) != batch.head.hash)
        return Error{DeriveError::bad_batch, "of another hash than its pieces say"};
    return std::optional{std::move(batch)};
}

std::vector<BatchHead> Assembler::open() const {
    std::vector<BatchHead> heads;
    for (const auto& batch : open_)
        heads.push_back(batch.head);
    return heads;
}

std::vector<Piece> Assembler::pieces() const {
    std::vector<Piece> out;
    for (const auto& batch : open_)
        for (std::size_t i = 0; i < batch.parts.size(); ++i)
            if (!batch.parts[i].empty())
                out.push_back({batch.head, static_cast<std::uint16_t>(i), batch.parts[i]});
    return out;
}

}  // namespace valence::derive
