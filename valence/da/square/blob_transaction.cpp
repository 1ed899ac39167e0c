#include "valence/da/square/blob_transaction.hpp"

#include <fmt/format.h>

#include "valence/da/da_error.hpp"
#include "valence/da/square/protobuf.hpp"

namespace valence::da {
namespace {

constexpr std::string_view kBlobTypeId = "BLOB";
constexpr std::string_view kIndexTypeId = "INDX";

enum TransactionField : std::uint32_t { kTransaction = 1, kBlobs = 2, kShareIndexes = 2, kTypeId = 3 };
enum BlobField : std::uint32_t {
    kNamespaceId = 1,
    kData = 2,
    kShareVersion = 3,
    kNamespaceVersion = 4,
    kSigner = 5
};

using Kind = MessageField::Kind;

Result<std::uint8_t> small_number(std::uint64_t value) {
    if (value > 255) return Error{DaError::bad_blob, fmt::format("version {}", value)};
    return static_cast<std::uint8_t>(value);
}

Result<Blob> parse_blob_message(BytesView bytes) {
    Blob blob;
    Bytes name(1);
    MessageReader reader{bytes};
    while (!reader.at_end()) {
        BOOST_OUTCOME_TRY(const auto field, reader.field());
        if (field.kind == Kind::bytes && field.number == kNamespaceId) {
            name.resize(1);
            base::append(name, field.bytes);
        } else if (field.kind == Kind::bytes && field.number == kData) {
            blob.data = base::to_bytes(field.bytes);
        } else if (field.kind == Kind::bytes && field.number == kSigner && !field.bytes.empty()) {
            if (field.bytes.size() != kSignerSize)
                return Error{DaError::bad_blob, fmt::format("signer of {} bytes", field.bytes.size())};
            blob.signer = base::from_exact<Address>(field.bytes);
        } else if (field.kind == Kind::varint && field.number == kShareVersion) {
            BOOST_OUTCOME_TRY(blob.version, small_number(field.value));
        } else if (field.kind == Kind::varint && field.number == kNamespaceVersion) {
            BOOST_OUTCOME_TRY(name[0], small_number(field.value));
        }
    }
    BOOST_OUTCOME_TRY(blob.name, parse_namespace(name));
    BOOST_OUTCOME_TRY(check_blob(blob));
    return blob;
}

Bytes encode_blob_message(const Blob& blob) {
    Bytes message;
    append_bytes_field(message, kNamespaceId, blob.name.id());
    append_bytes_field(message, kData, blob.data);
    append_varint_field(message, kShareVersion, blob.version);
    append_varint_field(message, kNamespaceVersion, blob.name.version());
    if (blob.signer) append_bytes_field(message, kSigner, *blob.signer);
    return message;
}

/// The fields of either envelope, not yet looked into.
struct Envelope {
    BytesView transaction;
    std::vector<MessageField> second;
    BytesView type_id;
};

Result<Envelope> parse_envelope(BytesView bytes) {
    Envelope envelope;
    MessageReader reader{bytes};
    while (!reader.at_end()) {
        BOOST_OUTCOME_TRY(const auto field, reader.field());
        if (field.number == kBlobs) envelope.second.push_back(field);
        if (field.kind != Kind::bytes) continue;
        if (field.number == kTransaction) envelope.transaction = field.bytes;
        if (field.number == kTypeId) envelope.type_id = field.bytes;
    }
    return envelope;
}

Result<std::uint32_t> share_index(std::uint64_t value) {
    if (value >> 32 != 0) return Error{DaError::bad_message, fmt::format("share index {}", value)};
    return static_cast<std::uint32_t>(value);
}

}  // namespace

Result<std::optional<BlobTransaction>> parse_blob_transaction(BytesView bytes) {
    const auto envelope = parse_envelope(bytes);
    if (!envelope || base::as_text(envelope.value().type_id) != kBlobTypeId)
        return std::optional<BlobTransaction>{};
    BlobTransaction parsed{base::to_bytes(envelope.value().transaction), {}};
    for (const auto& field : envelope.value().second) {
        if (field.kind != Kind::bytes) continue;
        BOOST_OUTCOME_TRY(auto blob, parse_blob_message(field.bytes));
        parsed.blobs.push_back(std::move(blob));
    }
    if (parsed.blobs.empty()) return Error{DaError::bad_message, "a blob transaction without blobs"};
    return std::optional{std::move(parsed)};
}

Bytes encode_blob_transaction(const BlobTransaction& transaction) {
    Bytes message;
    append_bytes_field(message, kTransaction, transaction.transaction);
    for (const auto& blob : transaction.blobs)
        append_bytes_field(message, kBlobs, encode_blob_message(blob));
    append_bytes_field(message, kTypeId, base::as_bytes(kBlobTypeId));
    return message;
}

Result<IndexWrapper> parse_index_wrapper(BytesView bytes) {
    BOOST_OUTCOME_TRY(const auto envelope, parse_envelope(bytes));
    if (base::as_text(envelope.type_id) != kIndexTypeId)
        return Error{DaError::bad_message, "not an index wrapper"};
    IndexWrapper parsed{base::to_bytes(envelope.transaction), {}};
    for (const auto& field : envelope.second) {
        if (field.kind == Kind::varint) {
            BOOST_OUTCOME_TRY(const auto index, share_index(field.value));
            parsed.share_indexes.push_back(index);
        } else if (field.kind == Kind::bytes) {
            MessageReader packed{field.bytes};
            while (!packed.at_end()) {
                BOOST_OUTCOME_TRY(const auto value, packed.varint());
                BOOST_OUTCOME_TRY(const auto index, share_index(value));
                parsed.share_indexes.push_back(index);
            }
        }
    }
    return parsed;
}

Bytes encode_index_wrapper(const IndexWrapper& wrapper) {
    Bytes packed;
    for (const auto index : wrapper.share_indexes)
        append_varint(packed, index);
    Bytes message;
    if (!wrapper.transaction.empty()) append_bytes_field(message, kTransaction, wrapper.transaction);
    if (!packed.empty()) append_bytes_field(message, kShareIndexes, packed);
    append_bytes_field(message, kTypeId, base::as_bytes(kIndexTypeId));
    return message;
}

}  // namespace valence::da
