#include "valence/da/tree/namespaced_proof.hpp"

#include "valence/da/da_error.hpp"
#include "valence/da/square/protobuf.hpp"

namespace valence::da {
namespace {

enum ProofField : std::uint32_t { kStart = 1, kEnd = 2, kNodes = 3, kLeafHash = 4, kMaxIgnored = 5 };

/// The greatest power of two that divides `begin` and is at most `most`.
std::size_t aligned_size(std::size_t begin, std::size_t most) {
    const auto fitting = std::bit_floor(most);
    return begin == 0 ? fitting : std::min(fitting, begin & (~begin + 1));
}

/// Climbs to the root from pieces that cover the proven range and the proof's nodes, each taken in order.
class Climb {
public:
    Climb(const NamespacedProof& proof, std::span<const NamespacedHash> pieces,
          std::span<const std::size_t> sizes)
        : proof_(proof), pieces_(pieces), sizes_(sizes) {}

    /// The root; nothing when the proof does not hold together.
    std::optional<NamespacedHash> root() {
        auto node = subtree(0, std::bit_ceil(proof_.end));
        while (node && next_node_ < proof_.nodes.size())
            node = hash_node(*node, proof_.nodes[next_node_++]);
        if (next_piece_ != pieces_.size()) return std::nullopt;
        return node;
    }

private:
    std::optional<NamespacedHash> subtree(std::size_t begin, std::size_t width) {
        if (begin + width <= proof_.start || begin >= proof_.end) {
            if (next_node_ == proof_.nodes.size()) return std::nullopt;
            return proof_.nodes[next_node_++];
        }
        const bool inside = begin >= proof_.start && begin + width <= proof_.end;
        if (inside && next_piece_ < pieces_.size() && sizes_[next_piece_] == width)
            return pieces_[next_piece_++];
        if (width == 1) return std::nullopt;
        const auto left = subtree(begin, width / 2);
        if (!left) return std::nullopt;
        // Where the nodes are used up the tree has ended: only what is right of the range can be missing.
        const bool beyond = begin + width / 2 >= proof_.end;
        if (beyond && next_node_ == proof_.nodes.size()) return left;
        const auto right = subtree(begin + width / 2, width / 2);
        if (!right) return std::nullopt;
        return hash_node(*left, *right);
    }

    const NamespacedProof& proof_;
    std::span<const NamespacedHash> pieces_;
    std::span<const std::size_t> sizes_;
    std::size_t next_node_ = 0;
    std::size_t next_piece_ = 0;
};

bool well_formed(const NamespacedHash& node) { return node.min() <= node.max(); }

bool well_formed(const NamespacedProof& proof) {
    return proof.start < proof.end && proof.end <= kMaxLeaves &&
           std::all_of(proof.nodes.begin(), proof.nodes.end(), [](const auto& n) { return well_formed(n); });
}

/// Whether the proof has as many nodes as one of its range in a tree of `size` leaves, a power of two: then
/// the climb takes the tree's full height, and each hash stands where the proof says.
bool spans_tree(const NamespacedProof& proof, std::size_t size) {
    if (!std::has_single_bit(size) || proof.end > size) return false;
    const auto left = static_cast<std::size_t>(std::popcount(proof.start));
    const auto right = static_cast<std::size_t>(std::popcount(size - proof.end));
    return proof.nodes.size() == left + right;
}

/// Whether nothing outside the proven range can be of the namespace: what is left of it is below, what is
/// right of it above.
bool is_complete(const NamespacedProof& proof, const Namespace& name) {
    // The nodes left of the range are as many as the ones in the binary number of its start.
    const auto left = static_cast<std::size_t>(std::popcount(proof.start));
    if (left > proof.nodes.size()) return false;
    const std::span nodes{proof.nodes};
    const auto below = [&](const auto& node) { return node.max() < name; };
    const auto above = [&](const auto& node) { return node.min() > name; };
    return std::all_of(nodes.begin(), nodes.begin() + static_cast<std::ptrdiff_t>(left), below) &&
           std::all_of(nodes.begin() + static_cast<std::ptrdiff_t>(left), nodes.end(), above);
}

}  // namespace

std::vector<std::size_t> aligned_sizes(std::size_t start, std::size_t end, std::size_t width) {
    std::vector<std::size_t> sizes;
    while (start < end) {
        sizes.push_back(aligned_size(start, std::min(end - start, width)));
        start += sizes.back();
    }
    return sizes;
}

bool verify_leaves(const NamespacedProof& proof, std::span<const NamespacedHash> leaves,
                   const NamespacedHash& root) {
    if (!well_formed(proof) || proof.end - proof.start != leaves.size()) return false;
    const std::vector<std::size_t> ones(leaves.size(), 1);
    return Climb{proof, leaves, ones}.root() == root;
}

bool verify_leaves_at(const NamespacedProof& proof, std::span<const NamespacedHash> leaves,
                      const NamespacedHash& root, std::size_t size) {
    return spans_tree(proof, size) && verify_leaves(proof, leaves, root);
}

bool verify_namespace(const NamespacedProof& proof, const Namespace& name, std::span<const BytesView> data,
                      const NamespacedHash& root) {
    // A node's range leaves parity out, so nothing can be said about it.
    if (!well_formed(root) || name == kParityNamespace) return false;
    if (proof == NamespacedProof{})
        return data.empty() && (name < root.min() || name > root.max() || root == empty_root());
    std::vector<NamespacedHash> leaves;
    if (proof.absent_leaf) {
        const auto& leaf = *proof.absent_leaf;
        // A leaf has one namespace; a node in its stead could hide leaves of the one that is denied.
        if (!data.empty() || leaf.min() <= name || leaf.min() != leaf.max()) return false;
        if (proof.end - proof.start != 1) return false;
        leaves.push_back(leaf);
    } else {
        leaves.reserve(data.size());
        for (const auto& item : data)
            leaves.push_back(hash_leaf(name, item));
    }
    return well_formed(proof) && is_complete(proof, name) && verify_leaves(proof, leaves, root);
}

bool verify_subtrees(const NamespacedProof& proof, std::span<const NamespacedHash> subtrees,
                     std::size_t width, const NamespacedHash& root, std::size_t size) {
    if (!well_formed(proof) || !std::has_single_bit(width) || proof.absent_leaf) return false;
    if (!spans_tree(proof, size)) return false;
    if (!std::all_of(subtrees.begin(), subtrees.end(), [](const auto& s) { return well_formed(s); }))
        return false;
    const auto sizes = aligned_sizes(proof.start, proof.end, width);
    return sizes.size() == subtrees.size() && Climb{proof, subtrees, sizes}.root() == root;
}

Bytes encode_proof(const NamespacedProof& proof) {
    Bytes message;
    append_varint_field(message, kStart, proof.start);
    append_varint_field(message, kEnd, proof.end);
    for (const auto& node : proof.nodes)
        append_bytes_field(message, kNodes, node);
    if (proof.absent_leaf) append_bytes_field(message, kLeafHash, *proof.absent_leaf);
    append_varint_field(message, kMaxIgnored, 1);
    return message;
}

Result<NamespacedProof> parse_proof(BytesView bytes) {
    NamespacedProof proof;
    bool ignored = false;
    MessageReader reader{bytes};
    while (!reader.at_end()) {
        BOOST_OUTCOME_TRY(const auto field, reader.field());
        const bool number = field.kind == MessageField::Kind::varint;
        const bool node =
            field.kind == MessageField::Kind::bytes && field.bytes.size() == NamespacedHash::kSize;
        if (field.number == kStart && number) {
            proof.start = field.value;
        } else if (field.number == kEnd && number) {
            proof.end = field.value;
        } else if (field.number == kNodes && node) {
            proof.nodes.push_back(base::from_exact<NamespacedHash>(field.bytes));
        } else if (field.number == kLeafHash && node) {
            proof.absent_leaf = base::from_exact<NamespacedHash>(field.bytes);
        } else if (field.number == kMaxIgnored && number) {
            ignored = field.value != 0;
        } else {
            return Error{DaError::bad_proof, "field " + std::to_string(field.number)};
        }
    }
    if (!ignored) return Error{DaError::bad_proof, "counts parity as a namespace"};
    return proof;
}

}  // namespace valence::da
