// Restructuring: how updates change the shape of a trie, in memory only.

#include "valence/base/parallel.hpp"
#include "valence/state/trie/trie_memory.hpp"

namespace valence::state {
namespace {

/// From this many updates on, a branch's children are worked on in parallel.
constexpr std::size_t kParallelFrom = 256;

/// A leaf to be placed: new, or one that was there already.
struct Item {
    const std::uint8_t* key;
    BytesView value;
    const Child* present = nullptr;

    BytesView key_view() const { return {key, 32}; }
};

class Applier {
public:
    Applier(TrieLanes& lanes, const WorkedTrie& trie) : lanes_(lanes), lane_(lanes.local()), trie_(trie) {}

    Child update(const Child& current, std::size_t depth, std::span<const LeafUpdate> updates) {
        if (updates.empty()) return current;
        if (current.kind == Child::Kind::branch) return update_branch(current, depth, updates);
        return update_leaf(current, depth, updates);
    }

private:
    /// Where there was one leaf, or nothing.
    Child update_leaf(const Child& current, std::size_t depth, std::span<const LeafUpdate> updates) {
        std::vector<Item> items;
        items.reserve(updates.size() + 1);
        bool present_pending = !current.is_none();
        const auto place_present = [&] {
            items.push_back({current.body, leaf_value(current.body), &current});
            present_pending = false;
        };
        for (const auto& update : updates) {
            if (update.change == LeafUpdate::Change::keep) continue;
            if (present_pending) {
                const auto order = std::memcmp(current.body, update.key.data(), 32);
                if (order < 0) {
                    place_present();
                } else if (order == 0) {
                    if (update.inserts() && base::equal(update.value, leaf_value(current.body))) {
                        place_present();
                        continue;
                    }
                    present_pending = false;
                }
            }
            if (update.inserts()) items.push_back({update.key.data(), update.value});
        }
        if (present_pending) place_present();
        if (items.size() == 1 && items[0].present != nullptr) return current;
        return build(items, depth);
    }

    Child update_branch(const Child& current, std::size_t depth, std::span<const LeafUpdate> updates) {
        const auto extension = branch_extension(current.body);
        auto split = extension.size();
        if (split > 0) {
            for (const auto& u : updates) {
                if (u.inserts()) split = std::min(split, followed(u.key, depth, extension));
            }
        }
        if (split < extension.size()) return split_extension(current, depth, extension, split, updates);

        updates = following(updates, depth, extension);
        if (updates.empty()) return current;
        auto* branch = current.branch;
        VALENCE_CHECK(branch != nullptr);
        if (!update_children(*branch, updates)) return current;
        return finish(*branch, extension, depth);
    }

    /// Leaves go in beside the extension: a new branch parts it.
    Child split_extension(const Child& current, std::size_t depth, BytesView extension, std::size_t split,
                          std::span<const LeafUpdate> updates) {
        updates = following(updates, depth, extension.first(split));
        auto* branch = make_branch(updates.front().key.data(), depth + split);
        branch->children[extension[split]] = with_extension(current, extension.subspan(split + 1));
        update_children(*branch, updates);
        return finish(*branch, extension.first(split), depth);
    }

    /// Whether any child changed.
    bool update_children(Branch& branch, std::span<const LeafUpdate> updates) {
        std::array<bool, 16> changed{};
        const std::size_t depth = branch.depth;
        const auto update_child = [&](Applier& applier, std::uint8_t nibble,
                                      std::span<const LeafUpdate> below) {
            auto& child = branch.children[nibble];
            const auto after = applier.update(child, depth + 1, below);
            changed[nibble] = after.kind != child.kind || after.body != child.body;
            child = after;
        };
        if (updates.size() >= kParallelFrom) {
            base::for_each_of(16, [&](std::size_t n) {
                Applier applier(lanes_, trie_);
                const auto nibble = static_cast<std::uint8_t>(n);
                update_child(applier, nibble, with_nibble(updates, depth, nibble));
            });
        } else {
            while (!updates.empty()) {
                const auto nibble = nibble_at(updates[0].key, depth);
                std::size_t count = 1;
                while (count < updates.size() && nibble_at(updates[count].key, depth) == nibble)
                    ++count;
                update_child(*this, nibble, updates.first(count));
                updates = updates.subspan(count);
            }
        }
        return std::find(changed.begin(), changed.end(), true) != changed.end();
    }

    /// A branch whose children changed, as a child at `depth` behind an extension: it stays, or is folded
    /// away.
    Child finish(Branch& branch, BytesView extension, std::size_t depth) {
        std::size_t count = 0;
        std::uint8_t last = 0;
        for (std::uint8_t nibble = 0; nibble < 16; ++nibble) {
            if (branch.children[nibble].is_none()) continue;
            ++count;
            last = nibble;
        }
        if (count >= 2) {
            mark_dirty(branch);
            return child_of(branch, extension);
        }
        branch.removed = true;
        if (branch.stored) lane_.removed.push_back(&branch);
        if (count == 0) return {};
        const auto& only = branch.children[last];
        if (only.kind == Child::Kind::leaf) return make_leaf(only.body, leaf_value(only.body), depth);
        Nibbles longer(extension.begin(), extension.end());
        longer.push_back(last);
        const auto rest = branch_extension(only.body);
        longer.insert(longer.end(), rest.begin(), rest.end());
        return with_extension(only, {longer.data(), longer.size()});
    }

    /// The subtree of these leaves, ascending by key, below `depth` nibbles that all share.
    Child build(std::span<const Item> items, std::size_t depth) {
        if (items.empty()) return {};
        if (items.size() == 1) return make_leaf(items[0].key, items[0].value, depth);
        const auto shared = shared_nibbles(items.front().key_view(), items.back().key_view(), depth);
        const auto branch_depth = depth + shared;
        auto* branch = make_branch(items[0].key, branch_depth);
        mark_dirty(*branch);
        auto rest = items;
        while (!rest.empty()) {
            const auto nibble = nibble_at(rest[0].key_view(), branch_depth);
            std::size_t count = 1;
            while (count < rest.size() && nibble_at(rest[count].key_view(), branch_depth) == nibble)
                ++count;
            branch->children[nibble] = build(rest.first(count), branch_depth + 1);
            rest = rest.subspan(count);
        }
        Nibbles extension;
        for (auto i = depth; i < branch_depth; ++i)
            extension.push_back(nibble_at(items[0].key_view(), i));
        return child_of(*branch, {extension.data(), extension.size()});
    }

    Child make_leaf(const std::uint8_t* key, BytesView value, std::size_t depth) {
        VALENCE_CHECK(!value.empty() && value.size() < 256);
        auto* body = lane_.allocate_bytes(leaf_body_size(value));
        std::memcpy(body, key, 32);
        body[kLeafValueOffset - 1] = static_cast<std::uint8_t>(value.size());
        std::memcpy(body + kLeafValueOffset, value.data(), value.size());
        lane_.leaves.push_back({body, depth});
        return {.body = body, .branch = nullptr, .kind = Child::Kind::leaf, .fresh = true};
    }

    Branch* make_branch(const std::uint8_t* key, std::size_t depth) {
        auto* branch = lane_.allocate_branch();
        branch->trie = &trie_;
        branch->key = key;
        branch->depth = static_cast<std::uint8_t>(depth);
        return branch;
    }

    void mark_dirty(Branch& branch) {
        branch.dirty = true;
        lane_.dirty.push_back(&branch);
    }

    std::uint8_t* branch_body(BytesView extension) {
        auto* body = lane_.allocate_bytes(branch_body_size(extension.size()));
        body[kExtensionSizeOffset] = static_cast<std::uint8_t>(extension.size());
        if (!extension.empty()) std::memcpy(body + kExtensionOffset, extension.data(), extension.size());
        return body;
    }

    Child child_of(Branch& branch, BytesView extension) {
        branch.body = branch_body(extension);
        return {.body = branch.body, .branch = &branch, .kind = Child::Kind::branch, .fresh = true};
    }

    /// The same branch behind another extension.
    Child with_extension(const Child& child, BytesView extension) {
        if (child.branch != nullptr && child.branch->dirty) return child_of(*child.branch, extension);
        auto* body = branch_body(extension);
        std::memcpy(body, child.body, kStoredRefSize);
        if (!extension.empty()) {
            Bytes node;
            append_extension_node(node, extension, load_ref(body));
            store_ref(body + kOuterRefOffset, ref_to_node(node));
        }
        return {.body = body, .branch = child.branch, .kind = Child::Kind::branch, .fresh = true};
    }

    TrieLanes& lanes_;
    TrieLane& lane_;
    const WorkedTrie& trie_;
};

}  // namespace

Child apply_updates(TrieLanes& lanes, const WorkedTrie& trie, const Child& child, std::size_t depth,
                    std::span<const LeafUpdate> updates) {
    return Applier(lanes, trie).update(child, depth, updates);
}

}  // namespace valence::state
