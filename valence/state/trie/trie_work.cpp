#include "valence/state/trie/trie_work.hpp"

#include "valence/base/parallel.hpp"
#include "valence/state/trie/spread.hpp"
#include "valence/state/trie/trie_memory.hpp"

namespace valence::state {
namespace {

/// A stored branch to be loaded: its path is the first `depth` nibbles of each update's key.
struct Pending {
    WorkedTrie* trie;
    Child* child;
    std::size_t depth;
    std::span<const LeafUpdate> updates;
};

/// Nodes fetched together by one task.
constexpr std::size_t kFetchBatch = 128;
/// Tries changed by one task; a large one is spread further.
constexpr std::size_t kTrieBatch = 4;

/// Notes the branch that `child` stands for, if any update leads into it.
void note(std::vector<Pending>& pending, WorkedTrie& trie, Child& child, std::size_t depth,
          std::span<const LeafUpdate> updates) {
    if (child.kind != Child::Kind::branch || updates.empty()) return;
    const auto extension = branch_extension(child.body);
    updates = following(updates, depth, extension);
    if (!updates.empty()) pending.push_back({&trie, &child, depth + extension.size(), updates});
}

void attach(TrieLane& lane, const Pending& at, BytesView record, std::vector<Pending>& next) {
    const auto children = parse_record(record, at.depth);
    VALENCE_CHECK(children && "a stored trie node cannot be read");
    auto* branch = lane.allocate_branch();
    branch->children = *children;
    branch->trie = at.trie;
    branch->key = at.updates.front().key.data();
    branch->depth = static_cast<std::uint8_t>(at.depth);
    branch->stored = true;
    at.child->branch = branch;
    auto rest = at.updates;
    while (!rest.empty()) {
        const auto nibble = nibble_at(rest[0].key, at.depth);
        const auto below = with_nibble(rest, at.depth, nibble);
        note(next, *at.trie, branch->children[nibble], at.depth + 1, below);
        rest = rest.subspan(below.size());
    }
}

/// The root row: the root child, and the root branch if it lies in it.
void attach_root(TrieLane& lane, WorkedTrie& trie, const NodeBlob& row, std::vector<Pending>& next) {
    if (!row) return;
    const auto parsed = parse_root_row(row.view());
    VALENCE_CHECK(parsed && "a stored trie root cannot be read");
    lane.blobs.push_back(row);
    trie.root = parsed->root;
    trie.was_stored = true;
    if (parsed->record.empty()) {
        note(next, trie, trie.root, 0, trie.updates);
    } else if (!trie.updates.empty()) {
        attach(lane, {&trie, &trie.root, 0, trie.updates}, parsed->record, next);
    }
}

/// Fetches the nodes of `jobs` in parallel batches; `key` names each, `take` gets each with a list for what
/// comes next.
template <typename Job, typename Key, typename Take>
std::vector<Pending> fetch_level(const NodeSource& source, std::vector<Job>& jobs, Key&& key, Take&& take) {
    const auto batches = (jobs.size() + kFetchBatch - 1) / kFetchBatch;
    std::vector<std::vector<Pending>> found(batches);
    const auto fetch_batch = [&](std::size_t batch) {
        const auto first = batch * kFetchBatch;
        const auto mine = std::span(jobs).subspan(first, std::min(kFetchBatch, jobs.size() - first));
        std::vector<NodeKey> keys(mine.size());
        for (std::size_t i = 0; i < mine.size(); ++i)
            keys[i] = key(mine[i]);
        std::vector<NodeBlob> nodes(mine.size());
        source.fetch(keys, nodes);
        for (std::size_t i = 0; i < mine.size(); ++i)
            take(mine[i], nodes[i], found[batch]);
    };
    spread(batches, 1, [&](std::size_t first, std::size_t last) {
        for (auto batch = first; batch < last; ++batch)
            fetch_batch(batch);
    });
    if (batches == 0) return {};
    if (batches == 1) return std::move(found[0]);
    std::vector<Pending> next;
    for (const auto& some : found)
        next.insert(next.end(), some.begin(), some.end());
    return next;
}

/// What orders most node keys: the trie, as far as 8 bytes tell it, and the first 12 nibbles of the path.
struct KeyOrder {
    std::uint64_t trie;
    std::uint64_t path;
    std::size_t index;
};

KeyOrder order_of(const NodeKey& key, std::size_t index) {
    const std::size_t prefix = key[0] == 0 ? 1 : 33;
    KeyOrder order{0, 0, index};
    for (std::size_t i = 0; i < std::min<std::size_t>(prefix, 8); ++i) {
        order.trie |= std::uint64_t{key[i]} << (56 - 8 * i);
    }
    // Five bits a nibble, 0 where the path has ended: a path comes before those it begins.
    for (std::size_t i = 0; i < 12 && prefix + i < key.size(); ++i) {
        order.path |= (std::uint64_t{key[prefix + i]} + 1) << (55 - 5 * i);
    }
    return order;
}

/// Writes in order of keys, which is how a database likes them.
std::vector<NodeWrite> in_key_order(std::vector<NodeWrite> writes) {
    std::vector<KeyOrder> order(writes.size());
    for (std::size_t i = 0; i < writes.size(); ++i)
        order[i] = order_of(writes[i].key, i);
    base::sort_in_parallel(order, [&](const KeyOrder& a, const KeyOrder& b) {
        if (a.trie != b.trie) return a.trie < b.trie;
        if (a.path != b.path) return a.path < b.path;
        return base::as_text(view_of(writes[a.index].key)) < base::as_text(view_of(writes[b.index].key));
    });
    std::vector<NodeWrite> sorted;
    sorted.reserve(writes.size());
    for (const auto& at : order)
        sorted.push_back(std::move(writes[at.index]));
    return sorted;
}

}  // namespace

NodeKey node_key(const NodeKey& prefix, const std::uint8_t* key, std::size_t depth) {
    auto out = prefix;
    for (std::size_t i = 0; i < depth; ++i)
        out.push_back(nibble_at({key, 32}, i));
    return out;
}

struct TrieWork::Parts {
    const NodeSource& source;
    std::deque<WorkedTrie> tries;
    TrieLanes lanes;
    std::vector<NodeWrite> writes;
};

TrieWork::TrieWork(const NodeSource& source) : parts_(new Parts{source, {}, {}, {}}) {}

TrieWork::~TrieWork() = default;

WorkedTrie& TrieWork::add(const NodeKey& prefix, std::span<const LeafUpdate> updates) {
    auto& trie = parts_->tries.emplace_back();
    trie.prefix = prefix;
    trie.updates = updates;
    return trie;
}

void TrieWork::load() {
    std::vector<WorkedTrie*> tries;
    for (auto& trie : parts_->tries)
        tries.push_back(&trie);
    auto pending = fetch_level(
        parts_->source, tries, [](const WorkedTrie* trie) { return trie->prefix; },
        [&](WorkedTrie* trie, const NodeBlob& row, auto& next) {
            attach_root(parts_->lanes.local(), *trie, row, next);
        });
    while (!pending.empty()) {
        pending = fetch_level(
            parts_->source, pending,
            [](const Pending& at) {
                return node_key(at.trie->prefix, at.updates.front().key.data(), at.depth);
            },
            [&](const Pending& at, const NodeBlob& node, auto& next) {
                VALENCE_CHECK(node && "a trie node is missing from the store");
                auto& lane = parts_->lanes.local();
                lane.blobs.push_back(node);
                attach(lane, at, node.view(), next);
            });
    }
}

std::optional<BytesView> TrieWork::find(const WorkedTrie& trie, const Hash& key) {
    const auto* child = &trie.root;
    std::size_t depth = 0;
    while (child->kind == Child::Kind::branch) {
        const auto extension = branch_extension(child->body);
        if (followed(key, depth, extension) < extension.size()) return std::nullopt;
        depth += extension.size();
        VALENCE_CHECK(child->branch != nullptr);
        child = &child->branch->children[nibble_at(key, depth)];
        ++depth;
    }
    if (child->is_none() || !base::equal(leaf_key(child->body), key)) return std::nullopt;
    return leaf_value(child->body);
}

void TrieWork::apply(std::span<WorkedTrie* const> tries) {
    spread(tries.size(), kTrieBatch, [&](std::size_t first, std::size_t last) {
        for (auto* trie : tries.subspan(first, last - first)) {
            trie->root = apply_updates(parts_->lanes, *trie, trie->root, 0, trie->updates);
        }
    });
}

void TrieWork::hash() { hash_lanes(parts_->lanes, parts_->writes); }

Hash TrieWork::root(const WorkedTrie& trie) {
    return trie.root.is_none() ? root_of_ref(NodeRef{}) : root_of_ref(load_ref(child_ref(trie.root)));
}

std::vector<Bytes> TrieWork::prove(const WorkedTrie& trie, const Hash& key) {
    std::vector<Bytes> proof;
    const auto add = [&](Bytes node) {
        if (node.size() >= 32 || proof.empty()) proof.push_back(std::move(node));
    };
    const auto* child = &trie.root;
    std::size_t depth = 0;
    while (child->kind == Child::Kind::branch) {
        const auto extension = branch_extension(child->body);
        if (!extension.empty()) {
            Bytes node;
            append_extension_node(node, extension, load_ref(child->body));
            add(std::move(node));
            if (followed(key, depth, extension) < extension.size()) return proof;
        }
        depth += extension.size();
        VALENCE_CHECK(child->branch != nullptr);
        Bytes node;
        append_branch_node(node, child->branch->children);
        add(std::move(node));
        child = &child->branch->children[nibble_at(key, depth)];
        ++depth;
    }
    if (child->kind == Child::Kind::leaf) {
        Bytes node;
        append_leaf(node, leaf_key(child->body), depth, leaf_value(child->body));
        add(std::move(node));
    }
    return proof;
}

std::vector<NodeWrite> TrieWork::take_writes() {
    auto& writes = parts_->writes;
    for (const auto& trie : parts_->tries) {
        if (trie.root.is_none()) {
            if (trie.was_stored) writes.push_back({trie.prefix, {}});
            continue;
        }
        if (!trie.root.fresh) continue;
        Bytes record;
        if (trie.root.kind == Child::Kind::branch && branch_extension(trie.root.body).empty()) {
            // The root branch's children are in memory whenever the root is new: it was changed, or is all
            // there is.
            VALENCE_CHECK(trie.root.branch != nullptr);
            append_record(record, trie.root.branch->children);
        }
        Bytes row;
        append_root_row(row, trie.root, record);
        writes.push_back({trie.prefix, NodeBlob(row)});
    }
    return in_key_order(std::move(writes));
}

}  // namespace valence::state
