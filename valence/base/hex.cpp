#include "valence/base/hex.hpp"

namespace valence::base {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

/// The value of a digit, or 16.
constexpr std::uint8_t digit_value(char c) {
    if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
    return 16;
}

std::string_view without_prefix(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    return text;
}

bool decode_into(std::string_view digits, std::uint8_t* out) {
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const auto high = digit_value(digits[i]);
        const auto low = digit_value(digits[i + 1]);
        if ((high | low) > 15) return false;
        *out++ = static_cast<std::uint8_t>(high << 4 | low);
    }
    return true;
}

template <typename T>
std::optional<T> decode_fixed(std::string_view text) {
    const auto digits = without_prefix(text);
    T out;
    if (digits.size() != 2 * T::kSize || !decode_into(digits, out.data())) return std::nullopt;
    return out;
}

void append_digits(std::string& out, BytesView bytes) {
    for (const auto b : bytes) {
        out.push_back(kDigits[b >> 4]);
        out.push_back(kDigits[b & 15]);
    }
}

}  // namespace

std::string to_hex(BytesView bytes) {
    std::string out;
    out.reserve(2 * bytes.size());
    append_digits(out, bytes);
    return out;
}

std::string to_hex_prefixed(BytesView bytes) {
    std::string out;
    out.reserve(2 + 2 * bytes.size());
    out = "0x";
    append_digits(out, bytes);
    return out;
}

std::optional<Bytes> from_hex(std::string_view text) {
    const auto digits = without_prefix(text);
    if (digits.size() % 2 != 0) return std::nullopt;
    Bytes out(digits.size() / 2);
    if (!decode_into(digits, out.data())) return std::nullopt;
    return out;
}

template <>
std::optional<Address> fixed_from_hex<Address>(std::string_view text) {
    return decode_fixed<Address>(text);
}

template <>
std::optional<Hash> fixed_from_hex<Hash>(std::string_view text) {
    return decode_fixed<Hash>(text);
}

}  // namespace valence::base
