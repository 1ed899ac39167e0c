// Parking: the transactions that wait for outcomes. A parked transaction is only its bytes and the names of
// the jobs it waits for: it holds no stack and resumes by running from its start. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "valence/chain/execute_transaction.hpp"
#include "valence/sequencer/inference/parking_limits.hpp"
#include "valence/sequencer/pool_transaction.hpp"

namespace valence::sequencer {

/// Those parked at one moment, as a builder of blocks asks for them.
struct ParkedView {
    /// Waiting for an outcome still.
    HashSet waiting;
    /// What each sender's may still cost it: nothing else may take it until the jobs are paid.
    chain::Reserves reserves;
    /// Those of them whose ether others can move.
    std::vector<Address> delegated;
};

/// Whether others can move a sender's ether: an account with code (EIP-7702) acts when it is called.
enum class SenderKind : std::uint8_t { plain, delegated };

class Parking {
public:
    explicit Parking(ParkingLimits limits = {}) : limits_(limits) {}

    /// Parks it until all these jobs have an outcome; it may be parked already. Answers those of the jobs
    /// that nobody waited for until now; nothing when there is no room: then the transaction stays where it
    /// was and may be tried again later.
    std::optional<std::vector<chain::NeededJob>> park(const PooledTransaction& transaction,
                                                      const std::vector<chain::NeededJob>& jobs,
                                                      SenderKind kind = SenderKind::plain);

    /// Whether `park` would take it after so many others that are not there yet.
    bool has_room(const PoolTransaction& transaction, SenderKind kind, std::size_t others) const;

    bool is_waiting(const Hash& transaction) const;
    /// Whether jobs were dispatched for it: it can no longer be replaced.
    bool is_bound(const Hash& transaction) const;
    /// Whether no other transaction has been bound for longer.
    bool is_oldest(const Hash& transaction) const;
    /// Whether it has come back as often as it may.
    bool asks_too_often(const Hash& transaction) const;
    /// Answers whether a transaction waits no more.
    bool arrived(const outcome::JobId& job);
    /// There will be no outcome: forgets the transactions that wait for it, and answers which.
    std::vector<PooledTransaction> release(const outcome::JobId& job);
    /// Included, dropped or impossible.
    void forget(const Hash& transaction);
    /// Forgets all but those for which keep(hash) holds.
    void retain(const std::function<bool(const Hash&)>& keep);

    std::shared_ptr<const ParkedView> view() const;
    std::size_t count() const;

    /// A transaction that was parked since, or null where it was forgotten.
    using Change = std::pair<Hash, PooledTransaction>;
    /// What changed since this was last asked, each transaction once.
    std::vector<Change> take_changes();

private:
    bool is_full(const Address& sender, SenderKind kind, std::size_t others) const;

    struct Entry {
        PooledTransaction transaction;
        SenderKind kind = SenderKind::plain;
        /// When it was bound, counted in bindings.
        std::uint64_t place = 0;
        std::set<outcome::JobId> waiting;
        unsigned asks = 0;
    };

    const ParkingLimits limits_;
    mutable std::mutex mutex_;  // guards what follows
    std::map<Hash, Entry> entries_;
    std::map<std::uint64_t, Hash> by_place_;
    std::uint64_t next_place_ = 0;
    std::size_t delegated_ = 0;
    std::map<outcome::JobId, std::set<Hash>> waiting_for_;
    std::map<Address, std::size_t> of_sender_;
    std::map<Hash, PooledTransaction> changed_;
    /// Null after a change. Blocks are built more often than transactions are parked.
    mutable std::shared_ptr<const ParkedView> view_;
};

}  // namespace valence::sequencer
