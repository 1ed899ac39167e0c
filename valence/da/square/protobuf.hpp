// Protobuf's wire format, as far as Celestia's transactions and proofs need it: varints and byte strings.
#pragma once

#include "valence/base/base.hpp"

namespace valence::da {

/// A field of a message: a number, or bytes (borrowed from the message).
struct MessageField {
    std::uint32_t number = 0;
    enum class Kind { varint, bytes, other } kind = Kind::other;
    std::uint64_t value = 0;
    BytesView bytes;
};

/// Reads a message field after field. Total: whatever the bytes, it answers values within them or an error
/// (bad_message).
class MessageReader {
public:
    explicit MessageReader(BytesView bytes) : bytes_(bytes) {}

    bool at_end() const { return position_ == bytes_.size(); }
    std::size_t position() const { return position_; }

    Result<std::uint64_t> varint();
    Result<BytesView> take(std::uint64_t count);
    /// The next field; groups, which protobuf 3 no longer has, are an error.
    Result<MessageField> field();

private:
    BytesView bytes_;
    std::size_t position_ = 0;
};

void append_varint(Bytes& to, std::uint64_t value);
/// Nothing for zero, as protobuf 3 writes it.
void append_varint_field(Bytes& to, std::uint32_t number, std::uint64_t value);
/// Also when empty: for repeated fields.
void append_bytes_field(Bytes& to, std::uint32_t number, BytesView bytes);

}  // namespace valence::da
