// debug_accountRange, debug_storageRangeAt: a state page by page, in the order of geth's tries, which is that
// of hashed keys. Our tables are in the order of the keys themselves: a page costs a look at all of them.
#include <boost/json.hpp>
#include <fmt/format.h>

#include "valence/crypto/keccak.hpp"
#include "valence/rpc/context.hpp"
#include "valence/rpc/lookup.hpp"
#include "valence/rpc/methods/handlers.hpp"
#include "valence/rpc/methods/hashed_page.hpp"
#include "valence/rpc/methods/replay.hpp"

namespace valence::rpc {

namespace json = boost::json;
using state::Visit;

namespace {

/// What geth answers at most; it has no bound for slots.
constexpr std::size_t kMostAccounts = 256;
/// How many rows are read between two looks at the clock.
constexpr std::size_t kRowsBetweenLooks = 4096;

/// Where a page begins: the first bytes of a hash, the others 0.
Answer<Hash> start_parameter(const Call& call, std::size_t index) {
    BOOST_OUTCOME_TRY(const auto bytes, call.parameters.data(index));
    if (bytes.size() > sizeof(Hash)) return invalid_argument(index, "more than 32 bytes");
    Hash start{};
    std::copy(bytes.begin(), bytes.end(), start.bytes.begin());
    return start;
}

/// A count; those below 0 are 0.
Decoded<std::uint64_t> decode_count(const json::value& value) {
    if (value.is_int64() && value.get_int64() < 0) return std::uint64_t{0};
    return decode_lenient_u64(value);
}

/// Counts rows and knows when time is over.
class RowWatch {
public:
    explicit RowWatch(const Deadline& deadline) : deadline_(deadline) {}

    Visit next() {
        if (++rows_ % kRowsBetweenLooks == 0 && deadline_.over()) over_ = true;
        return over_ ? Visit::stop : Visit::go_on;
    }
    bool over() const { return over_; }

private:
    const Deadline& deadline_;
    std::size_t rows_ = 0;
    bool over_ = false;
};

/// As Go writes a list of bytes.
std::string base64(BytesView bytes) {
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t bits = 0;
        for (std::size_t j = 0; j < 3; ++j)
            bits = bits << 8 | (j < count ? bytes[i + j] : 0U);
        for (std::size_t j = 0; j < 4; ++j)
            text += j <= count ? kDigits[bits >> (18 - 6 * j) & 63] : '=';
    }
    return text;
}

/// The state after a block, whole.
Answer<std::unique_ptr<const state::StateWalk>> walk_after(const node::Node& node, const FoundBlock& found) {
    const auto number = found.block->number();
    if (found.sealing == Sealing::pending) return server_error("pending state is not available");
    if (!node.chain().is_canonical(number, found.block->hash)) {
        return server_error("state of a block off the canonical chain is not kept");
    }
    auto walk = node.chain().walk_at(number);
    if (walk.has_error()) return from_error(walk.error());
    return std::move(walk).value();
}

struct PagedAccount {
    Address address;
    state::WalkedAccount account;
};

enum class Part : std::uint8_t { left_out, shown };
struct Parts {
    Part code = Part::shown;
    Part storage = Part::shown;
};

Answer<Part> part_parameter(const Call& call, std::size_t index) {
    BOOST_OUTCOME_TRY(const auto left_out, call.parameters.boolean_or(index, false));
    return left_out ? Part::left_out : Part::shown;
}

void write_account(JsonWriter& out, const state::StateWalk& walk, const Hash& key, const PagedAccount& paged,
                   Parts parts, RowWatch& watch) {
    const auto& account = paged.account.account;
    out.key(checksummed_address(paged.address)).begin_object();
    out.key("balance").string(account.balance.to_decimal());
    out.key("nonce").number(account.nonce);
    out.key("root").data(paged.account.storage_root.value_or(state::kEmptyTrieRoot));
    out.key("codeHash").data(account.code_hash);
    const auto code = parts.code == Part::shown ? walk.code(account.code_hash) : nullptr;
    if (code && !code->empty()) out.key("code").data(*code);
    if (parts.storage == Part::shown && paged.account.storage_root != state::kEmptyTrieRoot) {
        out.key("storage").begin_object();
        walk.slots(paged.address, [&](const U256& slot, const U256& value) {
            out.key(base::to_hex_prefixed(slot.to_hash().bytes)).string(base::to_hex(value.to_minimal_be()));
            return out.overflowed() ? Visit::stop : watch.next();
        });
        out.end_object();
    }
    out.key("address").data(paged.address);
    out.key("key").data(key);
    out.end_object();
}

}  // namespace

/// (block, start, how many, without code?, without storage?, incompletes?): incomplete accounts, whose
/// address geth may not know, there are none of here.
Answer<void> debug_account_range(Call& call) {
    BOOST_OUTCOME_TRY(const auto id, call.parameters.block(0));
    BOOST_OUTCOME_TRY(const auto start, start_parameter(call, 1));
    BOOST_OUTCOME_TRY(const auto wanted, call.parameters.decode(2, decode_count));
    Parts parts;
    BOOST_OUTCOME_TRY(parts.code, part_parameter(call, 3));
    BOOST_OUTCOME_TRY(parts.storage, part_parameter(call, 4));
    BOOST_OUTCOME_TRY(call.parameters.boolean_or(5, false));
    BOOST_OUTCOME_TRY(const auto found, require_block(call.context.node, id));
    BOOST_OUTCOME_TRY(const auto walk, walk_after(call.context.node, found));

    const auto most = wanted == 0 ? kMostAccounts : std::min<std::size_t>(wanted, kMostAccounts);
    RowWatch watch(call.deadline);
    HashedPage<PagedAccount> page(start, most);
    walk->accounts([&](const Address& address, const state::WalkedAccount& account) {
        page.offer(crypto::keccak256(address), {address, account});
        return watch.next();
    });
    auto& out = call.result;
    out.begin_object();
    out.key("root").string(base::to_hex(found.block->block.header.state_root.bytes));
    out.key("accounts").begin_object();
    page.visit([&](const Hash& key, const PagedAccount& account) {
        if (!watch.over()) write_account(out, *walk, key, account, parts, watch);
    });
    out.end_object();
    if (const auto next = page.next()) out.key("next").string(base64(next->bytes));
    out.end_object();
    if (watch.over()) return timed_out();
    return success();
}

/// (block, transaction index, contract, start, how many): before that transaction.
Answer<void> debug_storage_range_at(Call& call) {
    const auto& node = call.context.node;
    BOOST_OUTCOME_TRY(const auto id, call.parameters.block(0));
    BOOST_OUTCOME_TRY(const auto index, call.parameters.decode(1, decode_count));
    BOOST_OUTCOME_TRY(const auto contract, call.parameters.address(2));
    BOOST_OUTCOME_TRY(const auto start, start_parameter(call, 3));
    BOOST_OUTCOME_TRY(const auto wanted, call.parameters.decode(4, decode_count));
    BOOST_OUTCOME_TRY(const auto found, require_block(node, id));
    const auto& block = *found.block;
    if (found.sealing == Sealing::pending) return server_error("pending state is not available");
    if (!node.chain().is_canonical(block.number(), block.hash)) {
        return server_error("state of a block off the canonical chain is not kept");
    }
    if (block.number() == 0) return server_error("no transaction in genesis");
    const auto count = block.block.transactions.size();
    if (index >= std::max<std::size_t>(count, 1)) {
        return server_error(fmt::format("transaction index {} out of range for block {}", index,
                                        base::to_hex_prefixed(block.hash.bytes)));
    }
    BOOST_OUTCOME_TRY(const auto replay, Replay::of(node, found.block, call.deadline));
    BOOST_OUTCOME_TRY((*replay)->run_until(index));
    const auto walk = node.chain().walk_before(block.number(), (*replay)->state().changes());
    if (walk.has_error()) return from_error(walk.error());

    struct Slot {
        U256 key;
        U256 value;
    };
    RowWatch watch(call.deadline);
    HashedPage<Slot> page(start, std::min<std::size_t>(wanted, call.context.limits.storage_slots));
    walk.value()->slots(contract, [&](const U256& key, const U256& value) {
        page.offer(crypto::keccak256(key.to_hash()), {key, value});
        return watch.next();
    });
    if (watch.over()) return timed_out();
    auto& out = call.result;
    out.begin_object();
    out.key("storage").begin_object();
    page.visit([&](const Hash& hash, const Slot& slot) {
        out.key(base::to_hex_prefixed(hash.bytes)).begin_object();
        out.key("key").word(slot.key);
        out.key("value").word(slot.value);
        out.end_object();
    });
    out.end_object();
    out.key("nextKey").data_or_null(page.next());
    out.end_object();
    return success();
}

}  // namespace valence::rpc
