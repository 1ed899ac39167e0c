#include "valence/node/da/post_record.hpp"

#include <cerrno>
#include <fstream>

#include <fcntl.h>
#include <unistd.h>

#include "valence/codec/rlp.hpp"

namespace valence::node {
namespace {

Bytes encode_record(const PostRecord& record) {
    codec::RlpWriter w;
    w.list([&] {
        w.u64(record.posted).bytes(record.posted_hash).u64(record.height);
        w.list([&] {
            if (!record.intent) return;
            const auto& intent = *record.intent;
            w.u64(static_cast<std::uint64_t>(intent.kind)).u64(intent.first).u64(intent.last);
            w.bytes(intent.last_hash)
                .bytes(intent.model)
                .bytes(intent.batch)
                .u64(intent.above)
                .u64(intent.sent_above);
        });
        w.list([&] {
            for (const auto& model : record.models)
                w.bytes(model);
        });
    });
    return w.take();
}

Result<PostIntent> decode_intent(codec::RlpReader fields) {
    PostIntent intent;
    BOOST_OUTCOME_TRY(const auto kind, fields.u64());
    if (kind > 1) return Error{std::make_error_code(std::errc::bad_message)};
    intent.kind = static_cast<derive::BatchKind>(kind);
    BOOST_OUTCOME_TRY(intent.first, fields.u64());
    BOOST_OUTCOME_TRY(intent.last, fields.u64());
    BOOST_OUTCOME_TRY(intent.last_hash, fields.fixed<Hash>());
    BOOST_OUTCOME_TRY(intent.model, fields.fixed<Hash>());
    BOOST_OUTCOME_TRY(intent.batch, fields.fixed<Hash>());
    BOOST_OUTCOME_TRY(intent.above, fields.u64());
    BOOST_OUTCOME_TRY(intent.sent_above, fields.u64());
    BOOST_OUTCOME_TRYV(fields.finish());
    return intent;
}

Result<PostRecord> decode_record(BytesView bytes) {
    PostRecord record;
    BOOST_OUTCOME_TRY(auto fields, codec::RlpReader::of_list(bytes));
    BOOST_OUTCOME_TRY(record.posted, fields.u64());
    BOOST_OUTCOME_TRY(record.posted_hash, fields.fixed<Hash>());
    BOOST_OUTCOME_TRY(record.height, fields.u64());
    BOOST_OUTCOME_TRY(const auto intent, fields.list());
    BOOST_OUTCOME_TRY(auto models, fields.list());
    BOOST_OUTCOME_TRYV(fields.finish());
    while (!models.at_end()) {
        BOOST_OUTCOME_TRY(const auto model, models.fixed<Hash>());
        record.models.push_back(model);
    }
    if (!intent.at_end()) {
        BOOST_OUTCOME_TRY(record.intent, decode_intent(intent));
    }
    return record;
}

Error file_failure(const std::filesystem::path& path) {
    return {std::error_code(errno, std::generic_category()), path.string()};
}

/// Renaming is durable when the folder is.
Result<void> sync_folder(const std::filesystem::path& folder) {
    const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) return file_failure(folder);
    const bool is_synced = ::fsync(opened) == 0;
    const auto why = file_failure(folder);
    ::close(opened);
    if (!is_synced) return why;
    return success();
}

}  // namespace

Result<std::optional<PostRecord>> PostRecordFile::read() const {
    if (!path_) return held_;
    std::ifstream file(*path_, std::ios::binary);
    if (!file) return std::optional<PostRecord>{};
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    auto record = decode_record(base::as_bytes(content));
    if (!record) {
        return Error{std::make_error_code(std::errc::bad_message),
                     path_->string() + ": " + record.error().message() +
                         "; without it the poster looks into the layer for what it posted"};
    }
    return std::optional{std::move(record).value()};
}

Result<void> PostRecordFile::write(const PostRecord& record) {
    held_ = record;
    if (!path_) return success();
    auto draft = *path_;
    draft += ".new";
    const auto bytes = encode_record(record);
    const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) return file_failure(draft);
    const bool written =
        ::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) && ::fsync(file) == 0;
    const auto why = file_failure(draft);
    ::close(file);
    if (!written) return why;
    // Renaming replaces the old one at once, or not at all.
    if (std::rename(draft.c_str(), path_->c_str()) != 0) return file_failure(*path_);
    const auto folder = path_->parent_path();
    return sync_folder(folder.empty() ? "." : folder);
}

}  // namespace valence::node
