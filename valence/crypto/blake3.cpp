#include "valence/crypto/blake3.hpp"

namespace valence::crypto {

using namespace blake3_detail;

namespace {

ChainingValue first_half(const Words& words) {
    ChainingValue half;
    std::copy_n(words.begin(), half.size(), half.begin());
    return half;
}

}  // namespace

Blake3Key::Blake3Key(const Hash& key, std::uint32_t mode) : flags(mode) {
    static_assert(sizeof(words) == Hash::kSize);
    std::memcpy(words.data(), key.data(), Hash::kSize);
}

Blake3Key::Blake3Key(const Hash& key) : Blake3Key(key, keyed_hash) {}

Blake3Key Blake3Key::of_context(std::string_view context) {
    Blake3Key mode;
    mode.flags = derive_key_context;
    return {blake3(base::as_bytes(context), mode), derive_key_material};
}

ChainingValue Blake3::Last::value() const {
    return first_half(compress(chaining, block, counter, size, flags));
}

Blake3::Blake3(const Blake3Key& key) : key_(key), chaining_(key.words) {}

Blake3::Last Blake3::last_of_chunk() const {
    return {chaining_, load_block(block_.data(), block_size_), chunks_,
            static_cast<std::uint32_t>(block_size_), key_.flags | start_flag() | chunk_end};
}

Blake3::Last Blake3::parent(const ChainingValue& left, const ChainingValue& right) const {
    Last last{key_.words, {}, 0, kBlockBytes, key_.flags | blake3_detail::parent};
    std::copy(left.begin(), left.end(), last.block.begin());
    std::copy(right.begin(), right.end(), last.block.begin() + left.size());
    return last;
}

void Blake3::finish_chunk() {
    ChainingValue value = last_of_chunk().value();
    // Two subtrees of the same size become one as long as the number of chunks has trailing zero bits.
    for (auto chunks = ++chunks_; chunks % 2 == 0; chunks /= 2) {
        value = parent(subtrees_.back(), value).value();
        subtrees_.pop_back();
    }
    subtrees_.push_back(value);
    chaining_ = key_.words;
    blocks_ = 0;
    block_size_ = 0;
}

Blake3& Blake3::update(BytesView bytes) {
    while (!bytes.empty()) {
        if (block_size_ == kBlockBytes) {
            if (blocks_ + 1 == kChunkBytes / kBlockBytes) {
                finish_chunk();
            } else {
                chaining_ = first_half(compress(chaining_, load_block(block_.data(), kBlockBytes), chunks_,
                                                kBlockBytes, key_.flags | start_flag()));
                ++blocks_;
                block_size_ = 0;
            }
        }
        const auto taken = std::min(bytes.size(), kBlockBytes - block_size_);
        std::memcpy(block_.data() + block_size_, bytes.data(), taken);
        block_size_ += taken;
        bytes = bytes.subspan(taken);
    }
    return *this;
}

Blake3::OutputBlock Blake3::output(std::uint64_t index) const {
    Last last = last_of_chunk();
    for (auto subtree = subtrees_.rbegin(); subtree != subtrees_.rend(); ++subtree)
        last = parent(*subtree, last.value());
    const Words words = compress(last.chaining, last.block, index, last.size, last.flags | root);
    OutputBlock bytes;
    std::memcpy(bytes.data(), words.data(), bytes.size());
    return bytes;
}

Hash Blake3::digest() const {
    Hash digest;
    std::memcpy(digest.data(), output(0).data(), Hash::kSize);
    return digest;
}

Hash blake3(BytesView message, const Blake3Key& key) { return Blake3(key).update(message).digest(); }

}  // namespace valence::crypto
