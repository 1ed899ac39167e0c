// Fuzzes what reads foreign bytes here: proofs, and the records of trie nodes.
#include <algorithm>

#include "valence/crypto/keccak.hpp"
#include "valence/state/account_proof.hpp"
#include "valence/state/trie/node_record.hpp"
#include "valence/state/trie/node_source.hpp"

namespace {

using namespace valence;

/// Splits the input into nodes at each byte 0xfe, and makes the first the root's.
void fuzz_proof(BytesView input) {
    std::vector<Bytes> nodes;
    auto rest = input;
    while (!rest.empty() && nodes.size() < 70) {
        const auto end = std::find(rest.begin(), rest.end(), 0xfe);
        nodes.emplace_back(rest.begin(), end);
        rest = {end == rest.end() ? end : end + 1, rest.end()};
    }
    if (nodes.empty()) return;
    // Each node that has room for it refers to the next by its hash, so that paths lead further than one
    // node.
    for (auto i = nodes.size() - 1; i-- > 0;) {
        auto& node = nodes[i];
        const auto place = std::search_n(node.begin(), node.end(), 32, 0xaa);
        if (place == node.end()) continue;
        const auto hash = crypto::keccak256(nodes[i + 1]);
        std::copy(hash.begin(), hash.end(), place);
    }
    (void)state::verify_proof(crypto::keccak256(nodes[0]), Hash{}, nodes);
}

/// What is read as a record is written back to the same bytes.
void fuzz_record(BytesView input) {
    if (const auto children = state::parse_record(input, 3)) {
        Bytes again;
        state::append_record(again, *children);
        VALENCE_CHECK(base::equal(again, input));
        Bytes node;
        state::append_branch_node(node, *children);
    }
    if (const auto root = state::parse_root_row(input)) {
        Bytes again;
        state::append_root_row(again, root->root, root->record);
        VALENCE_CHECK(base::equal(again, input));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz_proof({data, size});
    fuzz_record({data, size});
    return 0;
}
