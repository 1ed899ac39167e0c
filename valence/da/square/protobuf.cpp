#include "valence/da/square/protobuf.hpp"

#include <fmt/format.h>

#include "valence/da/da_error.hpp"

namespace valence::da {
namespace {

enum WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

}  // namespace

Result<std::uint64_t> MessageReader::varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (at_end()) return Error{DaError::bad_message, "ends within a number"};
        const auto byte = bytes_[position_++];
        if (shift == 63 && byte > 1) return Error{DaError::bad_message, "a number of more than 64 bits"};
        value |= std::uint64_t{byte & 0x7fu} << shift;
        if ((byte & 0x80) == 0) return value;
    }
    return Error{DaError::bad_message, "a number of more than ten bytes"};
}

Result<BytesView> MessageReader::take(std::uint64_t count) {
    const auto left = bytes_.size() - position_;
    if (count > left)
        return Error{DaError::bad_message, fmt::format("{} bytes announced, {} present", count, left)};
    const auto taken = bytes_.subspan(position_, static_cast<std::size_t>(count));
    position_ += static_cast<std::size_t>(count);
    return taken;
}

Result<MessageField> MessageReader::field() {
    BOOST_OUTCOME_TRY(const auto tag, varint());
    if (tag >> 3 == 0 || tag >> 32 != 0) return Error{DaError::bad_message, fmt::format("field tag {}", tag)};
    MessageField field{.number = static_cast<std::uint32_t>(tag >> 3), .bytes = {}};
    switch (tag & 7) {
        case kVarint: {
            field.kind = MessageField::Kind::varint;
            BOOST_OUTCOME_TRY(field.value, varint());
            return field;
        }
        case kBytes: {
            field.kind = MessageField::Kind::bytes;
            BOOST_OUTCOME_TRY(const auto size, varint());
            BOOST_OUTCOME_TRY(field.bytes, take(size));
            return field;
        }
        case kFixed64: {
            BOOST_OUTCOME_TRY(field.bytes, take(8));
            return field;
        }
        case kFixed32: {
            BOOST_OUTCOME_TRY(field.bytes, take(4));
            return field;
        }
        default:
            return Error{DaError::bad_message, fmt::format("wire type {}", tag & 7)};
    }
}

void append_varint(Bytes& to, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7)
        to.push_back(static_cast<std::uint8_t>(value | 0x80));
    to.push_back(static_cast<std::uint8_t>(value));
}

void append_varint_field(Bytes& to, std::uint32_t number, std::uint64_t value) {
    if (value == 0) return;
    append_varint(to, std::uint64_t{number} << 3 | kVarint);
    append_varint(to, value);
}

void append_bytes_field(Bytes& to, std::uint32_t number, BytesView bytes) {
    append_varint(to, std::uint64_t{number} << 3 | kBytes);
    append_varint(to, bytes.size());
    base::append(to, bytes);
}

}  // namespace valence::da
