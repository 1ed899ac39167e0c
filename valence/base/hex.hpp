// Hexadecimal text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "valence/base/bytes.hpp"

namespace valence::base {

/// Lower-case digits, two a byte, no prefix.
std::string to_hex(BytesView bytes);

/// As `to_hex`, with "0x" in front.
std::string to_hex_prefixed(BytesView bytes);

/// Decodes an even number of digits of either case, with or without "0x"; nothing when it is anything else.
std::optional<Bytes> from_hex(std::string_view text);

/// Decodes exactly T::kSize bytes, with or without "0x"; nothing when it is anything else.
template <typename T>
std::optional<T> fixed_from_hex(std::string_view text);

template <>
std::optional<Address> fixed_from_hex<Address>(std::string_view text);
template <>
std::optional<Hash> fixed_from_hex<Hash>(std::string_view text);

/// Literals for tests and tables; a malformed literal does not compile.
consteval std::uint8_t hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
    throw "not a hexadecimal digit";
}

template <typename T>
consteval T parse_fixed_literal(const char* text, std::size_t length) {
    if (length != 2 + 2 * T::kSize || text[0] != '0' || text[1] != 'x') throw "wrong length or no 0x";
    T out;
    for (std::size_t i = 0; i < T::kSize; ++i) {
        out.bytes[i] =
            static_cast<std::uint8_t>(hex_digit(text[2 + 2 * i]) << 4 | hex_digit(text[3 + 2 * i]));
    }
    return out;
}

inline namespace literals {
consteval Address operator""_address(const char* text, std::size_t length) {
    return parse_fixed_literal<Address>(text, length);
}
consteval Hash operator""_hash(const char* text, std::size_t length) {
    return parse_fixed_literal<Hash>(text, length);
}
}  // namespace literals

}  // namespace valence::base

namespace valence {
using namespace base::literals;
}  // namespace valence
