#include "valence/state/state_database.hpp"

#include <mutex>

#include <fmt/format.h>

#include "valence/state/store/chain_store.hpp"
#include "valence/state/store/history.hpp"
#include "valence/state/store/pruner.hpp"
#include "valence/state/store/readers.hpp"
#include "valence/state/store/stored_nodes.hpp"
#include "valence/state/store/stored_walk.hpp"

namespace valence::state {
namespace {

constexpr std::string_view kHeadKey = "head";
constexpr std::string_view kLoadingKey = "loading";

/// How the memory for caches is shared out.
std::size_t node_cache_bytes(std::size_t all) { return all / 2; }
std::size_t read_cache_bytes(std::size_t all) { return all / 4; }
std::size_t block_cache_bytes(std::size_t all) { return all / 4; }

Bytes encode_head(const StateHead& head) {
    auto row = with_block({}, head.number);
    base::append(row, head.block_hash);
    base::append(row, head.state_root);
    return row;
}

std::optional<StateHead> decode_head(BytesView row) {
    if (row.size() != 72) return std::nullopt;
    return StateHead{block_of_key(row.first(8)), base::from_exact<Hash>(row.subspan(8, 32)),
                     base::from_exact<Hash>(row.subspan(40, 32))};
}

Error range_error(std::uint64_t number, std::uint64_t oldest, const std::optional<StateHead>& head) {
    if (!head) return {StateError::not_initialised, fmt::format("block {}", number)};
    if (number > head->number) {
        return {StateError::unknown_block, fmt::format("block {}; the newest is {}", number, head->number)};
    }
    return {StateError::pruned, fmt::format("block {}; the oldest kept is {}", number, oldest)};
}

}  // namespace

const Hash& PreparedCommit::state_root() const { return data_->state_root; }

class StateDatabase::Impl {
public:
    Impl(const StateOptions& options, std::shared_ptr<Tables> tables)
        : options_(options),
          tables_(std::move(tables)),
          chain_(tables_),
          nodes_(node_cache_bytes(options.cache_bytes)),
          caches_(std::make_shared<ReadCaches>(read_cache_bytes(options.cache_bytes))) {
        caches_->announce(version_);
    }

    /// Takes up the state the tables are in.
    Result<void> resume() {
        if (const auto row = tables_->get(Table::meta, base::as_bytes(kHeadKey))) {
            BOOST_OUTCOME_TRYV(resume_head(*row));
        } else if (tables_->get(Table::meta, base::as_bytes(kLoadingKey))) {
            // A load that was cut short: what is there of it is not to be trusted.
            for (const auto table : {Table::accounts, Table::storage, Table::code, Table::trie}) {
                BOOST_OUTCOME_TRYV(tables_->clear(table));
            }
            rocksdb::WriteBatch batch;
            tables_->remove(batch, Table::meta, base::as_bytes(kLoadingKey));
            BOOST_OUTCOME_TRYV(tables_->write(batch));
        }
        publish(head_);
        pruner_.emplace(tables_, options_.history_depth, oldest_);
        if (head_) pruner_->head_is(head_->number);
        return success();
    }

    std::optional<StateHead> head() const {
        const std::lock_guard lock(mutex_);
        return head_;
    }

    std::uint64_t oldest() const { return pruner_->oldest(); }

    Result<StateHead> block(std::uint64_t number) const {
        const auto now = head();
        if (!now || number > now->number || number < oldest()) return range_error(number, oldest(), now);
        const auto info = block_info(*tables_, number);
        if (!info) return range_error(number, oldest(), now);
        return *info;
    }

    std::shared_ptr<const StateReader> latest() const {
        const std::lock_guard lock(mutex_);
        return latest_.reader;
    }

    Result<std::shared_ptr<const StateReader>> reader_at(std::uint64_t number) const {
        const auto view = view_now();
        BOOST_OUTCOME_TRYV(check_range(number, view));
        if (number == view.head->number) return view.reader;
        return make_past_reader(view.moment, caches_, number);
    }

    PreparedCommit prepare(const StateChanges& changes) const {
        const std::lock_guard lock(write_mutex_);
        return update(changes, nullptr);
    }

    PreparedCommit prepare(const StateChanges& changes, const PreparedCommit& parent) const {
        return update(changes, parent.data());
    }

    Result<void> commit(std::uint64_t number, const Hash& block_hash, const PreparedCommit& prepared,
                        const KeyValueBatch& chain_writes) {
        const std::lock_guard lock(write_mutex_);
        const auto& data = *prepared.data();
        if (data.parent_id != head_id_) {
            return Error{StateError::stale_commit,
                         fmt::format("block {} was prepared on another state", number)};
        }
        const auto before = head();
        if (before && number != before->number + 1) {
            return Error{StateError::stale_commit,
                         fmt::format("block {} on head {}", number, before->number)};
        }
        if (!before) {
            BOOST_OUTCOME_TRYV(finish_load());
        }
        const StateHead after{number, block_hash, data.state_root};
        // A block's batch is megabytes: room for what is known saves growing it by halves.
        rocksdb::WriteBatch batch(ChainStore::bytes_of(chain_writes));
        add_state(batch, data);
        add_history(*tables_, batch, after, data,
                    before ? HistoryScope::block_and_changes : HistoryScope::block_only);
        ChainStore::add(*tables_, batch, chain_writes);
        tables_->put(batch, Table::meta, base::as_bytes(kHeadKey), encode_head(after));
        if (!before) {
            tables_->put(batch, Table::meta, base::as_bytes(kOldestKey), with_block({}, number));
            tables_->remove(batch, Table::meta, base::as_bytes(kLoadingKey));
        }
        BOOST_OUTCOME_TRYV(tables_->write(batch));
        take_over(data, after);
        if (!before) pruner_->starts_at(number);
        pruner_->head_is(number);
        return success();
    }

    Result<void> load(const StateChanges& changes) {
        const std::lock_guard lock(write_mutex_);
        if (head())
            return Error{StateError::already_initialised, "state can be loaded before the first commit only"};
        if (!loading_) {
            rocksdb::WriteBatch mark;
            tables_->put(mark, Table::meta, base::as_bytes(kLoadingKey), {});
            BOOST_OUTCOME_TRYV(tables_->write(mark));
            loading_ = true;
        }
        const auto prepared = update(changes, nullptr);
        rocksdb::WriteBatch batch;
        add_state(batch, *prepared.data());
        BOOST_OUTCOME_TRYV(tables_->write_unlogged(batch));
        take_over(*prepared.data(), std::nullopt);
        return success();
    }

    Result<void> unwind_to(std::uint64_t number, const KeyValueBatch& chain_writes) {
        const std::lock_guard lock(write_mutex_);
        const auto pruning = pruner_->pause();
        const auto before = head();
        BOOST_OUTCOME_TRY(const auto after, block(number));
        if (after == *before) return chain_.write(chain_writes);
        BOOST_OUTCOME_TRY(const auto back, changes_back_to(*tables_, {number, before->number}));
        const auto prepared = update(back, nullptr);
        const auto& data = *prepared.data();
        if (data.state_root != after.state_root) {
            return Error{
                StateError::corrupt,
                fmt::format("unwinding to block {} gives the root {}, its own is {}", number,
                            base::to_hex_prefixed(data.state_root), base::to_hex_prefixed(after.state_root))};
        }
        rocksdb::WriteBatch batch;
        add_state(batch, data);
        remove_history(*tables_, batch, number + 1, before->number, HistoryRemoval::unwound);
        ChainStore::add(*tables_, batch, chain_writes);
        tables_->put(batch, Table::meta, base::as_bytes(kHeadKey), encode_head(after));
        BOOST_OUTCOME_TRYV(tables_->write(batch));
        take_over(data, after);
        pruner_->head_is(number);
        return success();
    }

    Result<AccountProof> prove(std::uint64_t number, const Address& address,
                               std::span<const U256> slots) const {
        const auto view = view_now();
        BOOST_OUTCOME_TRYV(check_provable(number, view));
        BOOST_OUTCOME_TRY(const auto back,
                          changes_back_to(*tables_, way_back(number, view), view.moment.get()));
        const auto slots_of = [&](const Address& a) { return stored_slots(*tables_, a, view.moment.get()); };
        return StateUpdate(MomentNodes(*view.moment), slots_of, back, {address, slots}).proof();
    }

    Result<Hash> root_after(std::uint64_t number, const StateChanges& changes, Reach reach) const {
        const auto view = view_now();
        BOOST_OUTCOME_TRYV(reach == Reach::proofs ? check_provable(number, view) : check_range(number, view));
        const WayBack way =
            reach == Reach::proofs ? way_back(number, view) : WayBack{number, view.head->number};
        BOOST_OUTCOME_TRY(auto all, changes_back_to(*tables_, way, view.moment.get()));
        add_changes(all, changes);
        // For the root alone a cleared storage is an empty trie: its slots, of which there may be millions,
        // are not looked at.
        const MomentNodes stored(*view.moment);
        WithoutTries nodes(stored);
        for (const auto& [address, change] : all.accounts) {
            if (change.storage_cleared || !change.account) nodes.hide_storage_of(address);
        }
        const auto no_slots = [](const Address&) { return std::vector<U256>{}; };
        return StateUpdate(nodes, no_slots, all).state_root();
    }

    Result<std::unique_ptr<const StateWalk>> walk(std::uint64_t number, StateChanges later) const {
        const auto view = view_now();
        BOOST_OUTCOME_TRYV(check_provable(number, view));
        BOOST_OUTCOME_TRY(auto past, rows_back_to(*tables_, way_back(number, view), view.moment.get()));
        return make_walk(view.moment, std::move(past), std::move(later));
    }

    KeyValueStore& chain() { return chain_; }
    void wait_until_pruned() const { pruner_->wait(); }

private:
    /// A consistent picture: the tables at the moment the head became what it is.
    struct View {
        std::optional<StateHead> head;
        std::shared_ptr<const Moment> moment;
        std::shared_ptr<const StateReader> reader;
    };

    /// Whether the state after a block can be made, whole, from the head's.
    Result<void> check_provable(std::uint64_t number, const View& view) const {
        BOOST_OUTCOME_TRYV(check_range(number, view));
        if (view.head->number - number > options_.proof_depth) {
            return Error{StateError::pruned,
                         fmt::format("block {}; only the last {} blocks have proofs and can be walked",
                                     number, options_.proof_depth)};
        }
        return success();
    }

    WayBack way_back(std::uint64_t number, const View& view) const {
        return {number, view.head->number, options_.proof_rows};
    }

    Result<void> resume_head(BytesView row) {
        const auto head = decode_head(row);
        const auto oldest = tables_->get(Table::meta, base::as_bytes(kOldestKey));
        if (!head || !oldest || oldest->size() != 8)
            return Error{StateError::corrupt, "the head cannot be read"};
        head_ = head;
        oldest_ = block_of_key(*oldest);
        // The batch that wrote the head wrote the trie too, so their roots agree, or the tables are damaged.
        const auto nobody = [](const Address&) { return std::vector<U256>{}; };
        const auto root = StateUpdate(HeadNodes(*tables_, nodes_), nobody, {}).state_root();
        if (root != head->state_root) {
            return Error{StateError::corrupt,
                         fmt::format("the head's root is {}, the trie's {}",
                                     base::to_hex_prefixed(head->state_root), base::to_hex_prefixed(root))};
        }
        return success();
    }

    View view_now() const {
        const std::lock_guard lock(mutex_);
        return {head_, latest_.moment, latest_.reader};
    }

    Result<void> check_range(std::uint64_t number, const View& view) const {
        const auto oldest = pruner_->oldest();
        if (view.head && number <= view.head->number && number >= oldest) return success();
        return range_error(number, oldest, view.head);
    }

    /// The update itself. What the parents that may not be in the tables yet wrote lies over the tables.
    PreparedCommit update(const StateChanges& changes, std::shared_ptr<const CommitData> parent) const {
        std::vector<std::shared_ptr<const CommitData>> over;
        {
            const std::lock_guard lock(parents_mutex_);
            for (auto p = parent; p != nullptr; p = p->parent)
                over.push_back(p);
        }
        std::reverse(over.begin(), over.end());
        const auto head_id = head_id_.load();
        VALENCE_CHECK(over.empty() || over[0]->parent_id == head_id || over[0]->id == head_id);
        const HeadNodes head(*tables_, nodes_);
        OverlaidNodes nodes(head);
        for (const auto& p : over)
            nodes.add(p->nodes);
        const auto slots_of = [&](const Address& address) {
            auto slots = stored_slots(*tables_, address, nullptr);
            for (const auto& p : over) {
                for (const auto& slot : p->slots) {
                    if (slot.key.address != address) continue;
                    std::erase(slots, slot.key.slot);
                    if (!slot.after.is_zero()) slots.push_back(slot.key.slot);
                }
            }
            return slots;
        };
        auto data = std::make_shared<CommitData>(
            StateUpdate(over.empty() ? static_cast<const NodeSource&>(head) : nodes, slots_of, changes)
                .take());
        for (const auto& [hash, code] : changes.code)
            data->code.emplace_back(hash, code);
        data->id = ++last_id_;
        data->parent_id = parent != nullptr ? parent->id : head_id;
        data->parent = std::move(parent);
        return PreparedCommit(std::move(data));
    }

    void add_state(rocksdb::WriteBatch& batch, const CommitData& data) const {
        for (const auto& account : data.accounts) {
            if (account.after) {
                tables_->put(batch, Table::accounts, account.address, encode_account_row(*account.after));
            } else {
                tables_->remove(batch, Table::accounts, account.address);
            }
        }
        for (const auto& slot : data.slots) {
            const auto key = slot_row_key(slot.key.address, slot.key.slot);
            if (slot.after.is_zero()) {
                tables_->remove(batch, Table::storage, key);
            } else {
                tables_->put(batch, Table::storage, key, encode_slot_row(slot.after));
            }
        }
        for (const auto& [hash, code] : data.code)
            tables_->put(batch, Table::code, hash, *code);
        for (const auto& node : data.nodes) {
            if (node.node) {
                tables_->put(batch, Table::trie, view_of(node.key), node.node.view());
            } else {
                tables_->remove(batch, Table::trie, view_of(node.key));
            }
        }
    }

    Result<void> finish_load() {
        // Rows loaded without the log must be in files before the log says there is a head.
        if (loading_) {
            BOOST_OUTCOME_TRYV(tables_->flush());
        }
        loading_ = false;
        return success();
    }

    /// Caches, head and reader follow what has been written.
    void take_over(const CommitData& data, const std::optional<StateHead>& head) {
        const auto before = this->head();
        const bool unwinds = before && head && head->number <= before->number;
        ++version_;
        caches_->announce(version_);
        if (unwinds) caches_->forget();
        for (const auto& account : data.accounts)
            caches_->accounts.write(account.address, account.after);
        for (const auto& slot : data.slots)
            caches_->slots.write(slot.key, slot.after);
        for (const auto& [hash, code] : data.code)
            caches_->code.put(hash, code);
        for (const auto& node : data.nodes) {
            if (node.node) {
                nodes_.put(node.key, node.node);
            } else {
                nodes_.erase(node.key);
            }
        }
        {
            const std::lock_guard lock(parents_mutex_);
            data.parent.reset();
        }
        head_id_ = data.id;
        publish(head);
    }

    /// Head and reader in one step: whoever learns of a head can read it.
    void publish(std::optional<StateHead> head) {
        auto moment = std::make_shared<const Moment>(tables_);
        auto reader = make_reader(moment, caches_, version_);
        const std::lock_guard lock(mutex_);
        head_ = head;
        latest_ = {std::move(moment), std::move(reader)};
    }

    struct Latest {
        std::shared_ptr<const Moment> moment;
        std::shared_ptr<const StateReader> reader;
    };

    StateOptions options_;
    std::shared_ptr<Tables> tables_;
    ChainStore chain_;
    mutable NodeCache nodes_;
    std::shared_ptr<ReadCaches> caches_;
    std::uint64_t oldest_ = 0;
    /// State has been loaded that no commit has adopted yet.
    bool loading_ = false;
    std::uint64_t version_ = 1;
    /// The prepared state the head is.
    std::atomic<std::uint64_t> head_id_{0};
    mutable std::atomic<std::uint64_t> last_id_{0};

    /// One writer at a time, and none while a commit is prepared on the head.
    mutable std::mutex write_mutex_;
    /// Guards CommitData::parent of all prepared commits.
    mutable std::mutex parents_mutex_;
    /// Guards head_ and latest_.
    mutable std::mutex mutex_;
    std::optional<StateHead> head_;
    Latest latest_;
    std::optional<Pruner> pruner_;
};

Result<std::unique_ptr<StateDatabase>> StateDatabase::open(const StateOptions& options) {
    BOOST_OUTCOME_TRY(auto tables, Tables::open(options, block_cache_bytes(options.cache_bytes)));
    auto impl = std::make_unique<Impl>(options, std::move(tables));
    BOOST_OUTCOME_TRYV(impl->resume());
    return std::unique_ptr<StateDatabase>(new StateDatabase(std::move(impl)));
}

StateDatabase::StateDatabase(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StateDatabase::~StateDatabase() = default;

std::optional<StateHead> StateDatabase::head() const { return impl_->head(); }
std::uint64_t StateDatabase::oldest_block() const { return impl_->oldest(); }
Result<StateHead> StateDatabase::block(std::uint64_t number) const { return impl_->block(number); }
std::shared_ptr<const StateReader> StateDatabase::latest() const { return impl_->latest(); }

Result<std::shared_ptr<const StateReader>> StateDatabase::reader_at(std::uint64_t number) const {
    return impl_->reader_at(number);
}

PreparedCommit StateDatabase::prepare(const StateChanges& changes) const { return impl_->prepare(changes); }

PreparedCommit StateDatabase::prepare(const StateChanges& changes, const PreparedCommit& parent) const {
    return impl_->prepare(changes, parent);
}

Result<void> StateDatabase::commit(std::uint64_t number, const Hash& block_hash,
                                   const PreparedCommit& prepared, const KeyValueBatch& chain_writes) {
    return impl_->commit(number, block_hash, prepared, chain_writes);
}

Result<void> StateDatabase::load(const StateChanges& changes) { return impl_->load(changes); }

Result<void> StateDatabase::unwind_to(std::uint64_t number, const KeyValueBatch& chain_writes) {
    return impl_->unwind_to(number, chain_writes);
}

Result<AccountProof> StateDatabase::prove(std::uint64_t number, const Address& address,
                                          std::span<const U256> slots) const {
    return impl_->prove(number, address, slots);
}

Result<Hash> StateDatabase::root_after(std::uint64_t number, const StateChanges& changes, Reach reach) const {
    return impl_->root_after(number, changes, reach);
}

Result<std::unique_ptr<const StateWalk>> StateDatabase::walk(std::uint64_t number, StateChanges later) const {
    return impl_->walk(number, std::move(later));
}

KeyValueStore& StateDatabase::chain() { return impl_->chain(); }
const KeyValueStore& StateDatabase::chain() const { return impl_->chain(); }
void StateDatabase::wait_until_pruned() const { impl_->wait_until_pruned(); }

}  // namespace valence::state
