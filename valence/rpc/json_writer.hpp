// JsonWriter: writes JSON text straight into a buffer, in the order it is called; no tree in between. Knows
// the two forms of JSON-RPC: quantities ("0x" and digits without leading zeros) and data ("0x" and two digits
// a byte).
//
//     writer.begin_object();
//     writer.key("number").quantity(header.number);
//     writer.key("hash").data(hash);
//     writer.end_object();
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "valence/base/base.hpp"

namespace valence::rpc {

class JsonWriter {
public:
    static constexpr std::size_t kUnbounded = ~std::size_t{0};

    /// Appends to `out`, which outlives the writer, until it holds more than `most_bytes`: what is written
    /// from then on is left out, so that a long answer costs bounded memory whoever writes it.
    explicit JsonWriter(std::string& out, std::size_t most_bytes = kUnbounded)
        : out_(out), most_bytes_(most_bytes) {}

    /// Whether something was left out: the text is not JSON then.
    bool overflowed() const { return overflowed_; }

    void begin_object() { open('{'); }
    void end_object() { close('}'); }
    void begin_array() { open('['); }
    void end_array() { close(']'); }

    /// The name of the next value. Plain text without quotes or control characters: names are ours.
    JsonWriter& key(std::string_view name);

    void null() { raw("null"); }
    void boolean(bool value) { raw(value ? "true" : "false"); }
    /// Text of any bytes: escaped, and made valid UTF-8 by replacing what is not.
    void string(std::string_view text);
    /// A decimal JSON number.
    void number(std::uint64_t value);
    void number(std::int64_t value);
    /// The shortest decimal that reads back as the same number; whole numbers without a point, as Go writes
    /// them.
    void number(double value);

    void quantity(std::uint64_t value);
    void quantity(const U256& value);
    void data(BytesView bytes);
    void data(const Address& address) { data(BytesView{address.bytes}); }
    void data(const Hash& hash) { data(BytesView{hash.bytes}); }
    /// As `data`, all 32 bytes.
    void word(const U256& value) { data(value.to_hash()); }
    /// An address with the mixed case of EIP-55.
    void checksummed(const Address& address);

    /// `data`, or null when there is none.
    template <typename T>
    void data_or_null(const std::optional<T>& value) {
        value ? data(*value) : null();
    }

    /// Text that is one whole JSON value already.
    void raw(std::string_view json) {
        if (!separate(json.size())) return;
        out_ += json;
    }

    std::string& buffer() { return out_; }
    std::size_t size() const { return out_.size(); }

private:
    /// Parts the next value, of about `size` bytes, from the one before; false when there is no room for it.
    bool separate(std::size_t size = 0) {
        if (out_.size() > most_bytes_ || size > most_bytes_ - out_.size()) [[unlikely]]
            overflowed_ = true;
        if (overflowed_) return false;
        if (needs_comma_) out_ += ',';
        needs_comma_ = true;
        return true;
    }
    void open(char bracket) {
        if (!separate()) return;
        out_ += bracket;
        needs_comma_ = false;
    }
    void close(char bracket) {
        if (overflowed_) return;
        out_ += bracket;
        needs_comma_ = true;
    }

    std::string& out_;
    std::size_t most_bytes_;
    bool needs_comma_ = false;
    bool overflowed_ = false;
};

/// Appends lower-case digits, two a byte, no prefix.
void append_hex(std::string& out, BytesView bytes);

/// "0x…" with the mixed case of EIP-55.
std::string checksummed_address(const Address& address);

}  // namespace valence::rpc
