// A Merkle tree as the prover keeps it: all digests, 64 bytes for each leaf; the leaves stay where they are.
#pragma once

#include <span>
#include <vector>

#include "valence/crypto/blake3_batch.hpp"
#include "valence/zk/protocol/proof/codec.hpp"
#include "valence/zk/prover/polynomial/table.hpp"

namespace valence::zk {

/// The columns of a matrix of field elements, in rows one after the other: leaf j is the bytes of element j
/// of each row, from the first row to the last.
template <FieldElement E>
crypto::Blake3Messages columns_of(std::span<const E> matrix, std::size_t rows) {
    static_assert(std::endian::native == std::endian::little && sizeof(E) == 8 * kCoefficients<E>);
    return {{reinterpret_cast<const std::uint8_t*>(matrix.data()), matrix.size_bytes()},
            rows,
            matrix.size_bytes() / rows,
            sizeof(E)};
}

/// The digests of leaves first … first + count − 1, which to[first] … become.
void hash_leaves(const crypto::Blake3Messages& leaves, std::size_t first, std::size_t count, Table<Hash>& to);

class MerkleTree {
public:
    /// Over the first 2^log_leaves messages, in parallel where there are many.
    MerkleTree(const crypto::Blake3Messages& leaves, int log_leaves);
    /// Over leaves with these digests, a power of two of them (hash_leaves()).
    explicit MerkleTree(Table<Hash> digests);

    const Hash& root() const { return levels_.back()[0]; }
    int log_leaves() const { return static_cast<int>(levels_.size()) - 1; }

    /// Appends what receive_merkle_opening reads. `leaves` is what the tree was built from; positions in
    /// opening order.
    void open(const crypto::Blake3Messages& leaves, std::span<const std::uint64_t> positions,
              ProofWriter& proof) const;

private:
    void add_nodes();

    /// Digests of the leaves, of their parents, …, the root.
    std::vector<Table<Hash>> levels_;
};

}  // namespace valence::zk
