// A committed matrix as the prover keeps it: codeword and tree.
#pragma once

#include <optional>
#include <span>

#include "valence/zk/protocol/commitment/code.hpp"
#include "valence/zk/prover/commitment/code_file.hpp"
#include "valence/zk/prover/commitment/encode.hpp"
#include "valence/zk/prover/merkle/merkle_tree.hpp"
#include "valence/zk/prover/polynomial/table.hpp"

namespace valence::zk {

class Oracle {
public:
    /// Encodes the rows and hashes the codeword's positions.
    Oracle(const TableValues& values, const OracleShape& shape);
    template <typename E>
    Oracle(std::span<const E> values, const OracleShape& shape);
    /// Over a codeword computed before, which is only borrowed: length × lanes elements, a lane for each
    /// coefficient of each row.
    Oracle(std::span<const Goldilocks> codeword, const OracleShape& shape);

    const Hash& root() const { return tree_->root(); }
    const OracleShape& shape() const { return shape_; }
    std::span<const Goldilocks> codeword() const { return codeword_; }

    /// Keeps the codeword in a file instead of in memory, where there is room for one. Not while it is
    /// opened.
    void move_to_file();

    /// Appends leaves and siblings; positions in opening order.
    void open(std::span<const std::uint64_t> positions, ProofWriter& proof) const;

private:
    crypto::Blake3Messages leaves() const;
    template <typename Values>
    void encode_and_hash(const Values& values);

    OracleShape shape_;
    Table<Goldilocks> owned_;
    std::optional<CodeFile> file_;
    std::span<const Goldilocks> codeword_;
    std::optional<MerkleTree> tree_;
};

}  // namespace valence::zk
