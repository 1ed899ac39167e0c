#include "valence/state/store/history.hpp"

#include <fmt/format.h>

namespace valence::state {
namespace {

Bytes account_row(const std::optional<StoredAccount>& account) {
    return account ? encode_account_row(*account) : Bytes{};
}

void visit_changes(const Tables& tables, std::uint64_t block, const Moment* moment,
                   const std::function<void(BytesView)>& visit) {
    const auto row = tables.get(Table::blocks, block_changes_key(block), moment);
    VALENCE_CHECK(row && "the changes of a kept block are there");
    VALENCE_CHECK(visit_changed_keys(*row, visit));
}

}  // namespace

void add_history(const Tables& tables, rocksdb::WriteBatch& batch, const StateHead& block,
                 const CommitData& data, HistoryScope scope) {
    Bytes info = base::to_bytes(block.block_hash);
    base::append(info, block.state_root);
    tables.put(batch, Table::blocks, block_info_key(block.number), info);
    if (scope == HistoryScope::block_only) return;
    Bytes changed;
    changed.reserve(data.accounts.size() * 21 + data.slots.size() * (1 + kSlotRowKeySize));
    const auto add = [&](const Bytes& key, const Bytes& before) {
        base::append(changed, key);
        tables.put(batch, Table::history, with_block(key, block.number), before);
    };
    for (const auto& account : data.accounts)
        add(account_history_key(account.address), account_row(account.before));
    for (const auto& slot : data.slots) {
        add(slot_history_key(slot.key.address, slot.key.slot), encode_slot_row(slot.before));
    }
    tables.put(batch, Table::blocks, block_changes_key(block.number), changed);
}

std::optional<StateHead> block_info(const Tables& tables, std::uint64_t block, const Moment* moment) {
    const auto row = tables.get(Table::blocks, block_info_key(block), moment);
    if (!row || row->size() != 64) return std::nullopt;
    const BytesView view(*row);
    return StateHead{block, base::from_exact<Hash>(view.first(32)), base::from_exact<Hash>(view.last(32))};
}

std::optional<Bytes> row_after(const Moment& moment, BytesView history_key, std::uint64_t block) {
    const auto rows = moment.tables().iterate(Table::history, &moment);
    const auto from = with_block(history_key, block + 1);
    rows->Seek(slice_of(from));
    VALENCE_CHECK(rows->status().ok());
    if (!rows->Valid() || !rows->key().starts_with(slice_of(history_key))) return std::nullopt;
    return base::to_bytes(bytes_of(rows->value()));
}

Result<PastRows> rows_back_to(const Tables& tables, const WayBack& way, const Moment* moment) {
    // The earliest difference of a key after the block is what it was then.
    PastRows rows;
    std::uint64_t read = 0;
    for (auto number = way.head; number > way.block; --number) {
        visit_changes(tables, number, moment, [&](BytesView key) {
            if (++read > way.most_rows) return;
            auto row = tables.get(Table::history, with_block(key, number), moment);
            VALENCE_CHECK(row && "the history of a kept block is there");
            rows.insert_or_assign(base::to_bytes(key), std::move(*row));
        });
        if (read > way.most_rows) {
            return Error{StateError::too_much_changed,
                         fmt::format("block {}; more than {} accounts and slots", way.block, way.most_rows)};
        }
    }
    return rows;
}

Result<StateChanges> changes_back_to(const Tables& tables, const WayBack& way, const Moment* moment) {
    BOOST_OUTCOME_TRY(const auto rows, rows_back_to(tables, way, moment));
    StateChanges changes;
    for (const auto& [key, row] : rows) {
        const BytesView view(key);
        auto& change = changes.accounts[base::from_exact<Address>(view.subspan(1, 20))];
        if (key[0] == 's') {
            change.storage[U256::from_be(view.last(32))] = decode_slot_row(row);
        } else if (!row.empty()) {
            const auto account = decode_account_row(row);
            VALENCE_CHECK(account && "a stored account cannot be read");
            change.account = account->account;
        }
    }
    return changes;
}

void remove_history(const Tables& tables, rocksdb::WriteBatch& batch, std::uint64_t first, std::uint64_t last,
                    HistoryRemoval removal) {
    for (auto number = first; number <= last; ++number) {
        visit_changes(tables, number, nullptr, [&](BytesView key) {
            tables.remove_single(batch, Table::history, with_block(key, number));
        });
        tables.remove(batch, Table::blocks, block_changes_key(number));
        // The last block pruned can still be unwound to, and read from the differences after it.
        const bool keeps_info = removal == HistoryRemoval::pruned;
        if (!keeps_info) {
            tables.remove(batch, Table::blocks, block_info_key(number));
        } else if (number > 0) {
            tables.remove(batch, Table::blocks, block_info_key(number - 1));
        }
    }
}

}  // namespace valence::state
