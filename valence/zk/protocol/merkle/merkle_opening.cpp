#include "valence/zk/protocol/merkle/merkle_opening.hpp"

#include <algorithm>

#include "valence/zk/protocol/merkle/merkle_hash.hpp"
#include "valence/zk/protocol/proof/proof_error.hpp"

namespace valence::zk {
namespace {

void check_positions(const MerkleShape& shape, std::span<const std::uint64_t> positions) {
    VALENCE_CHECK(shape.log_leaves >= 0 && shape.log_leaves < 64);
    VALENCE_CHECK(!positions.empty() && positions.back() < std::uint64_t{1} << shape.log_leaves);
    VALENCE_CHECK(std::adjacent_find(positions.begin(), positions.end(), std::greater_equal<>()) ==
                  positions.end());
}

/// Whether the sibling of the i-th of these ascending positions is the next of them.
bool sibling_follows(std::span<const std::uint64_t> positions, std::size_t i) {
    return positions[i] % 2 == 0 && i + 1 < positions.size() && positions[i + 1] == positions[i] + 1;
}

}  // namespace

std::vector<std::uint64_t> opening_order(std::vector<std::uint64_t> positions) {
    std::sort(positions.begin(), positions.end());
    positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
    return positions;
}

std::size_t merkle_sibling_count(const MerkleShape& shape, std::span<const std::uint64_t> positions) {
    check_positions(shape, positions);
    std::vector<std::uint64_t> known(positions.begin(), positions.end());
    std::size_t count = 0;
    for (int level = 0; level < shape.log_leaves; ++level) {
        std::size_t parents = 0;
        for (std::size_t i = 0; i < known.size(); ++i) {
            const bool both = sibling_follows(known, i);
            count += both ? 0 : 1;
            known[parents++] = known[i] / 2;
            i += both ? 1 : 0;
        }
        known.resize(parents);
    }
    return count;
}

Result<BytesView> receive_merkle_opening(const Hash& root, const MerkleShape& shape,
                                         std::span<const std::uint64_t> positions, ProofReader& proof) {
    check_positions(shape, positions);
    BOOST_OUTCOME_TRY(const auto leaves, proof.take_bytes(shape.leaf_bytes * positions.size()));
    std::vector<std::uint64_t> known(positions.begin(), positions.end());
    std::vector<Hash> digests(known.size());
    crypto::blake3_batch(crypto::Blake3Messages::consecutive(leaves, shape.leaf_bytes), merkle_leaf_key(),
                         digests);
    std::vector<Hash> children(2 * known.size());
    for (int level = 0; level < shape.log_leaves; ++level) {
        std::size_t parents = 0;
        for (std::size_t i = 0; i < known.size(); ++i) {
            const auto own = known[i] % 2;
            children[2 * parents + own] = digests[i];
            auto& sibling = children[2 * parents + 1 - own];
            const bool both = sibling_follows(known, i);
            known[parents] = known[i] / 2;
            if (both) {
                sibling = digests[++i];
            } else {
                BOOST_OUTCOME_TRY(sibling, proof.take_digest());
            }
            ++parents;
        }
        known.resize(parents);
        digests.resize(parents);
        hash_merkle_nodes(std::span(children).first(2 * parents), digests);
    }
    if (digests.front() != root) {
        return Error{ProofError::merkle_mismatch,
                     std::to_string(positions.size()) + " leaves of 2^" + std::to_string(shape.log_leaves)};
    }
    return leaves;
}

}  // namespace valence::zk
