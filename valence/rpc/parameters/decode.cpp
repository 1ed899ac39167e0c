#include "valence/rpc/parameters/decode.hpp"

#include <charconv>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace valence::rpc {

namespace json = boost::json;

namespace {

bool has_prefix(std::string_view text) {
    return text.size() >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

bool is_hex_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

DecodeError non_string(std::string_view type) { return {"non-string", std::string(type)}; }

/// The digits of a quantity, or geth's complaint.
Decoded<std::string_view> quantity_digits(std::string_view text) {
    if (text.empty()) return DecodeError{"empty hex string", {}};
    if (!has_prefix(text)) return DecodeError{"hex string without 0x prefix", {}};
    text.remove_prefix(2);
    if (text.empty()) return DecodeError{"hex string \"0x\"", {}};
    if (text.size() > 1 && text[0] == '0') return DecodeError{"hex number with leading zero digits", {}};
    if (!std::all_of(text.begin(), text.end(), is_hex_digit)) return DecodeError{"invalid hex string", {}};
    return text;
}

std::string_view text_of(const json::value& value) {
    return {value.get_string().data(), value.get_string().size()};
}

template <typename T>
Decoded<T> with_type(Decoded<T> decoded, std::string_view type) {
    if (decoded.has_error()) return DecodeError{decoded.error().text, std::string(type)};
    return decoded;
}

template <typename T>
Decoded<T> decode_fixed(const json::value& value, std::string_view type) {
    if (!value.is_string()) return non_string(type);
    auto text = text_of(value);
    if (!text.empty()) {
        if (!has_prefix(text)) return DecodeError{"hex string without 0x prefix", std::string(type)};
        text.remove_prefix(2);
        if (text.size() % 2 != 0) return DecodeError{"hex string of odd length", std::string(type)};
    }
    if (text.size() != 2 * T::kSize) {
        return DecodeError{
            fmt::format("hex string has length {}, want {} for {}", text.size(), 2 * T::kSize, type), {}};
    }
    const auto decoded = base::fixed_from_hex<T>(text);
    if (!decoded) return DecodeError{"invalid hex string", std::string(type)};
    return *decoded;
}

}  // namespace

std::string DecodeError::message() const {
    return type.empty() ? text
                        : fmt::format("json: cannot unmarshal {} into Go value of type {}", text, type);
}

std::string DecodeError::message_in(std::string_view object, std::string_view field) const {
    return type.empty() ? text
                        : fmt::format("json: cannot unmarshal {} into Go struct field {}.{} of type {}", text,
                                      object, field, type);
}

Decoded<std::uint64_t> parse_quantity(std::string_view text) {
    BOOST_OUTCOME_TRY(const auto digits, quantity_digits(text));
    if (digits.size() > 16) return DecodeError{"hex number > 64 bits", {}};
    std::uint64_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
    return number;
}

Decoded<std::uint64_t> decode_quantity(const json::value& value, std::string_view type) {
    if (!value.is_string()) return non_string(type);
    return with_type(parse_quantity(text_of(value)), type);
}

Decoded<U256> decode_big_quantity(const json::value& value, std::string_view type) {
    if (!value.is_string()) return non_string(type);
    const auto digits = quantity_digits(text_of(value));
    if (digits.has_error()) return DecodeError{digits.error().text, std::string(type)};
    if (digits.value().size() > 64) return DecodeError{"hex number > 256 bits", std::string(type)};
    const auto number = U256::from_hex(digits.value());
    if (!number) return DecodeError{"invalid hex string", std::string(type)};
    return *number;
}

Decoded<Bytes> decode_data(const json::value& value, std::string_view type) {
    if (!value.is_string()) return non_string(type);
    const auto text = text_of(value);
    if (text.empty()) return Bytes{};
    if (!has_prefix(text)) return DecodeError{"hex string without 0x prefix", std::string(type)};
    if (text.size() % 2 != 0) return DecodeError{"hex string of odd length", std::string(type)};
    auto bytes = base::from_hex(text.substr(2));
    if (!bytes) return DecodeError{"invalid hex string", std::string(type)};
    return std::move(*bytes);
}

Decoded<Address> decode_address(const json::value& value) {
    return decode_fixed<Address>(value, "common.Address");
}

Decoded<Hash> decode_hash(const json::value& value) { return decode_fixed<Hash>(value, "common.Hash"); }

Decoded<bool> decode_boolean(const json::value& value) {
    if (!value.is_bool()) return DecodeError{std::string(kind_name(value)), "bool"};
    return value.get_bool();
}

Decoded<std::string> decode_string(const json::value& value) {
    if (!value.is_string()) return DecodeError{std::string(kind_name(value)), "string"};
    return std::string(text_of(value));
}

Decoded<StorageKey> decode_storage_key(std::string_view text) {
    const auto whole = text;
    if (has_prefix(text)) text.remove_prefix(2);
    if (text.size() > 64) {
        return DecodeError{
            fmt::format("storage key too long (want at most 32 bytes): \"{}\"", whole.substr(0, 256)), {}};
    }
    const auto key = text.empty() ? std::optional<U256>(U256{}) : U256::from_hex(text);
    if (!key || !std::all_of(text.begin(), text.end(), is_hex_digit)) {
        return DecodeError{fmt::format("invalid hex in storage key: \"{}\"", whole), {}};
    }
    return StorageKey{*key, (text.size() + 1) / 2};
}

Decoded<U256> decode_lenient_number(const json::value& value) {
    if (value.is_uint64()) return U256{value.get_uint64()};
    if (value.is_int64() && value.get_int64() >= 0)
        return U256{static_cast<std::uint64_t>(value.get_int64())};
    if (value.is_double() && value.get_double() >= 0 && value.get_double() < 9007199254740992.0) {
        return U256{static_cast<std::uint64_t>(value.get_double())};
    }
    if (value.is_string()) {
        const auto text = text_of(value);
        const auto number = has_prefix(text) ? U256::from_hex(text.size() == 2 ? "0" : text.substr(2))
                                             : U256::from_decimal(text);
        if (number) return *number;
    }
    return DecodeError{fmt::format("expected a number or a hexadecimal quantity, got {}",
                                   json::serialize(value).substr(0, 100)),
                       {}};
}

Decoded<std::uint64_t> decode_lenient_u64(const json::value& value) {
    BOOST_OUTCOME_TRY(const auto number, decode_lenient_number(value));
    if (!number.fits_u64()) return DecodeError{"number > 64 bits", {}};
    return number.low_u64();
}

Decoded<Hash> decode_lenient_word(const json::value& value) {
    BOOST_OUTCOME_TRY(const auto number, decode_lenient_number(value));
    return number.to_hash();
}

std::string_view kind_name(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            return "null";
        case json::kind::bool_:
            return "bool";
        case json::kind::string:
            return "string";
        case json::kind::array:
            return "array";
        case json::kind::object:
            return "object";
        default:
            return "number";
    }
}

}  // namespace valence::rpc
