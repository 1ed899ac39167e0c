#include "valence/state/store/node_cache.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

namespace valence::state {
namespace {

constexpr std::size_t kShards = 64;
/// What an entry takes besides its key and its node: slot, index, allocations.
constexpr std::size_t kEntryOverhead = 128;

std::uint64_t hash_of(std::string_view key) { return std::hash<std::string_view>{}(key); }

struct IdentityHash {
    using is_avalanching = void;
    std::size_t operator()(std::string_view key) const { return hash_of(key); }
};

}  // namespace

struct NodeCache::Shard {
    struct Slot {
        /// At an address of its own, since the index refers to it.
        std::unique_ptr<char[]> key;
        std::size_t key_size = 0;
        NodeBlob node;
        bool used = false;

        std::string_view key_view() const { return {key.get(), key_size}; }
        std::size_t cost() const { return key_size + node.view().size() + kEntryOverhead; }
    };

    /// Guards the shard.
    std::mutex mutex;
    std::size_t limit = 0;
    std::size_t bytes = 0;
    boost::unordered_flat_map<std::string_view, std::uint32_t, IdentityHash> index;
    std::vector<Slot> slots;
    std::vector<std::uint32_t> free;
    std::size_t hand = 0;

    void remove(std::uint32_t at) {
        auto& slot = slots[at];
        bytes -= slot.cost();
        index.erase(slot.key_view());
        slot = {};
        free.push_back(at);
    }

    void make_room() {
        while (bytes > limit && !index.empty()) {
            hand = hand + 1 < slots.size() ? hand + 1 : 0;
            auto& slot = slots[hand];
            if (slot.key == nullptr) continue;
            if (slot.used) {
                slot.used = false;
            } else {
                remove(static_cast<std::uint32_t>(hand));
            }
        }
    }
};

NodeCache::NodeCache(std::size_t bytes) : shards_(new Shard[kShards]) {
    for (std::size_t i = 0; i < kShards; ++i)
        shards_[i].limit = bytes / kShards;
}

NodeCache::~NodeCache() = default;

NodeCache::Shard& NodeCache::shard_of(std::uint64_t hash) const { return shards_[hash >> 58]; }

NodeBlob NodeCache::find(const NodeKey& key) {
    const auto text = base::as_text(view_of(key));
    auto& shard = shard_of(hash_of(text));
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.index.find(text);
    if (found == shard.index.end()) return {};
    auto& slot = shard.slots[found->second];
    slot.used = true;
    return slot.node;
}

void NodeCache::put(const NodeKey& key, NodeBlob node) {
    const auto text = base::as_text(view_of(key));
    auto& shard = shard_of(hash_of(text));
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.index.find(text);
    if (found != shard.index.end()) {
        auto& slot = shard.slots[found->second];
        shard.bytes -= slot.cost();
        slot.node = std::move(node);
        slot.used = true;
        shard.bytes += slot.cost();
    } else {
        std::uint32_t at = 0;
        if (shard.free.empty()) {
            at = static_cast<std::uint32_t>(shard.slots.size());
            shard.slots.emplace_back();
        } else {
            at = shard.free.back();
            shard.free.pop_back();
        }
        auto& slot = shard.slots[at];
        slot.key = std::make_unique<char[]>(text.size());
        slot.key_size = text.size();
        std::memcpy(slot.key.get(), text.data(), text.size());
        slot.node = std::move(node);
        shard.index.emplace(slot.key_view(), at);
        shard.bytes += slot.cost();
    }
    shard.make_room();
}

void NodeCache::erase(const NodeKey& key) {
    const auto text = base::as_text(view_of(key));
    auto& shard = shard_of(hash_of(text));
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.index.find(text);
    if (found != shard.index.end()) shard.remove(found->second);
}

void NodeCache::clear() {
    for (std::size_t i = 0; i < kShards; ++i) {
        auto& shard = shards_[i];
        const std::lock_guard lock(shard.mutex);
        shard.index.clear();
        shard.slots.clear();
        shard.free.clear();
        shard.bytes = 0;
        shard.hand = 0;
    }
}

std::size_t NodeCache::size() const {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < kShards; ++i) {
        const std::lock_guard lock(shards_[i].mutex);
        bytes += shards_[i].bytes;
    }
    return bytes;
}

}  // namespace valence::state
