// FilterStore: what callers asked to be kept for them between polls (eth_newFilter and its relatives). A
// filter holds a position in the chain, not a copy of it: a poll reads the blocks that came since. Filters
// nobody polls expire.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "valence/node/node.hpp"
#include "valence/rpc/deadline.hpp"
#include "valence/rpc/error.hpp"
#include "valence/rpc/json_writer.hpp"
#include "valence/rpc/limits.hpp"
#include "valence/rpc/parameters/log_filter.hpp"

namespace valence::rpc {

/// Hashes of new blocks.
struct BlockFilter {};

enum class PendingForm : std::uint8_t { hashes, objects };
/// Transactions that the pool took in.
struct PendingFilter {
    PendingForm form = PendingForm::hashes;
};

using FilterKind = std::variant<BlockFilter, PendingFilter, LogFilter>;

class FilterStore {
public:
    using Clock = std::chrono::steady_clock;

    FilterStore(node::Node& node, const Limits& limits);

    /// The new filter's id; kLimitExceeded when there are too many.
    Answer<std::string> install(FilterKind kind, Clock::time_point now = Clock::now());
    /// False when there was none.
    bool uninstall(std::string_view id);
    /// Writes what happened since the last poll as an array: of logs about as many as the limits let an
    /// answer have, and the rest with the next poll. "filter not found" for unknown and expired ones.
    Answer<void> write_changes(JsonWriter& out, std::string_view id, const Deadline& deadline = {},
                               Clock::time_point now = Clock::now());
    /// The criteria of a log filter; "filter not found" for anything else.
    Answer<LogFilter> log_filter(std::string_view id, Clock::time_point now = Clock::now());

    std::size_t size() const;

private:
    struct Filter {
        FilterKind kind;
        Clock::time_point expires;
        /// The first block, or pending transaction, not reported yet.
        std::uint64_t next = 0;
        /// Blocks reported before that left the chain since.
        std::vector<sequencer::SharedBlock> removed;
    };

    void on_event(const node::Event& event);
    void keep_pending(const sequencer::PooledTransaction& transaction);
    /// Forgets what nobody has polled; looks no more than once a second.
    void expire(Clock::time_point now);
    void forget(const FilterKind& kind);
    Answer<std::uint64_t> write_logs_since(JsonWriter& out, const LogFilter& filter, std::uint64_t first,
                                           std::uint64_t head, const Deadline& deadline) const;
    Answer<Filter*> find(std::string_view id, Clock::time_point now);

    node::Node& node_;
    const Limits limits_;
    /// Guards what follows. The head that a filter's place is made of is asked for while it is held: were
    /// blocks to leave the chain in between, those that come in their stead would be passed over.
    mutable std::mutex mutex_;
    std::map<std::string, Filter, std::less<>> filters_;
    std::size_t pending_filters_ = 0;
    /// Addresses and topics of all filters.
    std::size_t criteria_ = 0;
    Clock::time_point next_expiry_ = Clock::time_point::min();
    /// The latest pending transactions, while somebody wants them; the first has the number `pending_first_`.
    std::deque<sequencer::PooledTransaction> pending_;
    std::uint64_t pending_first_ = 0;
    /// Encoded, of all of them.
    std::size_t pending_bytes_ = 0;
    /// Last: the handler runs no more once it is gone.
    node::Subscription events_;
};

/// "0x" and 128 random bits: ids that callers cannot guess of each other.
std::string random_id();

}  // namespace valence::rpc
