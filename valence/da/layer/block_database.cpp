#include "valence/da/layer/block_database.hpp"

#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include "valence/da/square/protobuf.hpp"

namespace valence::da {
namespace {

constexpr char kChainTable = 'm';
constexpr char kHeaderTable = 'h';
constexpr char kTransactionTable = 't';

enum HeaderField : std::uint32_t {
    kHeight = 1,
    kSeconds,
    kNanoseconds,
    kLastHash,
    kLastPartCount,
    kLastPartHash,
    kHashes,
    kProposer,
    kRow,
    kColumn,
    kAppVersion
};

std::string key_of(char table, std::uint64_t height) {
    std::string key(1, table);
    for (int shift = 56; shift >= 0; shift -= 8)
        key.push_back(static_cast<char>(height >> shift));
    return key;
}

std::string text_of(const Bytes& bytes) { return std::string(base::as_text(bytes)); }

/// The hashes that are kept in one field, in this order.
template <typename Header>
auto hashes_of(Header& h) {
    return std::array{&h.last_commit_hash, &h.data_hash, &h.validators_hash,   &h.next_validators_hash,
                      &h.consensus_hash,   &h.app_hash,  &h.last_results_hash, &h.evidence_hash};
}

Bytes encode_header(const ExtendedHeader& header) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(header.time);
    Bytes out;
    append_varint_field(out, kHeight, header.height);
    append_varint_field(out, kSeconds, static_cast<std::uint64_t>(seconds.time_since_epoch().count()));
    append_varint_field(out, kNanoseconds, static_cast<std::uint64_t>((header.time - seconds).count()));
    append_bytes_field(out, kLastHash, header.last_block.hash);
    append_varint_field(out, kLastPartCount, header.last_block.part_count);
    append_bytes_field(out, kLastPartHash, header.last_block.part_hash);
    Bytes hashes;
    for (const auto* hash : hashes_of(header))
        base::append(hashes, *hash);
    append_bytes_field(out, kHashes, hashes);
    append_bytes_field(out, kProposer, header.proposer);
    for (const auto& root : header.roots.rows)
        append_bytes_field(out, kRow, root);
    for (const auto& root : header.roots.columns)
        append_bytes_field(out, kColumn, root);
    append_varint_field(out, kAppVersion, header.app_version);
    return out;
}

template <typename T>
Result<void> set_fixed(T& to, BytesView from) {
    if (from.size() != T::kSize) return Error{LayerError::io, "a damaged header"};
    to = base::from_exact<T>(from);
    return success();
}

Result<void> set_field(ExtendedHeader& header, const MessageField& field) {
    using std::chrono::nanoseconds;
    using std::chrono::seconds;
    switch (field.number) {
        case kHeight:
            header.height = field.value;
            return success();
        case kSeconds:
            header.time += seconds{static_cast<std::int64_t>(field.value)};
            return success();
        case kNanoseconds:
            header.time += nanoseconds{static_cast<std::int64_t>(field.value)};
            return success();
        case kLastHash:
            return set_fixed(header.last_block.hash, field.bytes);
        case kLastPartCount:
            header.last_block.part_count = static_cast<std::uint32_t>(field.value);
            return success();
        case kLastPartHash:
            return set_fixed(header.last_block.part_hash, field.bytes);
        case kHashes: {
            const auto hashes = hashes_of(header);
            if (field.bytes.size() != hashes.size() * Hash::kSize)
                return Error{LayerError::io, "a damaged header"};
            for (std::size_t i = 0; i < hashes.size(); ++i)
                *hashes[i] = base::from_exact<Hash>(field.bytes.subspan(i * Hash::kSize, Hash::kSize));
            return success();
        }
        case kProposer:
            return set_fixed(header.proposer, field.bytes);
        case kRow:
            return set_fixed(header.roots.rows.emplace_back(), field.bytes);
        case kColumn:
            return set_fixed(header.roots.columns.emplace_back(), field.bytes);
        case kAppVersion:
            header.app_version = field.value;
            return success();
        default:
            return success();
    }
}

Error failure(const rocksdb::Status& status) { return {LayerError::io, status.ToString()}; }

}  // namespace

BlockDatabase::~BlockDatabase() = default;

Result<std::unique_ptr<BlockDatabase>> BlockDatabase::open(const std::optional<std::filesystem::path>& folder,
                                                           const std::string& chain_id,
                                                           LayerDurability durability) {
    auto out = std::unique_ptr<BlockDatabase>(new BlockDatabase);
    out->chain_id_ = chain_id;
    out->durability_ = durability;
    rocksdb::Options options;
    options.create_if_missing = true;
    // Blobs are compressed already; headers are mostly digests.
    options.compression = rocksdb::kNoCompression;
    std::string path = "/da";
    if (folder) {
        std::error_code error;
        std::filesystem::create_directories(*folder, error);
        path = folder->string();
    } else {
        out->memory_.reset(rocksdb::NewMemEnv(rocksdb::Env::Default()));
        options.env = out->memory_.get();
    }
    rocksdb::DB* opened = nullptr;
    if (const auto status = rocksdb::DB::Open(options, path, &opened); !status.ok()) return failure(status);
    out->database_.reset(opened);

    std::string held;
    const auto known = out->database_->Get({}, std::string(1, kChainTable), &held);
    if (known.IsNotFound()) {
        const auto put = out->database_->Put({}, std::string(1, kChainTable), chain_id);
        if (!put.ok()) return failure(put);
    } else if (!known.ok()) {
        return failure(known);
    } else if (held != chain_id) {
        return Error{LayerError::io, path + " is the layer of " + held};
    }
    const std::unique_ptr<rocksdb::Iterator> last(out->database_->NewIterator({}));
    last->SeekForPrev(key_of(kHeaderTable, ~std::uint64_t{0}));
    if (last->Valid() && last->key().size() == 9 && last->key()[0] == kHeaderTable) {
        std::uint64_t head = 0;
        for (std::size_t i = 1; i < 9; ++i)
            head = head << 8 | static_cast<std::uint8_t>(last->key()[i]);
        out->head_ = head;
    }
    return out;
}

Result<void> BlockDatabase::append(const StoredLayerBlock& block) {
    const auto height = block.header.height;
    VALENCE_CHECK(height == head_ + 1);
    rocksdb::WriteBatch batch;
    batch.Put(key_of(kHeaderTable, height), text_of(encode_header(block.header)));
    if (!block.transactions.empty()) {
        Bytes transactions;
        for (const auto& transaction : block.transactions)
            append_bytes_field(transactions, 1, transaction);
        batch.Put(key_of(kTransactionTable, height), text_of(transactions));
    }
    rocksdb::WriteOptions options;
    options.sync = durability_ == LayerDurability::power;
    if (const auto status = database_->Write(options, &batch); !status.ok()) return failure(status);
    head_ = height;
    return success();
}

Result<std::string> BlockDatabase::read(char table, std::uint64_t height) const {
    std::string value;
    const auto status = database_->Get({}, key_of(table, height), &value);
    if (status.IsNotFound()) return std::string{};
    if (!status.ok()) return failure(status);
    return value;
}

Result<ExtendedHeader> BlockDatabase::header(std::uint64_t height) const {
    if (height == 0 || height > head_)
        return Error{LayerError::no_such_height,
                     std::to_string(height) + "; the newest is " + std::to_string(head_.load())};
    BOOST_OUTCOME_TRY(const auto bytes, read(kHeaderTable, height));
    ExtendedHeader header;
    header.chain_id = chain_id_;
    MessageReader reader{base::as_bytes(bytes)};
    while (!reader.at_end()) {
        BOOST_OUTCOME_TRY(const auto field, reader.field());
        BOOST_OUTCOME_TRYV(set_field(header, field));
    }
    return header;
}

Result<std::vector<Bytes>> BlockDatabase::transactions(std::uint64_t height) const {
    if (height == 0 || height > head_) return Error{LayerError::no_such_height, std::to_string(height)};
    BOOST_OUTCOME_TRY(const auto bytes, read(kTransactionTable, height));
    std::vector<Bytes> out;
    MessageReader reader{base::as_bytes(bytes)};
    while (!reader.at_end()) {
        BOOST_OUTCOME_TRY(const auto field, reader.field());
        out.push_back(base::to_bytes(field.bytes));
    }
    return out;
}

}  // namespace valence::da
