#include "valence/rpc/filters.hpp"

#include <random>

#include "valence/rpc/logs.hpp"
#include "valence/rpc/render/receipt.hpp"
#include "valence/rpc/render/transaction.hpp"

namespace valence::rpc {

std::string random_id() {
    static thread_local std::mt19937_64 engine{[] {
        std::random_device device;
        std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
        return std::mt19937_64(seed);
    }()};
    Bytes bytes(16);
    for (auto& byte : bytes)
        byte = static_cast<std::uint8_t>(engine());
    return U256::from_be(bytes).to_hex();
}

FilterStore::FilterStore(node::Node& node, const Limits& limits) : node_(node), limits_(limits) {
    events_ = node_.subscribe([this](const node::Event& event) { on_event(event); });
}

void FilterStore::on_event(const node::Event& event) {
    const std::lock_guard lock(mutex_);
    if (const auto* pending = std::get_if<node::PendingTransactions>(&event);
        pending != nullptr && pending_filters_ > 0) {
        for (const auto& transaction : pending->transactions)
            keep_pending(transaction);
    } else if (const auto* unwound = std::get_if<node::Unwound>(&event)) {
        for (auto& [id, filter] : filters_) {
            if (std::holds_alternative<PendingFilter>(filter.kind)) continue;
            for (const auto& block : unwound->blocks) {
                if (block->number() >= filter.next) continue;
                filter.next = block->number();
                if (filter.removed.size() < limits_.filter_backlog) filter.removed.push_back(block);
            }
        }
    }
}

void FilterStore::keep_pending(const sequencer::PooledTransaction& transaction) {
    pending_.push_back(transaction);
    pending_bytes_ += transaction->encoded.size();
    // Kept long after the pool has dropped them: of the largest there are, as many would be gigabytes.
    while (pending_.size() > limits_.filter_backlog || pending_bytes_ > limits_.filter_backlog_bytes) {
        pending_bytes_ -= pending_.front()->encoded.size();
        pending_.pop_front();
        ++pending_first_;
    }
}

void FilterStore::forget(const FilterKind& kind) {
    if (std::holds_alternative<PendingFilter>(kind)) --pending_filters_;
    if (const auto* logs = std::get_if<LogFilter>(&kind)) criteria_ -= logs->weight();
}

void FilterStore::expire(Clock::time_point now) {
    if (now < next_expiry_) return;
    next_expiry_ = now + std::chrono::seconds(1);
    std::erase_if(filters_, [&](const auto& entry) {
        const bool expired = entry.second.expires < now;
        if (expired) forget(entry.second.kind);
        return expired;
    });
    if (pending_filters_ == 0) {
        pending_first_ += pending_.size();
        pending_.clear();
        pending_bytes_ = 0;
    }
}

Answer<std::string> FilterStore::install(FilterKind kind, Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    expire(now);
    const auto head = node_.chain().head_number();
    const auto* logs = std::get_if<LogFilter>(&kind);
    const auto weight = logs == nullptr ? 0 : logs->weight();
    if (filters_.size() >= limits_.filters || criteria_ + weight > limits_.filter_criteria) {
        return RpcError{code::kLimitExceeded,
                        "too many filters are installed; uninstall some or let them expire"};
    }
    criteria_ += weight;
    Filter filter{std::move(kind), now + limits_.filter_life, head + 1, {}};
    if (std::holds_alternative<PendingFilter>(filter.kind)) {
        ++pending_filters_;
        filter.next = pending_first_ + pending_.size();
    }
    auto id = random_id();
    filters_.emplace(id, std::move(filter));
    return id;
}

bool FilterStore::uninstall(std::string_view id) {
    const std::lock_guard lock(mutex_);
    const auto found = filters_.find(id);
    if (found == filters_.end()) return false;
    forget(found->second.kind);
    filters_.erase(found);
    return true;
}

Answer<FilterStore::Filter*> FilterStore::find(std::string_view id, Clock::time_point now) {
    expire(now);
    const auto found = filters_.find(id);
    if (found == filters_.end() || found->second.expires < now) return server_error("filter not found");
    found->second.expires = now + limits_.filter_life;
    return &found->second;
}

Answer<LogFilter> FilterStore::log_filter(std::string_view id, Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    BOOST_OUTCOME_TRY(const auto* filter, find(id, now));
    if (const auto* logs = std::get_if<LogFilter>(&filter->kind)) return *logs;
    return server_error("filter not found");
}

Answer<std::uint64_t> FilterStore::write_logs_since(JsonWriter& out, const LogFilter& filter,
                                                    std::uint64_t first, std::uint64_t head,
                                                    const Deadline& deadline) const {
    const auto* from = filter.from ? std::get_if<std::uint64_t>(&*filter.from) : nullptr;
    const auto* to = filter.to ? std::get_if<std::uint64_t>(&*filter.to) : nullptr;
    const auto end = to == nullptr ? head : std::min(head, *to);
    std::size_t count = 0;
    const LogSink sink = [&](const auto& block, std::size_t transaction, const evm::Log& log,
                             std::uint64_t index) {
        write_log(out, block, transaction, log, index);
        ++count;
        return true;
    };
    for (auto number = from == nullptr ? first : std::max(first, *from); number <= end; ++number) {
        if (count >= limits_.log_results || (number > first && deadline.over())) return number;
        BOOST_OUTCOME_TRY(scan_blocks(node_.chain(), number, number, filter, {}, sink));
    }
    return head + 1;
}

Answer<void> FilterStore::write_changes(JsonWriter& out, std::string_view id, const Deadline& deadline,
                                        Clock::time_point now) {
    // What is to be reported is taken under the lock; blocks are read and written without it.
    std::vector<sequencer::PooledTransaction> pending;
    std::vector<sequencer::SharedBlock> removed;
    FilterKind kind;
    std::uint64_t first = 0;
    std::uint64_t head = 0;
    {
        const std::lock_guard lock(mutex_);
        BOOST_OUTCOME_TRY(auto* filter, find(id, now));
        head = node_.chain().head_number();
        kind = filter->kind;
        removed.swap(filter->removed);
        if (std::holds_alternative<PendingFilter>(kind)) {
            const auto from = std::max(filter->next, pending_first_) - pending_first_;
            pending.assign(pending_.begin() + static_cast<std::ptrdiff_t>(from), pending_.end());
            filter->next = pending_first_ + pending_.size();
        } else {
            first = filter->next;
            if (head + 1 > filter->next) filter->next = head + 1;
        }
    }
    // Behind by more than the backlog: the oldest are lost, as they are with any node.
    if (head >= first && head - first >= limits_.filter_backlog) first = head + 1 - limits_.filter_backlog;

    out.begin_array();
    if (const auto* wanted = std::get_if<PendingFilter>(&kind)) {
        for (const auto& transaction : pending) {
            if (wanted->form == PendingForm::objects) {
                write_pending_transaction(out, *transaction);
            } else {
                out.data(transaction->hash);
            }
        }
    } else if (std::holds_alternative<BlockFilter>(kind)) {
        for (auto number = first; number <= head; ++number) {
            const auto hash = node_.chain().block_hash(number);
            if (!hash) break;
            out.data(*hash);
        }
    } else {
        const auto& logs = std::get<LogFilter>(kind);
        for (const auto& block : removed) {
            scan_block(
                *block, logs,
                [&out](const auto& in, std::size_t transaction, const evm::Log& log, std::uint64_t index) {
                    write_log(out, in, transaction, log, index, LogFate::removed);
                    return true;
                });
        }
        BOOST_OUTCOME_TRY(const auto next, write_logs_since(out, logs, first, head, deadline));
        if (next <= head) {
            // Unless blocks left the chain meanwhile, and with them the place to go on from.
            const std::lock_guard lock(mutex_);
            const auto found = filters_.find(id);
            if (found != filters_.end() && found->second.next == head + 1) found->second.next = next;
        }
    }
    out.end_array();
    return success();
}

std::size_t FilterStore::size() const {
    const std::lock_guard lock(mutex_);
    return filters_.size();
}

}  // namespace valence::rpc
