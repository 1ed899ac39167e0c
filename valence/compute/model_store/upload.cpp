#include "valence/compute/model_store/upload.hpp"

#include <fmt/format.h>

#include "valence/compute/model_store/front.hpp"
#include "valence/compute/model_store/store_error.hpp"
#include "valence/crypto/keccak.hpp"

namespace valence::compute {

Upload::Upload(Manifest manifest, std::shared_ptr<File> part, Origin origin)
    : manifest_(std::move(manifest)),
      root_(manifest_root(manifest_)),
      part_(std::move(part)),
      looked_(origin == Origin::fresh),
      present_(manifest_.chunks.size()) {}

void Upload::look_at_file() {
    if (looked_) return;
    looked_ = true;
    for (std::uint64_t i = 0; i < present_.size(); ++i) {
        const auto chunk = part_->read(i * kTransportChunk, manifest_.chunk_bytes(i));
        present_[i] = chunk.has_value() && crypto::keccak256(chunk.value()) == manifest_.chunks[i];
    }
    if (!present_.front()) return;
    const auto first = part_->read(0, manifest_.chunk_bytes(0));
    // Its refusal, if someone changed our files, is told when the chunk is sent again.
    present_.front() = first.has_value() && look_at_header(first.value()).has_value();
}

Result<void> Upload::look_at_header(BytesView first_chunk) {
    const auto header = ml::decode_header(first_chunk);
    if (!header) return Error{StoreError::invalid, header.error().message()};
    if (header.value().file_bytes() != manifest_.length)
        return Error{StoreError::invalid, fmt::format("its header says {} bytes, the manifest {}",
                                                      header.value().file_bytes(), manifest_.length)};
    header_ = header.value();
    return success();
}

std::vector<std::uint64_t> Upload::missing() {
    const std::lock_guard lock(mutex_);
    look_at_file();
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t i = 0; i < present_.size(); ++i)
        if (!present_[i]) numbers.push_back(i);
    return numbers;
}

Result<Upload::Progress> Upload::put(std::uint64_t index, BytesView chunk) {
    if (index >= manifest_.chunks.size())
        return Error{StoreError::wrong_chunk, fmt::format("{} of {}", index, manifest_.chunks.size())};
    if (chunk.size() != manifest_.chunk_bytes(index))
        return Error{StoreError::wrong_chunk, fmt::format("chunk {} of {} bytes, not {}", index, chunk.size(),
                                                          manifest_.chunk_bytes(index))};
    if (crypto::keccak256(chunk) != manifest_.chunks[index])
        return Error{StoreError::wrong_chunk, fmt::format("chunk {} has another hash", index)};
    const std::lock_guard lock(mutex_);
    look_at_file();
    if (present_[index]) return Progress::chunk;
    if (index == 0) {
        BOOST_OUTCOME_TRY(look_at_header(chunk));
    }
    BOOST_OUTCOME_TRY(part_->write(index * kTransportChunk, chunk));
    present_[index] = true;
    if (front_told_ || !front_complete()) return Progress::chunk;
    front_told_ = true;
    return Progress::front_complete;
}

bool Upload::front_complete() const {
    if (!header_) return false;
    const auto chunks = transport_chunks(front_bytes(*header_));
    return std::all_of(present_.begin(), present_.begin() + static_cast<std::ptrdiff_t>(chunks),
                       [](bool there) { return there; });
}

std::optional<ml::ModelHeader> Upload::header() const {
    const std::lock_guard lock(mutex_);
    return front_complete() ? header_ : std::nullopt;
}

std::optional<ml::ModelId> Upload::model() const {
    const std::lock_guard lock(mutex_);
    return model_;
}

void Upload::set_model(const ml::ModelId& id) {
    const std::lock_guard lock(mutex_);
    model_ = id;
}

}  // namespace valence::compute
