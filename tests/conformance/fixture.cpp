#include "fixture.hpp"

#include <fmt/core.h>

#include "valence/crypto/keccak.hpp"

namespace valence::conformance {
namespace {

/// Byte strings in some old files have an odd number of digits.
Bytes decode_hex(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    std::string padded{text};
    if (padded.size() % 2 != 0) padded.insert(padded.begin(), '0');
    auto bytes = base::from_hex(padded);
    if (!bytes) throw BadFixture("not hexadecimal: " + std::string{text.substr(0, 80)});
    return std::move(*bytes);
}

template <typename T>
T fixed_of(const json::value& value) {
    const auto bytes = decode_hex(text_of(value));
    if (bytes.size() > T::kSize) throw BadFixture("too long: " + std::string{text_of(value)});
    return base::from_right_aligned<T>(bytes);
}

}  // namespace

const json::value* find(const json::value& object, std::string_view key) {
    const auto* o = object.if_object();
    if (o == nullptr) return nullptr;
    const auto* value = o->if_contains(key);
    return value != nullptr && !value->is_null() ? value : nullptr;
}

const json::value& member(const json::value& object, std::string_view key) {
    const auto* value = find(object, key);
    if (value == nullptr) throw BadFixture("no member " + std::string{key});
    return *value;
}

std::string_view text_of(const json::value& value) {
    const auto* text = value.if_string();
    if (text == nullptr) throw BadFixture("not a string");
    return *text;
}

const json::object& object_of(const json::value& value) {
    const auto* object = value.if_object();
    if (object == nullptr) throw BadFixture("not an object");
    return *object;
}

const json::array& array_of(const json::value& value) {
    const auto* array = value.if_array();
    if (array == nullptr) throw BadFixture("not an array");
    return *array;
}

Bytes bytes_of(const json::value& value) { return decode_hex(text_of(value)); }

std::optional<U256> bounded_number_of(const json::value& value) {
    if (value.is_uint64()) return U256{value.get_uint64()};
    if (value.is_int64()) return U256{static_cast<std::uint64_t>(value.get_int64())};
    auto text = text_of(value);
    if (text.starts_with("0x:bigint")) return std::nullopt;
    if (!text.starts_with("0x") && !text.starts_with("0X")) return U256::from_decimal(text);
    text.remove_prefix(2);
    while (text.size() > 1 && text.front() == '0')
        text.remove_prefix(1);
    return text.empty() ? U256{} : U256::from_hex(text);
}

U256 number_of(const json::value& value) {
    const auto number = bounded_number_of(value);
    if (!number) throw BadFixture("not a number of 256 bits: " + json::serialize(value).substr(0, 80));
    return *number;
}

std::uint64_t u64_of(const json::value& value) {
    const auto number = number_of(value);
    if (!number.fits_u64()) throw BadFixture("more than 64 bits: " + number.to_hex());
    return number.low_u64();
}

Address address_of(const json::value& value) { return fixed_of<Address>(value); }
Hash hash_of(const json::value& value) { return fixed_of<Hash>(value); }

state::MemoryState state_of(const json::value& accounts) {
    state::StateChanges changes;
    for (const auto& [name, fields] : object_of(accounts)) {
        const auto address = base::fixed_from_hex<Address>(name);
        if (!address) throw BadFixture("not an address: " + std::string{std::string_view{name}});
        auto& change = changes.accounts[*address];
        auto& account = change.account.emplace();
        if (const auto* nonce = find(fields, "nonce")) account.nonce = u64_of(*nonce);
        if (const auto* balance = find(fields, "balance")) account.balance = number_of(*balance);
        if (const auto* wei = find(fields, "wei")) account.balance = number_of(*wei);
        if (const auto* code = find(fields, "code")) {
            auto bytes = bytes_of(*code);
            account.code_hash = crypto::keccak256(bytes);
            if (!bytes.empty()) {
                changes.code[account.code_hash] = std::make_shared<const Bytes>(std::move(bytes));
            }
        }
        if (const auto* storage = find(fields, "storage")) {
            for (const auto& [key, value] : object_of(*storage)) {
                const auto slot = number_of(json::value(key));
                const auto content = number_of(value);
                if (!content.is_zero()) change.storage[slot] = content;
            }
        }
    }
    state::MemoryState state;
    state.apply(changes);
    return state;
}

std::string difference(const state::MemoryState& expected, const state::MemoryState& actual) {
    const auto describe = [](const state::Account& a) {
        return fmt::format("nonce {} balance {} code {}", a.nonce, a.balance.to_hex(),
                           base::to_hex(a.code_hash));
    };
    for (const auto& [address, want] : expected.accounts()) {
        const auto at = actual.accounts().find(address);
        const auto name = base::to_hex_prefixed(address);
        if (at == actual.accounts().end()) return name + " is missing";
        const auto& have = at->second;
        if (!(have.account == want.account)) {
            return fmt::format("{}: expected {}, actual {}", name, describe(want.account),
                               describe(have.account));
        }
        if (have.storage == want.storage) continue;
        for (const auto& [key, value] : want.storage) {
            const auto slot = have.storage.find(key);
            const auto content = slot == have.storage.end() ? U256{} : slot->second;
            if (content != value) {
                return fmt::format("{} slot {}: expected {}, actual {}", name, key.to_hex(), value.to_hex(),
                                   content.to_hex());
            }
        }
        return name + " has slots too many";
    }
    for (const auto& [address, have] : actual.accounts()) {
        if (!expected.accounts().contains(address)) {
            return base::to_hex_prefixed(address) + " should not be: " + describe(have.account);
        }
    }
    return {};
}

std::string hex(BytesView bytes) { return base::to_hex_prefixed(bytes); }

}  // namespace valence::conformance
