// Assembler: batches out of their pieces, which may come in any order and more than once.
#pragma once

#include <deque>
#include <optional>

#include "valence/derive/piece.hpp"

namespace valence::derive {

struct AssembledBatch {
    BatchHead head;
    Bytes bytes;
};

/// Holds at most kMostHeld bytes: the batch begun first gives way, at the same piece on every node.
class Assembler {
public:
    static constexpr std::size_t kMostHeld = 2 * kMostBatch;
    static constexpr std::size_t kMostOpen = 64;

    /// The batch that this piece completes, if it does. A piece that is here already says nothing. Errors:
    /// contradictory when it and another of the same batch disagree; bad_batch when the batch has another
    /// hash.
    Result<std::optional<AssembledBatch>> add(Piece piece);

    /// Batches of which pieces are missing, the one begun first first.
    std::vector<BatchHead> open() const;

    /// Bytes of the pieces that are held.
    std::size_t held() const { return held_; }
    /// All pieces that are held, in an order in which adding them to an empty assembler gives this one again.
    std::vector<Piece> pieces() const;

private:
    struct Open {
        BatchHead head;
        std::vector<Bytes> parts;
        std::size_t missing = 0;
        std::size_t bytes = 0;
    };
    void forget(const std::deque<Open>::iterator& batch);

    /// In the order in which they were begun.
    std::deque<Open> open_;
    std::size_t held_ = 0;
};

}  // namespace valence::derive
