#include "valence/node/follower.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "valence/base/hex.hpp"
#include "valence/chain/chain_error.hpp"

namespace valence::node {
namespace {

namespace json = boost::json;

/// Transactions that wait to be passed on, at most; more are the submitter's to send again.
constexpr std::size_t kMostOutgoing = 10'000;
/// A block with its outcomes, in hexadecimal.
constexpr std::size_t kMostAnswer = std::size_t{256} << 20;

/// Of a block alone, twice what the rules allow one (EIP-7934): decoded, it takes up to fifty times as much.
constexpr std::size_t kMostBlock = std::size_t{16} << 20;

/// Blocks fetched before they are taken in, so that their beacons are verified together: few where they are
/// large.
constexpr std::size_t kMostAhead = 64;
/// A node that is so many blocks behind is not said to be: it is so whenever one has just been made.
constexpr std::uint64_t kOnTheirWay = 2;
constexpr std::size_t kManyBytes = std::size_t{8} << 20;

client::ClientLimits limits() {
    client::ClientLimits limits;
    limits.answer_bytes = kMostAnswer;
    return limits;
}

Error malformed(std::string_view what) { return {NodeError::upstream_malformed, std::string{what}}; }

Result<std::string_view> text_of(const json::value& value, std::string_view field) {
    const auto* object = value.if_object();
    const auto* found = object != nullptr ? object->if_contains(field) : nullptr;
    const auto* text = found != nullptr ? found->if_string() : nullptr;
    if (text == nullptr) return malformed(field);
    return std::string_view{text->data(), text->size()};
}

Result<Bytes> bytes_of(const json::value& value, std::string_view field) {
    BOOST_OUTCOME_TRY(const auto text, text_of(value, field));
    auto bytes = base::from_hex(text);
    if (!bytes) return malformed(field);
    return *std::move(bytes);
}

Result<std::uint64_t> number_of(const json::value& value) {
    const auto* text = value.if_string();
    std::uint64_t number = 0;
    if (text == nullptr || text->size() < 3 || text->size() > 18) return malformed("a number");
    for (const char c : std::string_view{text->data() + 2, text->size() - 2}) {
        const auto digit = std::string_view{"0123456789abcdef"}.find(c);
        if (digit == std::string_view::npos) return malformed("a number");
        number = number << 4 | digit;
    }
    return number;
}

}  // namespace

Follower::Follower(Node& node, FollowOptions options)
    : node_(node),
      options_(std::move(options)),
      first_head_(node.chain().head_number()),
      client_(options_.upstream, limits()) {
    subscription_ = node_.subscribe([this](const Event& event) {
        const auto* pending = std::get_if<PendingTransactions>(&event);
        if (pending == nullptr) return;
        const std::lock_guard guard(mutex_);
        for (const auto& transaction : pending->transactions)
            if (outgoing_.size() < kMostOutgoing) outgoing_.push_back(transaction->encoded);
        changed_.notify_one();
    });
    thread_ = std::jthread([this](const std::stop_token& stop) { loop(stop); });
}

Follower::~Follower() {
    subscription_ = {};
    thread_.request_stop();
    thread_.join();
}

FollowStatus Follower::status() const {
    const std::lock_guard guard(mutex_);
    return status_;
}

std::optional<SyncProgress> Follower::progress() const {
    const auto now = status();
    const auto head = node_.chain().head_number();
    const auto on_their_way = now.refused ? 0 : kOnTheirWay;
    if (now.upstream_head <= head || now.upstream_head - head <= on_their_way) return std::nullopt;
    return SyncProgress{first_head_, head, now.upstream_head};
}

void Follower::on_change(std::function<void(const FollowStatus&)> told) {
    const std::lock_guard guard(mutex_);
    told_ = std::move(told);
}

void Follower::set_status(const std::function<void(FollowStatus&)>& change) {
    FollowStatus now;
    std::function<void(const FollowStatus&)> told;
    {
        const std::lock_guard guard(mutex_);
        change(status_);
        now = status_;
        told = told_;
    }
    if (told) told(now);
}

void Follower::loop(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        auto done = forward();
        if (done) done = catch_up(stop);
        if (!done) {
            const bool is_ours = done.error().code.category() != client::make_error_code({}).category();
            // Where this node reads the layer, that has the last word: either the followed node comes to it
            // as well, or this one goes on without.
            const bool may_heal = done.error() == Error{NodeError::upstream_malformed} ||
                                  done.error() == Error{NodeError::already_safe} ||
                                  node_.config().layer != nullptr;
            if (is_ours && !may_heal) {
                set_status([&](FollowStatus& status) { status.refused = done.error(); });
                return;
            }
            // Told once, not every time it is tried.
            if (status().unreachable != done.error())
                set_status([&](FollowStatus& status) { status.unreachable = done.error(); });
        } else if (status().unreachable) {
            set_status([](FollowStatus& status) { status.unreachable.reset(); });
        }
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, stop, options_.every, [this] { return !outgoing_.empty(); });
    }
}

Result<void> Follower::forward() {
    for (;;) {
        Bytes encoded;
        {
            const std::lock_guard guard(mutex_);
            if (outgoing_.empty()) return success();
            encoded = std::move(outgoing_.front());
            outgoing_.pop_front();
        }
        const auto sent =
            client_.call("eth_sendRawTransaction", fmt::format(R"(["{}"])", base::to_hex_prefixed(encoded)));
        // That it is refused there is seen from here by its not being included.
        if (!sent && sent.error() != Error{client::ClientError::error_answer}) return sent.error();
    }
}

Result<std::uint64_t> Follower::upstream_head() {
    BOOST_OUTCOME_TRY(const auto answer, client_.call("eth_blockNumber"));
    return number_of(answer);
}

Result<Hash> Follower::upstream_hash(std::uint64_t number) {
    BOOST_OUTCOME_TRY(const auto answer,
                      client_.call("eth_getHeaderByNumber", fmt::format(R"(["{:#x}"])", number)));
    BOOST_OUTCOME_TRY(const auto bytes, bytes_of(answer, "hash"));
    if (bytes.size() != Hash::kSize) return malformed("hash");
    return base::from_exact<Hash>(bytes);
}

Result<void> Follower::find_common_block() {
    BOOST_OUTCOME_TRY(const auto head, upstream_head());
    auto common = std::min(head, node_.chain().head_number());
    for (;; --common) {
        const auto own = node_.chain().block_hash(common);
        // A chain that began with a snapshot: there is nothing before to go back to.
        if (!own) return Error{NodeError::too_deep, "block " + std::to_string(common)};
        BOOST_OUTCOME_TRY(const auto hash, upstream_hash(common));
        const auto safe = node_.chain().safe_number();
        const bool is_derived = node_.is_derived() && safe && common <= *safe;
        // It is only behind what this node knows from the layer; or it is at odds with the layer.
        if (is_derived && own == hash && common < *safe) return success();
        if (is_derived && own != hash) return Error{NodeError::already_safe, options_.upstream.text()};
        if (own == hash) break;
        if (common == 0) return Error{NodeError::other_genesis, options_.upstream.text()};
    }
    const auto depth = node_.chain().head_number() - common;
    return depth == 0 ? Result<void>{success()} : node_.unwind(depth);
}

Result<void> Follower::catch_up(const std::stop_token& stop) {
    BOOST_OUTCOME_TRY(const auto head, upstream_head());
    if (head != status().upstream_head)
        set_status([&](FollowStatus& status) { status.upstream_head = head; });
    if (head < node_.chain().head_number()) {
        BOOST_OUTCOME_TRYV(find_common_block());
    }
    std::deque<Fetched> fetched;
    for (auto number = node_.chain().head_number() + 1; number <= head && !stop.stop_requested(); ++number) {
        if (fetched.empty()) {
            BOOST_OUTCOME_TRY(fetched, fetch_some(number, head));
        }
        // It has none any more: asked anew next time.
        if (fetched.empty()) return success();
        const auto taken = take_block(std::move(fetched.front()));
        fetched.pop_front();
        // It has another: the same.
        if (taken && node_.chain().head_number() < number) return success();
        if (!taken && taken.error() == Error{NodeError::unknown_parent}) {
            BOOST_OUTCOME_TRYV(find_common_block());
            return success();
        }
        // The file comes, or the source goes on being asked for it.
        waits_for_model_ = !taken && taken.error() == Error{chain::ChainError::model_missing};
        if (waits_for_model_) return success();
        if (!taken)
            return Error{taken.error().code, fmt::format("block {}: {}", number, taken.error().context)};
    }
    return success();
}

Result<std::optional<Follower::Fetched>> Follower::fetch(std::uint64_t number) {
    BOOST_OUTCOME_TRY(const auto answer,
                      client_.call("valence_getBlockBody", fmt::format(R"(["{:#x}"])", number)));
    if (answer.is_null()) return std::optional<Fetched>{};
    BOOST_OUTCOME_TRY(const auto encoded, bytes_of(answer, "block"));
    if (encoded.size() > kMostBlock) return malformed("a block of more than 16 MiB");
    BOOST_OUTCOME_TRY(const auto encoded_outcomes, bytes_of(answer, "outcomes"));
    const auto refuse = [&](const Error& error) {
        return Error{error.code, fmt::format("block {}: {}", number, error.context)};
    };
    auto block = chain::decode_block(encoded);
    if (!block) return refuse(block.error());
    auto outcomes = outcome::decode_settled(encoded_outcomes);
    if (!outcomes) return refuse(outcomes.error());
    Fetched fetched{std::move(block).value(),
                    {std::move(outcomes).value(), {}},
                    encoded.size() + encoded_outcomes.size()};
    if (const auto* beacon = answer.as_object().if_contains("beacon");
        beacon != nullptr && !beacon->is_null()) {
        BOOST_OUTCOME_TRY(const auto bytes, bytes_of(answer, "beacon"));
        if (bytes.size() != chain::BeaconSignature::kSize) return malformed("beacon");
        fetched.supplement.beacon = base::from_exact<chain::BeaconSignature>(bytes);
    }
    return std::optional{std::move(fetched)};
}

Result<std::deque<Follower::Fetched>> Follower::fetch_some(std::uint64_t from, std::uint64_t to) {
    std::deque<Fetched> list;
    std::vector<BeaconClaim> claims;
    std::size_t bytes = 0;
    const auto most = waits_for_model_ ? 1 : kMostAhead;
    for (auto number = from; number <= to && list.size() < most && bytes < kManyBytes; ++number) {
        auto answer = fetch(number);
        // Those before it have their turn first.
        if (!answer && list.empty()) return std::move(answer).error();
        if (!answer || !answer.value()) break;
        auto& fetched = answer.value();
        bytes += fetched->bytes;
        if (const auto& beacon = fetched->supplement.beacon)
            claims.push_back({fetched->block.header.number, *beacon});
        list.push_back(*std::move(fetched));
    }
    if (claims.size() > 1) node_.verify_beacons(claims);
    return list;
}

Result<void> Follower::take_block(Fetched fetched) {
    return node_.import_block(std::move(fetched.block), std::move(fetched.supplement));
}

}  // namespace valence::node
