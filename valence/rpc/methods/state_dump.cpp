#include "valence/rpc/methods/state_dump.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "valence/codec/gzip.hpp"
#include "valence/crypto/keccak.hpp"
#include "valence/rpc/json_writer.hpp"
#include "valence/rpc/render/block.hpp"

namespace valence::rpc {

namespace json = boost::json;
using state::Visit;

namespace {

void write_block_environment(JsonWriter& out, const chain::Header& header) {
    out.begin_object();
    out.key("number").quantity(header.number);
    out.key("beneficiary").data(header.coinbase);
    out.key("timestamp").quantity(header.timestamp);
    out.key("gas_limit").number(header.gas_limit);
    out.key("basefee").number(header.base_fee.value_or(U256{}).low_u64());
    out.key("difficulty").quantity(header.difficulty);
    out.key("prevrandao").data(header.mix_hash);
    out.key("blob_excess_gas_and_price").begin_object();
    out.key("excess_blob_gas").number(header.excess_blob_gas.value_or(0));
    out.key("blob_gasprice").number(std::uint64_t{1});
    out.end_object();
    out.end_object();
}

void write_dumped_account(JsonWriter& out, const state::StateWalk& walk, const Address& address,
                          const state::Account& account) {
    out.key(base::to_hex_prefixed(address.bytes)).begin_object();
    out.key("nonce").number(account.nonce);
    out.key("balance").quantity(account.balance);
    const auto code = walk.code(account.code_hash);
    out.key("code").data(code ? BytesView(*code) : BytesView());
    out.key("storage").begin_object();
    walk.slots(address, [&](const U256& slot, const U256& value) {
        out.key(base::to_hex_prefixed(slot.to_hash().bytes)).word(value);
        return out.overflowed() ? Visit::stop : Visit::go_on;
    });
    out.end_object();
    out.end_object();
}

DecodeError broken(std::string_view what) {
    return {fmt::format("failed to decode state dump: {}", what), {}};
}

DecodeError broken(std::string_view address, const DecodeError& why) {
    return broken(fmt::format("account {}: {}", address.substr(0, 100), why.message()));
}

/// A member that is there.
Decoded<const json::value*> member(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr) return DecodeError{fmt::format("missing field {}", name), {}};
    return value;
}

Decoded<void> read_account(const json::value& value, state::AccountChange& change,
                           state::StateChanges& changes) {
    const auto* object = value.if_object();
    if (object == nullptr) return DecodeError{"not an object", {}};
    auto& account = change.account.emplace();
    BOOST_OUTCOME_TRY(const auto* nonce, member(*object, "nonce"));
    BOOST_OUTCOME_TRY(account.nonce, decode_lenient_u64(*nonce));
    BOOST_OUTCOME_TRY(const auto* balance, member(*object, "balance"));
    BOOST_OUTCOME_TRY(account.balance, decode_lenient_number(*balance));
    BOOST_OUTCOME_TRY(const auto* code, member(*object, "code"));
    BOOST_OUTCOME_TRY(auto bytes, decode_data(*code));
    if (!bytes.empty()) {
        account.code_hash = crypto::keccak256(bytes);
        changes.code.emplace(account.code_hash, std::make_shared<const Bytes>(std::move(bytes)));
    }
    BOOST_OUTCOME_TRY(const auto* storage, member(*object, "storage"));
    const auto* slots = storage->if_object();
    if (slots == nullptr) return DecodeError{"storage is not an object", {}};
    for (const auto& slot : *slots) {
        BOOST_OUTCOME_TRY(const auto key, decode_storage_key({slot.key().data(), slot.key().size()}));
        BOOST_OUTCOME_TRY(const auto word, decode_lenient_number(slot.value()));
        change.storage[key.key] = word;
    }
    return success();
}

}  // namespace

Answer<Bytes> write_state_dump(const state::StateWalk& walk, const sequencer::StoredBlock& head,
                               const Deadline& deadline) {
    const auto& header = head.block.header;
    std::string text;
    JsonWriter out(text, kMostDumpBytes);
    bool late = false;
    out.begin_object();
    out.key("block");
    write_block_environment(out, header);
    out.key("accounts").begin_object();
    walk.accounts([&](const Address& address, const state::WalkedAccount& account) {
        write_dumped_account(out, walk, address, account.account);
        late = deadline.over();
        return late || out.overflowed() ? Visit::stop : Visit::go_on;
    });
    out.end_object();
    out.key("best_block_number").number(header.number);
    out.key("blocks").begin_array();
    out.begin_object();
    out.key("header");
    write_header(out, head);
    out.key("transactions").begin_array();
    out.end_array();
    out.key("ommers").begin_array();
    out.end_array();
    out.key("withdrawals").null();
    out.end_object();
    out.end_array();
    out.key("transactions").begin_array();
    out.end_array();
    out.key("historical_states").null();
    out.end_object();
    if (late) return timed_out();
    if (out.overflowed()) {
        return RpcError{code::kResponseTooLarge,
                        fmt::format("the state takes more than {} bytes", kMostDumpBytes)};
    }
    return codec::gzip(base::as_bytes(text));
}

Decoded<state::StateChanges> read_state_dump(BytesView dump) {
    Bytes unpacked;
    if (codec::is_gzip(dump)) {
        auto content = codec::gunzip(dump, kMostDumpBytes);
        if (content.has_error()) return broken(content.error().message());
        unpacked = std::move(content).value();
        dump = unpacked;
    }
    boost::system::error_code failure;
    const auto parsed = json::parse({reinterpret_cast<const char*>(dump.data()), dump.size()}, failure);
    if (failure) return broken(failure.message());
    const auto* whole = parsed.if_object();
    const auto* listed = whole == nullptr ? nullptr : whole->if_contains("accounts");
    const auto* accounts = listed == nullptr ? nullptr : listed->if_object();
    if (accounts == nullptr) return broken("it has no object \"accounts\"");
    state::StateChanges changes;
    for (const auto& [key, value] : *accounts) {
        const std::string_view name(key.data(), key.size());
        const auto address = decode_address(json::value(json::string_view(name)));
        if (address.has_error()) return broken(name, address.error());
        const auto read = read_account(value, changes.accounts[address.value()], changes);
        if (read.has_error()) return broken(name, read.error());
    }
    return changes;
}

}  // namespace valence::rpc
