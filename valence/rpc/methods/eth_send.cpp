// eth_sendRawTransaction and its kin: signed transactions into the pool.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <boost/json.hpp>

#include "valence/base/parallel.hpp"
#include "valence/codec/rlp.hpp"
#include "valence/rpc/context.hpp"
#include "valence/rpc/methods/find_transaction.hpp"
#include "valence/rpc/methods/handlers.hpp"
#include "valence/rpc/methods/send_raw.hpp"
#include "valence/rpc/render/receipt.hpp"

namespace valence::rpc {

namespace json = boost::json;

namespace {

/// Transactions to decode and recover by one task: enough for them to share what recovery can share, few
/// enough that a batch of a hundred occupies several processors.
constexpr std::size_t kGrain = 25;

/// Bytes of a blob transaction with its blobs (geth: 1 MiB).
constexpr std::size_t kMostBytesWithBlobs = 1024 * 1024;

/// Reduces a blob transaction that comes with its blobs (EIP-4844's network form) to the transaction itself,
/// which is what is hashed and judged: nobody here keeps blobs.
void without_blobs(Bytes& encoded) {
    constexpr auto kType = static_cast<std::uint8_t>(chain::TransactionType::blob);
    if (encoded.empty() || encoded[0] != kType || encoded.size() > kMostBytesWithBlobs) return;
    const auto outer = codec::rlp_only(BytesView(encoded).subspan(1));
    if (outer.has_error() || !outer.value().is_list()) return;
    const auto inner = codec::rlp_first(outer.value().payload);
    if (inner.has_error() || !inner.value().is_list()) return;
    Bytes alone{kType};
    base::append(alone, inner.value().encoded);
    encoded = std::move(alone);
}

}  // namespace

RpcError refusal(const Error& error) {
    auto answer = from_error(error);
    // geth meets a wrong chain id when it recovers the sender.
    if (error == Error{chain::ChainError::chain_id_mismatch}) answer.message.insert(0, "invalid sender: ");
    return answer;
}

namespace {

using SignedAnswer = Answer<sequencer::PoolTransaction>;

/// The bytes of one transaction, if they may be one.
Answer<Bytes> read_encoded(const json::value& value, const Limits& limits) {
    auto bytes = decode_data(value);
    if (bytes.has_error()) return invalid_argument(0, bytes.error().message());
    if (bytes.value().empty()) return server_error("typed transaction too short");
    without_blobs(bytes.value());
    if (bytes.value().size() > limits.transaction_bytes) {
        return server_error("oversized data: transaction size " + std::to_string(bytes.value().size()) +
                            ", limit " + std::to_string(limits.transaction_bytes));
    }
    return std::move(bytes).value();
}

/// Decodes requests into the places of the same index.
void decode_signed(std::span<const SendRawRequest> requests, std::span<std::optional<SignedAnswer>> decoded,
                   const Limits& limits) {
    std::vector<Bytes> encoded;
    encoded.reserve(requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
        auto bytes = read_encoded(*requests[i].encoded, limits);
        if (bytes.has_error()) {
            decoded[i].emplace(std::move(bytes).error());
        } else {
            encoded.push_back(std::move(bytes).value());
        }
    }
    auto transactions = sequencer::decode_pool_transactions(std::move(encoded));
    auto next = transactions.begin();
    for (auto& place : decoded) {
        if (place) continue;
        if (next->has_error()) {
            place.emplace(from_error(next->error()));
        } else {
            place.emplace(std::move(*next).value());
        }
        ++next;
    }
}

/// One of a limited number of places, for as long as it lives.
class Place {
public:
    Place(std::atomic<std::size_t>& used, std::size_t places)
        : used_(used), taken_(used.fetch_add(1) < places) {}
    ~Place() { used_.fetch_sub(1); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    bool taken() const { return taken_; }

private:
    std::atomic<std::size_t>& used_;
    const bool taken_;
};

/// Waits until the transaction is in a block, or until `wait` is over.
FoundTransaction await_inclusion(Context& context, const Hash& hash, std::chrono::milliseconds wait) {
    std::mutex mutex;
    std::condition_variable changed;
    std::uint64_t heads = 0;
    const auto events = context.node.subscribe([&](const node::Event& event) {
        if (!std::holds_alternative<node::NewHead>(event)) return;
        const std::lock_guard lock(mutex);
        ++heads;
        changed.notify_all();
    });
    const auto deadline = std::chrono::steady_clock::now() + wait;
    for (;;) {
        std::uint64_t seen = 0;
        {
            const std::lock_guard lock(mutex);
            seen = heads;
        }
        auto found = find_transaction(context.node, hash);
        if (found.block || context.stopping || std::chrono::steady_clock::now() >= deadline) return found;
        std::unique_lock lock(mutex);
        // Woken now and then to see whether the server stops.
        const auto until =
            std::min(deadline, std::chrono::steady_clock::now() + std::chrono::milliseconds(250));
        changed.wait_until(lock, until, [&] { return heads != seen; });
    }
}

}  // namespace

std::vector<Answer<Hash>> send_raw_transactions(Context& context, std::span<const SendRawRequest> requests) {
    std::vector<std::optional<SignedAnswer>> decoded(requests.size());
    const auto decode = [&](std::size_t begin, std::size_t end) {
        decode_signed(requests.subspan(begin, end - begin), std::span(decoded).subspan(begin, end - begin),
                      context.limits);
    };
    // Where other workers do the same on every processor, splitting the work would only add to it.
    static std::atomic<unsigned> decoding{0};
    static const auto processors = std::thread::hardware_concurrency();
    const bool all_busy = decoding.fetch_add(1, std::memory_order_relaxed) >= processors;
    if (requests.size() <= kGrain || all_busy) {
        decode(0, requests.size());
    } else {
        base::in_pieces(requests.size(), kGrain, decode, tbb::simple_partitioner{});
    }
    decoding.fetch_sub(1, std::memory_order_relaxed);
    std::vector<sequencer::PoolTransaction> good;
    good.reserve(requests.size());
    for (auto& answer : decoded) {
        if (answer->has_value()) good.push_back(std::move(*answer).value());
    }
    const auto submitted = good.empty() ? std::vector<Result<Hash>>{} : context.node.submit(std::move(good));
    std::vector<Answer<Hash>> answers;
    answers.reserve(requests.size());
    auto next = submitted.begin();
    for (const auto& answer : decoded) {
        if (answer->has_error()) {
            answers.emplace_back(answer->error());
        } else if (next->has_error()) {
            answers.emplace_back(refusal(next++->error()));
        } else {
            answers.emplace_back((next++)->value());
        }
    }
    return answers;
}

Answer<void> eth_send_raw_transaction(Call& call) {
    BOOST_OUTCOME_TRY(const auto* encoded, call.parameters.require(0));
    const SendRawRequest request{encoded};
    const auto answers = send_raw_transactions(call.context, {&request, 1});
    if (answers.front().has_error()) return answers.front().error();
    call.result.data(answers.front().value());
    return success();
}

/// EIP-7966: submits and answers the receipt, or code 4 with the hash when it takes too long. The time to
/// wait is in milliseconds, as a number or a quantity.
Answer<void> eth_send_raw_transaction_sync(Call& call) {
    BOOST_OUTCOME_TRY(const auto* encoded, call.parameters.require(0));
    auto wait = call.context.limits.sync_send_default;
    if (call.parameters.given(1)) {
        BOOST_OUTCOME_TRY(const auto wished, call.parameters.lenient_u64(1));
        const auto longest = static_cast<std::uint64_t>(call.context.limits.sync_send_longest.count());
        if (wished > 0) wait = std::chrono::milliseconds(std::min(wished, longest));
    }
    const Place place(call.context.sync_sends, call.context.limits.sync_sends);
    if (!place.taken()) {
        return RpcError{code::kLimitExceeded,
                        "too many requests wait for receipts: use eth_sendRawTransaction, or try again"};
    }
    const SendRawRequest request{encoded};
    const auto answers = send_raw_transactions(call.context, {&request, 1});
    if (answers.front().has_error()) return answers.front().error();
    const auto hash = answers.front().value();
    const auto found = await_inclusion(call.context, hash, wait);
    if (!found.block) {
        return RpcError{code::kReceiptTimeout,
                        "The transaction was added to the transaction pool but wasn't processed in " +
                            std::to_string(wait.count()) + "ms",
                        '"' + base::to_hex_prefixed(hash.bytes) + '"'};
    }
    write_receipt(call.result, *found.block, found.index, call.context.node.config().genesis.rules);
    return success();
}

}  // namespace valence::rpc
