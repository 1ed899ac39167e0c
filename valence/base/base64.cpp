#include "valence/base/base64.hpp"

namespace valence::base {
namespace {

constexpr std::string_view kBase64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 64;

constexpr auto kValues = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNoDigit);
    for (std::size_t i = 0; i < kBase64Digits.size(); ++i)
        values[static_cast<std::uint8_t>(kBase64Digits[i])] = static_cast<std::uint8_t>(i);
    return values;
}();

}  // namespace

std::string to_base64(BytesView bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto present = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j)
            group = group << 8 | (j < present ? bytes[i + j] : 0u);
        for (std::size_t j = 0; j < 4; ++j)
            text.push_back(j <= present ? kBase64Digits[group >> (18 - 6 * j) & 63] : '=');
    }
    return text;
}

std::optional<Bytes> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
    Bytes bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t i = 0; i < text.size(); i += 4) {
        const std::size_t digits = i + 4 == text.size() ? 4 - padding : 4;
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 4; ++j) {
            const auto value = j < digits ? kValues[static_cast<std::uint8_t>(text[i + j])] : std::uint8_t{0};
            if (value == kNoDigit) return std::nullopt;
            group = group << 6 | value;
        }
        const std::size_t present = digits - 1;
        for (std::size_t j = 0; j < present; ++j)
            bytes.push_back(static_cast<std::uint8_t>(group >> (16 - 8 * j)));
        if (present < 3 && (group & ((1u << (24 - 8 * present)) - 1)) != 0) return std::nullopt;
    }
    return bytes;
}

}  // namespace valence::base
