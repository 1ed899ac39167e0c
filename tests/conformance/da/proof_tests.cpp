// Proofs: of commitments up to the data root, and in namespaced Merkle trees.
#include "da_suites.hpp"
#include "da_values.hpp"
#include <fmt/core.h>

#include "valence/da/inclusion/commitment_proof.hpp"

namespace valence::conformance {
namespace {

da::MerkleProof merkle_proof_of(const json::value& value) {
    da::MerkleProof proof;
    proof.total = number_or_zero(value, "total");
    proof.index = number_or_zero(value, "index");
    proof.leaf_hash = exact_of<Hash>(member(value, "leaf_hash"));
    if (const auto* aunts = find(value, "aunts")) proof.aunts = list_of<Hash>(*aunts);
    return proof;
}

da::RowProof row_proof_of(const json::value& value) {
    da::RowProof proof;
    proof.roots = list_of<da::NamespacedHash>(member(value, "row_roots"));
    for (const auto& item : array_of(member(value, "proofs")))
        proof.proofs.push_back(merkle_proof_of(item));
    proof.first = number_or_zero(value, "start_row");
    proof.last = number_or_zero(value, "end_row");
    return proof;
}

da::CommitmentProof commitment_proof_of(const json::value& value) {
    da::CommitmentProof proof;
    proof.subtree_roots = list_of<da::NamespacedHash>(member(value, "subtree_roots"));
    for (const auto& item : array_of(member(value, "subtree_root_proofs")))
        proof.subtree_proofs.push_back(namespaced_proof_of(item));
    Bytes name{static_cast<std::uint8_t>(number_or_zero(value, "namespace_version"))};
    base::append(name, exact_bytes_of(member(value, "namespace_id"), da::Namespace::kSize - 1));
    proof.name = value_of(da::parse_namespace(name));
    proof.rows = row_proof_of(member(value, "row_proof"));
    return proof;
}

/// That the proof holds, and for no other root.
std::string check_commitment_proof(const json::value& test) {
    const auto proof = commitment_proof_of(member(test, "commitment_proof"));
    auto root = exact_of<Hash>(member(test, "root"));
    const auto* threshold = find(test, "sub_threshold");
    const auto subtrees = threshold == nullptr ? da::kSubtreeRootThreshold : u64_of(*threshold);
    if (const auto holds = da::verify_commitment_proof(proof, root, subtrees); !holds)
        return holds.error().message();
    root[0] ^= 1;
    return da::verify_commitment_proof(proof, root, subtrees) ? "holds for another root too" : "";
}

/// What of a proof alone can be wrong: the range, and nodes whose namespaces are out of order.
std::string check_proof_shape(const json::value& test) {
    const auto proof = namespaced_proof_of(test);
    if (proof.start >= proof.end) return fmt::format("range from {} to {}", proof.start, proof.end);
    const auto left = static_cast<std::size_t>(std::popcount(proof.start));
    if (proof.nodes.size() < left)
        return fmt::format("{} nodes, {} on the left alone", proof.nodes.size(), left);
    for (std::size_t i = 0; i < proof.nodes.size(); ++i) {
        if (proof.nodes[i].min() > proof.nodes[i].max()) return fmt::format("range of node {}", i);
        if (i != 0 && proof.nodes[i - 1].max() > proof.nodes[i].min())
            return fmt::format("node {} is out of order", i);
    }
    const auto again = da::parse_proof(da::encode_proof(proof));
    return again && again.value() == proof ? "" : "its protobuf encoding is another proof's";
}

da::Namespace numbered_namespace(std::uint64_t number) {
    Bytes id(8);
    for (std::size_t i = 0; i < id.size(); ++i)
        id[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
    id[0] = 1;  // none that is reserved
    return value_of(da::user_namespace(id));
}

/// A tree of leaves with these namespaces: whether the namespace asked for is found, by a proof that holds
/// and that holds for nothing else.
std::string check_state(const json::value& state) {
    std::vector<da::NamespacedHash> leaves;
    std::vector<Bytes> data;
    std::vector<BytesView> found;
    const auto asked = numbered_namespace(u64_of(member(state, "namespace_v")));
    const auto& numbers = array_of(member(state, "leaves_namespace_idx_v"));
    for (std::size_t i = 0; i < numbers.size(); ++i)
        data.push_back({'l', 'e', 'a', 'f', static_cast<std::uint8_t>(i)});
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const auto name = numbered_namespace(u64_of(numbers[i]));
        leaves.push_back(da::hash_leaf(name, data[i]));
        if (name == asked) found.push_back(data[i]);
    }
    const auto tree = value_of(da::NamespacedTree::build(std::move(leaves)));
    const auto proof = tree.prove(asked);
    const bool says_found = proof.end != 0 && !proof.absent_leaf;
    const bool want = member(state, "namespaceIdFound_v").as_bool();
    if (says_found != want) return fmt::format("found: expected {}, actual {}", want, says_found);
    if (!da::verify_namespace(proof, asked, found, tree.root())) return "the proof does not hold";
    const Bytes more{'m', 'o', 'r', 'e'};
    auto wrong = found;
    wrong.push_back(more);
    if (da::verify_namespace(proof, asked, wrong, tree.root())) return "the proof holds for one leaf more";
    if (!found.empty() && da::verify_namespace(proof, asked, std::span{found}.subspan(1), tree.root()))
        return "the proof holds without a leaf";
    return {};
}

}  // namespace

void run_da_commitment_proofs(const Fixture& f, FileReport& report) {
    const auto& tests = array_of(f.root);
    for (std::size_t i = 0; i < tests.size(); ++i)
        report.add(std::to_string(i), check_commitment_proof(tests[i]));
}

void run_da_namespace_proofs(const Fixture& f, FileReport& report) {
    const auto& tests = array_of(f.root);
    for (std::size_t i = 0; i < tests.size(); ++i)
        report.add(std::to_string(i), check_proof_shape(tests[i]));
}

void run_da_tree_scenarios(const Fixture& f, FileReport& report) {
    for (const auto& test : array_of(member(f.root, "testCases"))) {
        const auto& states = array_of(member(test, "states"));
        for (std::size_t i = 0; i < states.size(); ++i)
            report.add(fmt::format("{}, state {}", std::string{text_of(member(test, "name"))}, i),
                       check_state(states[i]));
    }
}

}  // namespace valence::conformance
