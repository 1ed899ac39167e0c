#include "valence/da/square/pay_for_blobs.hpp"

#include <fmt/format.h>

#include "valence/da/da_error.hpp"
#include "valence/da/square/protobuf.hpp"

namespace valence::da {
namespace {

constexpr std::string_view kTypeUrl = "/celestia.blob.v1.MsgPayForBlobs";

enum TxField : std::uint32_t { kBody = 1 };
enum BodyField : std::uint32_t { kMessages = 1 };
enum AnyField : std::uint32_t { kUrl = 1, kValue = 2 };
enum MessageNumber : std::uint32_t {
    kSignerText = 1,
    kNamespaces = 2,
    kSizes = 3,
    kCommitments = 4,
    kVersions = 8
};

using Kind = MessageField::Kind;

/// The one field of this number that holds bytes.
Result<BytesView> only_bytes(BytesView message, std::uint32_t number) {
    std::optional<BytesView> found;
    MessageReader reader{message};
    while (!reader.at_end()) {
        BOOST_OUTCOME_TRY(const auto field, reader.field());
        if (field.number != number || field.kind != Kind::bytes) continue;
        if (found) return Error{DaError::bad_message, fmt::format("field {} twice", number)};
        found = field.bytes;
    }
    if (!found) return Error{DaError::bad_message, fmt::format("no field {}", number)};
    return *found;
}

/// A repeated number, packed or not.
Result<void> append_numbers(const MessageField& field, std::vector<std::uint32_t>& to) {
    const auto put = [&](std::uint64_t value) -> Result<void> {
        if (value >> 32 != 0)
            return Error{DaError::bad_message, fmt::format("{} has more than 32 bits", value)};
        to.push_back(static_cast<std::uint32_t>(value));
        return success();
    };
    if (field.kind == Kind::varint) return put(field.value);
    MessageReader packed{field.bytes};
    while (!packed.at_end()) {
        BOOST_OUTCOME_TRY(const auto value, packed.varint());
        BOOST_OUTCOME_TRY(put(value));
    }
    return success();
}

void append_packed(Bytes& message, std::uint32_t number, const std::vector<std::uint32_t>& values) {
    if (values.empty()) return;
    Bytes packed;
    for (const auto value : values)
        append_varint(packed, value);
    append_bytes_field(message, number, packed);
}

Bytes wrap(std::uint32_t number, BytesView inner) {
    Bytes outer;
    append_bytes_field(outer, number, inner);
    return outer;
}

}  // namespace

Result<PayForBlobs> parse_pay_for_blobs(BytesView transaction) {
    BOOST_OUTCOME_TRY(const auto body, only_bytes(transaction, kBody));
    BOOST_OUTCOME_TRY(const auto any, only_bytes(body, kMessages));
    BOOST_OUTCOME_TRY(const auto url, only_bytes(any, kUrl));
    if (base::as_text(url) != kTypeUrl)
        return Error{DaError::bad_message,
                     "message of type " + std::string{base::as_text(url).substr(0, 80)}};
    BOOST_OUTCOME_TRY(const auto value, only_bytes(any, kValue));
    PayForBlobs message;
    MessageReader reader{value};
    while (!reader.at_end()) {
        BOOST_OUTCOME_TRY(const auto field, reader.field());
        const bool bytes = field.kind == Kind::bytes;
        if (field.number == kSignerText && bytes) {
            message.signer = base::as_text(field.bytes);
        } else if (field.number == kNamespaces && bytes) {
            BOOST_OUTCOME_TRY(const auto name, parse_namespace(field.bytes));
            message.names.push_back(name);
        } else if (field.number == kSizes) {
            BOOST_OUTCOME_TRY(append_numbers(field, message.sizes));
        } else if (field.number == kCommitments && bytes) {
            if (field.bytes.size() != Hash::kSize)
                return Error{DaError::bad_message, fmt::format("commitment of {} bytes", field.bytes.size())};
            message.commitments.push_back(base::from_exact<Hash>(field.bytes));
        } else if (field.number == kVersions) {
            BOOST_OUTCOME_TRY(append_numbers(field, message.versions));
        }
    }
    return message;
}

Bytes encode_pay_for_blobs(const PayForBlobs& message) {
    Bytes value;
    append_bytes_field(value, kSignerText, base::as_bytes(message.signer));
    for (const auto& name : message.names)
        append_bytes_field(value, kNamespaces, name);
    append_packed(value, kSizes, message.sizes);
    for (const auto& commitment : message.commitments)
        append_bytes_field(value, kCommitments, commitment);
    append_packed(value, kVersions, message.versions);
    Bytes any;
    append_bytes_field(any, kUrl, base::as_bytes(kTypeUrl));
    append_bytes_field(any, kValue, value);
    return wrap(kBody, wrap(kMessages, any));
}

}  // namespace valence::da
