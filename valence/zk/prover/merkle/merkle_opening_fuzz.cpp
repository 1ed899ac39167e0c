// Any bytes as an opening of a tree, as such, or laid over the honest one: only the honest one is accepted.
// And field elements: what is read has no second encoding.
#include "valence/zk/protocol/merkle/merkle_opening.hpp"
#include "valence/zk/prover/merkle/merkle_tree.hpp"

namespace {

using namespace valence;
using namespace valence::zk;

/// What the input's first bytes choose; zeros where it has ended.
class Choices {
public:
    explicit Choices(BytesView input) : input_(input) {}
    std::uint8_t next() {
        if (input_.empty()) return 0;
        const auto byte = input_.front();
        input_ = input_.subspan(1);
        return byte;
    }
    BytesView rest() const { return input_; }

private:
    BytesView input_;
};

Result<BytesView> receive(const Hash& root, const MerkleShape& shape,
                          std::span<const std::uint64_t> positions, BytesView proof) {
    ProofReader reader(proof);
    BOOST_OUTCOME_TRY(const auto leaves, receive_merkle_opening(root, shape, positions, reader));
    BOOST_OUTCOME_TRY(reader.finish());
    return leaves;
}

template <FieldElement E>
void read_elements(BytesView bytes) {
    ProofReader reader(bytes);
    const auto elements = reader.take_all<E>(bytes.size() / (8 * kCoefficients<E>));
    if (!elements) return;
    ProofWriter writer;
    writer.put_all(elements.value());
    VALENCE_CHECK(base::equal(writer.bytes(), bytes.first(reader.position())));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Choices choices({data, size});
    const MerkleShape shape{choices.next() % 7, std::size_t{8} << choices.next() % 5};
    std::vector<std::uint64_t> drawn(1 + choices.next() % 8U);
    for (auto& position : drawn)
        position = choices.next() % (std::uint64_t{1} << shape.log_leaves);
    const auto positions = opening_order(drawn);

    Bytes bytes(shape.leaf_bytes << shape.log_leaves);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::uint8_t>(i * i >> 3);
    const auto leaves = crypto::Blake3Messages::consecutive(bytes, shape.leaf_bytes);
    const MerkleTree tree(leaves, shape.log_leaves);
    ProofWriter honest;
    tree.open(leaves, positions, honest);
    VALENCE_CHECK(receive(tree.root(), shape, positions, honest.bytes()));

    const auto start = static_cast<std::size_t>(choices.next()) << 8 | choices.next();
    const auto rest = choices.rest();
    Bytes laid_over = honest.bytes();
    laid_over.resize(std::max(laid_over.size(), start % (laid_over.size() + 1) + rest.size()));
    for (std::size_t i = 0; i < rest.size(); ++i)
        laid_over[start % (honest.bytes().size() + 1) + i] ^= rest[i];
    VALENCE_CHECK(receive(tree.root(), shape, positions, laid_over).has_value() ==
                  (laid_over == honest.bytes()));
    VALENCE_CHECK(!receive(tree.root(), shape, positions, rest) || base::equal(rest, honest.bytes()));

    read_elements<Goldilocks>(rest);
    read_elements<Extension2>(rest);
    read_elements<Extension3>(rest);
    return 0;
}
