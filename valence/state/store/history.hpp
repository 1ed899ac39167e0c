// History: what accounts and slots were before each block, as reverse differences. One mechanism serves
// reading at an earlier block, proofs there, unwinding, and is pruned from its old end.
#pragma once

#include "valence/state/store/state_update.hpp"
#include "valence/state/store/tables.hpp"

namespace valence::state {

/// Adds to `batch` the rows of `history` and `blocks` for a block that `data` is the state after.
/// `with_changes` is false for the first block, before which there is nothing.
enum class HistoryScope : std::uint8_t { block_only, block_and_changes };
void add_history(const Tables&, rocksdb::WriteBatch&, const StateHead& block, const CommitData&,
                 HistoryScope);

/// A block's hash and root; nothing when it is not kept.
std::optional<StateHead> block_info(const Tables&, std::uint64_t block, const Moment* = nullptr);

/// The row of a history key (see rows.hpp) after `block`, as far as later blocks changed it: nothing when
/// none did, so that the present row holds; empty bytes when there was no row.
std::optional<Bytes> row_after(const Moment&, BytesView history_key, std::uint64_t block);

/// Rows as they were after an earlier block, by their history key, as far as later blocks changed them; empty
/// where there was none.
using PastRows = std::map<Bytes, Bytes>;

/// The blocks between an earlier one and the head, and how much of their history may be read to undo them.
struct WayBack {
    std::uint64_t block = 0;
    std::uint64_t head = 0;
    /// Rows; one that several blocks changed counts for each.
    std::uint64_t most_rows = ~std::uint64_t{0};
};

/// Error: too_much_changed.
Result<PastRows> rows_back_to(const Tables&, const WayBack&, const Moment* = nullptr);

/// Changes that lead from the state after the head back to the state after the earlier block. Error:
/// too_much_changed.
Result<StateChanges> changes_back_to(const Tables&, const WayBack&, const Moment* = nullptr);

/// Removes the history of blocks from `first` to `last` inclusive, in which nothing can be read back further
/// than `last` any more; or, when they are unwound, all that is known of them.
enum class HistoryRemoval : std::uint8_t { pruned, unwound };
void remove_history(const Tables&, rocksdb::WriteBatch&, std::uint64_t first, std::uint64_t last,
                    HistoryRemoval);

}  // namespace valence::state
