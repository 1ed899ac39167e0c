#include "valence/zk/protocol/files/tensor_codec.hpp"

#include "valence/zk/protocol/proof/proof_error.hpp"

namespace valence::zk {
namespace {

std::size_t element_bytes(ml::ElementType type) { return type == ml::ElementType::activation ? 2 : 4; }

void put_word(ProofWriter& to, std::uint64_t word, std::size_t size) {
    std::array<std::uint8_t, 8> bytes{};
    for (std::size_t k = 0; k < size; ++k)
        bytes[k] = static_cast<std::uint8_t>(word >> (8 * k));
    to.put_bytes(BytesView(bytes).first(size));
}

std::uint64_t load_word(BytesView bytes) {
    std::uint64_t word = 0;
    for (std::size_t k = 0; k < bytes.size(); ++k)
        word |= std::uint64_t{bytes[k]} << (8 * k);
    return word;
}

std::int64_t load_signed(BytesView bytes) {
    const auto unused = static_cast<int>(64 - 8 * bytes.size());
    return static_cast<std::int64_t>(load_word(bytes) << unused) >> unused;
}

Result<ml::Values> take_tensor(ProofReader& from) {
    BOOST_OUTCOME_TRY(const BytesView head, from.take_bytes(2));
    if (head[0] > static_cast<std::uint8_t>(ml::ElementType::index))
        return Error{ProofError::not_canonical, "a tensor of type " + std::to_string(head[0])};
    if (head[1] > ml::kMaxRank)
        return Error{ProofError::not_canonical, "a tensor of rank " + std::to_string(head[1])};
    ml::Values tensor{static_cast<ml::ElementType>(head[0]), {}, {}};
    std::array<std::uint32_t, ml::kMaxRank> extents{};
    const std::size_t rank = head[1];
    for (std::size_t axis = 0; axis < rank; ++axis) {
        BOOST_OUTCOME_TRY(const BytesView extent, from.take_bytes(4));
        extents[axis] = static_cast<std::uint32_t>(load_word(extent));
    }
    tensor.shape = ml::Shape{std::span<const std::uint32_t>(extents).first(rank)};
    const std::uint64_t elements = tensor.shape.elements();
    if (elements > ml::kMaxElements) return Error{ProofError::not_canonical, "a tensor's size"};
    const std::size_t size = element_bytes(tensor.type);
    BOOST_OUTCOME_TRY(const BytesView bytes, from.take_bytes(elements * size));
    tensor.data.reserve(elements);
    for (std::uint64_t k = 0; k < elements; ++k)
        tensor.data.push_back(load_signed(bytes.subspan(k * size, size)));
    return tensor;
}

}  // namespace

void put_tensors(ProofWriter& to, std::span<const ml::Values> tensors) {
    put_word(to, tensors.size(), 2);
    for (const ml::Values& tensor : tensors) {
        put_word(to, static_cast<std::uint64_t>(tensor.type), 1);
        put_word(to, tensor.shape.rank(), 1);
        for (const std::uint32_t extent : tensor.shape.extents())
            put_word(to, extent, 4);
        for (const std::int64_t element : tensor.data)
            put_word(to, static_cast<std::uint64_t>(element), element_bytes(tensor.type));
    }
}

Result<std::vector<ml::Values>> take_tensors(ProofReader& from) {
    BOOST_OUTCOME_TRY(const BytesView bytes, from.take_bytes(2));
    const std::uint64_t count = load_word(bytes);
    std::vector<ml::Values> tensors;
    for (std::uint64_t k = 0; k < count; ++k) {
        BOOST_OUTCOME_TRY(ml::Values tensor, take_tensor(from));
        tensors.push_back(std::move(tensor));
    }
    return tensors;
}

}  // namespace valence::zk
