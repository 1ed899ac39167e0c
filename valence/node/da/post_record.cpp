#include "valence/node/da/post_record.hpp"

#include <cerrno>
#include <fstream>

#include <fcntl.h>
#include <unistd.h>

#include "valence/codec/rlp.hpp"

namespace valence::node {
namespace {

Bytes encode(const PostRecord& record) {
    codec::RlpWriter w;
    w.list([&] {
        w.u64(record.posted).bytes(record.posted_hash).u64(record.height);
        w.list([&] {
            if (!record.intent) return;
            const auto& intent = *record.intent;
            w.u64(intent.first).u64(intent.last).bytes(intent.batch).u64(intent.above);
        });
        w.list([&] {
            for (const auto& model : record.models)
                w.bytes(model);
        });
    });
    return w.take();
}

Result<PostRecord> decode(BytesView bytes) {
    PostRecord record;
    BOOST_OUTCOME_TRY(auto fields, codec::RlpReader::of_list(bytes));
    BOOST_OUTCOME_TRY(record.posted, fields.u64());
    BOOST_OUTCOME_TRY(record.posted_hash, fields.fixed<Hash>());
    BOOST_OUTCOME_TRY(record.height, fields.u64());
    BOOST_OUTCOME_TRY(auto intent, fields.list());
    BOOST_OUTCOME_TRY(auto models, fields.list());
    BOOST_OUTCOME_TRYV(fields.finish());
    while (!models.at_end()) {
        BOOST_OUTCOME_TRY(const auto model, models.fixed<Hash>());
        record.models.push_back(model);
    }
    if (intent.at_end()) return record;
    record.intent.emplace();
    BOOST_OUTCOME_TRY(record.intent->first, intent.u64());
    BOOST_OUTCOME_TRY(record.intent->last, intent.u64());
    BOOST_OUTCOME_TRY(record.intent->batch, intent.fixed<Hash>());
    BOOST_OUTCOME_TRY(record.intent->above, intent.u64());
    BOOST_OUTCOME_TRYV(intent.finish());
    return record;
}

Error failure(const std::filesystem::path& path) {
    return {std::error_code(errno, std::generic_category()), path.string()};
}

}  // namespace

Result<std::optional<PostRecord>> PostRecordFile::read() const {
    if (!path_) return held_;
    std::ifstream file(*path_, std::ios::binary);
    if (!file) return std::optional<PostRecord>{};
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    BOOST_OUTCOME_TRY(auto record, decode(base::as_bytes(content)));
    return std::optional{record};
}

Result<void> PostRecordFile::write(const PostRecord& record) {
    held_ = record;
    if (!path_) return success();
    auto draft = *path_;
    draft += ".new";
    const auto bytes = encode(record);
    const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) return failure(draft);
    const bool written =
        ::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) && ::fsync(file) == 0;
    const auto why = failure(draft);
    ::close(file);
    if (!written) return why;
    // Renaming replaces the old one at once, or not at all.
    if (std::rename(draft.c_str(), path_->c_str()) != 0) return failure(*path_);
    return success();
}

}  // namespace valence::node
