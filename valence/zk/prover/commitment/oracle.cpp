#include "valence/zk/prover/commitment/oracle.hpp"

#include "valence/base/result.hpp"

namespace valence::zk {

Oracle::Oracle(const TableValues& values, const OracleShape& shape)
    : shape_(shape), owned_(shape.length() * shape.rows), codeword_(owned_.span()) {
    encode_and_hash(values);
}

template <typename E>
Oracle::Oracle(std::span<const E> values, const OracleShape& shape)
    : shape_(shape), owned_(shape.length() * lanes_of<E>(shape)), codeword_(owned_.span()) {
    encode_and_hash(values);
}

template <typename Values>
void Oracle::encode_and_hash(const Values& values) {
    static_assert(std::endian::native == std::endian::little, "leaves are hashed where they lie");
    Table<Hash> digests(shape_.length());
    encode(values, shape_, {owned_.data(), owned_.size()}, best_instruction_set(),
           [&](std::size_t first, std::size_t count) { hash_leaves(leaves(), first, count, digests); });
    tree_.emplace(std::move(digests));
}

Oracle::Oracle(std::span<const Goldilocks> codeword, const OracleShape& shape)
    : shape_(shape), codeword_(codeword) {
    VALENCE_CHECK(codeword.size() % (shape.length() * shape.rows) == 0 && !codeword.empty());
    tree_.emplace(leaves(), shape_.log_length());
}

crypto::Blake3Messages Oracle::leaves() const {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(codeword_.data());
    return crypto::Blake3Messages::consecutive({bytes, codeword_.size_bytes()},
                                               codeword_.size_bytes() >> shape_.log_length());
}

void Oracle::move_to_file() {
    if (owned_.size() == 0) return;
    auto file = CodeFile::of(codeword_);
    if (!file) return;
    file_.emplace(*std::move(file));
    codeword_ = file_->code();
    owned_ = {};
}

void Oracle::open(std::span<const std::uint64_t> positions, ProofWriter& proof) const {
    tree_->open(leaves(), positions, proof);
}

template Oracle::Oracle(std::span<const Extension2>, const OracleShape&);
template Oracle::Oracle(std::span<const Extension3>, const OracleShape&);

}  // namespace valence::zk
