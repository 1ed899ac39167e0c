// Mempool: the transactions that wait for a block. Per sender ordered by nonce, the contiguous ones from the
// account's nonce on being *pending*, those behind a gap *queued*. Deterministic: the same calls in the same
// order give the same pool and the same order of candidates. Any thread may call anything; a call never waits
// for a block.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "valence/base/base.hpp"
#include "valence/chain/rule_set.hpp"
#include "valence/sequencer/candidates.hpp"
#include "valence/sequencer/pool_transaction.hpp"
#include "valence/state/reader.hpp"

namespace valence::sequencer {

/// Whether a transaction that the next block could not include for its fee is taken.
enum class BelowBaseFee : std::uint8_t { wait, refuse };

struct MempoolLimits {
    /// Transactions of one sender.
    std::size_t per_sender = 50'000;
    /// Transactions of everybody; the cheapest give way.
    std::size_t total = 200'000;
    /// Encoded bytes of everybody's; in memory they take about three times as much.
    std::size_t total_bytes = std::size_t{256} << 20;
    /// Encoded bytes of one transaction (geth's bound).
    std::size_t transaction_bytes = 128 * 1024;
    /// Transactions of a sender whose code is a delegation (EIP-7702), or will be when a transaction of the
    /// pool is included.
    std::size_t per_delegated_sender = 64;
    /// Percent by which a replacement must raise both its fees.
    unsigned replacement_bump = 10;
};

/// What the next block would be like: the ground on which transactions are judged.
struct NextBlock {
    std::uint64_t number = 0;
    std::uint64_t timestamp = 0;
    /// Wei per gas; 0 before London.
    U256 base_fee;
    std::uint64_t gas_limit = 0;
    /// At the head.
    std::shared_ptr<const state::StateReader> state;
};

/// The transactions of one sender, by nonce.
struct SenderContent {
    std::vector<PooledTransaction> pending;
    std::vector<PooledTransaction> queued;
};

struct PoolCounts {
    std::size_t pending = 0;
    std::size_t queued = 0;
};

class Mempool {
public:
    Mempool(const chain::RuleSet& rules, MempoolLimits limits);
    ~Mempool();
    Mempool(const Mempool&) = delete;
    Mempool& operator=(const Mempool&) = delete;

    // ---- Reading

    /// Null when it is not in the pool.
    PooledTransaction find(const Hash& hash) const;
    /// Whether the transaction could go into the next block as far as nonces are concerned.
    bool is_pending(const Hash& hash) const;
    std::map<Address, SenderContent> content() const;
    SenderContent content(const Address& sender) const;
    PoolCounts counts() const;
    /// The first nonce of `sender` behind its pending transactions; nothing when it has none in the pool, so
    /// that the account's own nonce counts.
    std::optional<std::uint64_t> next_nonce(const Address& sender) const;
    /// Changes with every change of the pool.
    std::uint64_t version() const;

    // ---- Writing

    /// Takes in what can be taken, in order; for each its hash or why not (chain::ChainError, PoolError).
    std::vector<Result<Hash>> add(std::vector<PoolTransaction> transactions);
    /// A new head: judges anew the senders whose accounts changed, and drops what was included or can no
    /// longer be.
    void advance(NextBlock next, std::span<const Address> changed);
    /// The same for every sender: after an unwinding, or when the gas limit changed.
    void reset(NextBlock next);
    void set_below_base_fee(BelowBaseFee rule);
    /// Which transactions can be neither replaced nor crowded out: jobs are under way for them. Called under
    /// the pool's lock; before the pool is used.
    void set_bound(std::function<bool(const Hash&)> is_bound);

    /// The pending transactions as a block builder wants them, without those of senders whose next one is in
    /// `waiting`.
    Candidates candidates(const HashSet& waiting = {}) const;

    bool drop(const Hash& hash);
    void drop_sender(const Address& sender);
    void clear();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace valence::sequencer
