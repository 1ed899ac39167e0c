// Hashing: the references of new nodes, level by level, deepest first, so that each level is one parallel
// batch.
#include "valence/crypto/keccak_batch.hpp"
#include "valence/state/trie/spread.hpp"
#include "valence/state/trie/trie_memory.hpp"

namespace valence::state {
namespace {

/// Nodes encoded and hashed together by one task.
constexpr std::size_t kBatch = 64;

/// Encodings of several nodes in one buffer, then their references.
class NodeBatch {
public:
    NodeBatch() { bytes_.reserve(kBatch * 560); }

    Bytes& bytes() { return bytes_; }
    void end_node() { ends_.push_back(bytes_.size()); }

    template <typename Take>
    void references(Take&& take) {
        std::vector<BytesView> nodes;
        nodes.reserve(ends_.size());
        std::size_t start = 0;
        for (const auto end : ends_) {
            nodes.push_back(BytesView{bytes_}.subspan(start, end - start));
            start = end;
        }
        std::vector<Hash> hashes(nodes.size());
        crypto::keccak256_batch(nodes, hashes);
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            take(i, nodes[i].size() < 32 ? ref_to_node(nodes[i]) : ref_to_hash(hashes[i]));
        }
        bytes_.clear();
        ends_.clear();
    }

private:
    Bytes bytes_;
    std::vector<std::size_t> ends_;
};

template <typename Job, typename Run>
void in_batches(std::vector<Job>& jobs, Run&& run) {
    spread(jobs.size(), kBatch, [&](std::size_t first, std::size_t last) {
        NodeBatch batch;
        for (; first < last; first += kBatch) {
            run(batch, std::span(jobs).subspan(first, std::min(kBatch, last - first)), first);
        }
    });
}

void hash_leaves(std::vector<LeafJob>& jobs) {
    in_batches(jobs, [](NodeBatch& batch, std::span<LeafJob> leaves, std::size_t) {
        for (const auto& leaf : leaves) {
            append_leaf(batch.bytes(), leaf_key(leaf.body), leaf.depth, leaf_value(leaf.body));
            batch.end_node();
        }
        batch.references(
            [&](std::size_t i, const NodeRef& ref) { store_ref(leaves[i].body + kLeafRefOffset, ref); });
    });
}

void store_branch_ref(Branch& branch, const NodeRef& ref) {
    store_ref(branch.body, ref);
    const auto extension = branch_extension(branch.body);
    if (extension.empty()) return;
    Bytes node;
    append_extension_node(node, extension, ref);
    store_ref(branch.body + kOuterRefOffset, ref_to_node(node));
}

void hash_branches(std::vector<Branch*>& jobs, std::span<NodeWrite> writes) {
    in_batches(jobs, [&](NodeBatch& batch, std::span<Branch*> branches, std::size_t first) {
        for (const auto* branch : branches) {
            append_branch_node(batch.bytes(), branch->children);
            batch.end_node();
        }
        batch.references([&](std::size_t i, const NodeRef& ref) { store_branch_ref(*branches[i], ref); });
        if (writes.empty()) return;
        Bytes record;
        for (std::size_t i = 0; i < branches.size(); ++i) {
            const auto& branch = *branches[i];
            record.clear();
            append_record(record, branch.children);
            writes[first + i] = {node_key(branch.trie->prefix, branch.key, branch.depth), NodeBlob(record)};
        }
    });
}

}  // namespace

void hash_lanes(TrieLanes& lanes, std::vector<NodeWrite>& writes) {
    std::vector<LeafJob> leaves;
    std::array<std::vector<Branch*>, 64> levels;
    for (auto& lane : lanes) {
        leaves.insert(leaves.end(), lane.leaves.begin(), lane.leaves.end());
        lane.leaves.clear();
        for (auto* branch : lane.dirty) {
            if (!branch->removed) levels[branch->depth].push_back(branch);
        }
        lane.dirty.clear();
        for (const auto* branch : lane.removed) {
            if (branch->depth == 0) continue;
            writes.push_back({node_key(branch->trie->prefix, branch->key, branch->depth), {}});
        }
        lane.removed.clear();
    }
    hash_leaves(leaves);
    for (std::size_t depth = 64; depth-- > 1;) {
        if (levels[depth].empty()) continue;
        const auto before = writes.size();
        writes.resize(before + levels[depth].size());
        hash_branches(levels[depth], std::span(writes).subspan(before));
    }
    // A branch with the empty path is stored with the root it is.
    hash_branches(levels[0], {});
}

}  // namespace valence::state
