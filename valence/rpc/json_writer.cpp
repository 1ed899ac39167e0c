#include "valence/rpc/json_writer.hpp"

#include <charconv>
#include <cmath>

#include "valence/crypto/checksummed_address.hpp"

namespace valence::rpc {

namespace {

constexpr char kDigits[] = "0123456789abcdef";

/// Both digits of every byte, so that a byte costs one load and one store.
constexpr auto kBytePairs = [] {
    std::array<std::array<char, 2>, 256> pairs{};
    for (std::size_t i = 0; i < 256; ++i)
        pairs[i] = {kDigits[i >> 4], kDigits[i & 15]};
    return pairs;
}();

/// The length of the UTF-8 sequence at the start of `text`, or 0 when it is malformed (RFC 3629).
std::size_t utf8_length(std::string_view text) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto lead = at(0);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xc2 ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf5 ? 4
                                             : 0;
    if (length == 0 || length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((at(i) & 0xc0) != 0x80) return 0;
    }
    if (lead == 0xe0 && at(1) < 0xa0) return 0;
    if (lead == 0xed && at(1) > 0x9f) return 0;
    if (lead == 0xf0 && at(1) < 0x90) return 0;
    if (lead == 0xf4 && at(1) > 0x8f) return 0;
    return length;
}

void append_escaped(std::string& out, unsigned char c) {
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            out += "\\u00";
            out += kDigits[c >> 4];
            out += kDigits[c & 15];
    }
}

}  // namespace

void append_hex(std::string& out, BytesView bytes) {
    const auto start = out.size();
    out.resize(start + 2 * bytes.size());
    auto* to = out.data() + start;
    for (const auto byte : bytes) {
        std::memcpy(to, kBytePairs[byte].data(), 2);
        to += 2;
    }
}

JsonWriter& JsonWriter::key(std::string_view name) {
    if (!separate(name.size())) return *this;
    out_ += '"';
    out_ += name;
    out_ += "\":";
    needs_comma_ = false;
    return *this;
}

void JsonWriter::string(std::string_view text) {
    if (!separate(text.size())) return;
    out_ += '"';
    while (!text.empty()) {
        const auto c = static_cast<unsigned char>(text[0]);
        if (c < 0x20 || c == '"' || c == '\\') {
            append_escaped(out_, c);
            text.remove_prefix(1);
            continue;
        }
        const auto length = utf8_length(text);
        if (length == 0) {
            out_ += "\\ufffd";
            text.remove_prefix(1);
        } else {
            out_ += text.substr(0, length);
            text.remove_prefix(length);
        }
    }
    out_ += '"';
}

void JsonWriter::number(std::uint64_t value) {
    if (!separate()) return;
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out_.append(digits, end);
}

void JsonWriter::number(std::int64_t value) {
    if (!separate()) return;
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out_.append(digits, end);
}

void JsonWriter::number(double value) {
    if (!std::isfinite(value)) return null();
    if (!separate()) return;
    char digits[400];
    const auto end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed).ptr;
    out_.append(digits, end);
}

void JsonWriter::quantity(std::uint64_t value) {
    if (!separate()) return;
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value, 16).ptr;
    out_ += "\"0x";
    out_.append(digits, end);
    out_ += '"';
}

void JsonWriter::quantity(const U256& value) {
    if (value.fits_u64()) return quantity(value.low_u64());
    if (!separate()) return;
    out_ += '"';
    out_ += value.to_hex();
    out_ += '"';
}

void JsonWriter::data(BytesView bytes) {
    if (!separate(2 * bytes.size())) return;
    out_ += "\"0x";
    append_hex(out_, bytes);
    out_ += '"';
}

void JsonWriter::checksummed(const Address& address) {
    if (!separate()) return;
    out_ += '"';
    out_ += checksummed_address(address);
    out_ += '"';
}

std::string checksummed_address(const Address& address) { return crypto::checksummed_address(address); }

}  // namespace valence::rpc
