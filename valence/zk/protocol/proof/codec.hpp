// A proof's bytes: values one after the other, nothing between them. Every count follows from parameters
// known before reading, so that there is one encoding of a proof and its length is known too.
//
//     field element   its coefficients, 8 bytes each, little-endian, below p
//     digest          32 bytes
//     number          8 bytes, little-endian
#pragma once

#include <ranges>
#include <span>
#include <vector>

#include "valence/base/base.hpp"
#include "valence/zk/protocol/field/extension.hpp"

namespace valence::zk {

class ProofWriter {
public:
    void put_number(std::uint64_t number);
    void put_bytes(BytesView bytes) { base::append(bytes_, bytes); }
    void put(const Hash& digest) { put_bytes(digest.bytes); }
    template <FieldElement E>
    void put(const E& element) {
        for (std::size_t i = 0; i < kCoefficients<E>; ++i)
            put_number(coefficient(element, i).value());
    }
    template <std::ranges::input_range Elements>
        requires FieldElement<std::ranges::range_value_t<Elements>>
    void put_all(const Elements& elements) {
        for (const auto& element : elements)
            put(element);
    }

    const Bytes& bytes() const { return bytes_; }
    Bytes take() { return std::move(bytes_); }

private:
    Bytes bytes_;
};

/// Reads what a ProofWriter wrote. The proof must outlive it.
class ProofReader {
public:
    explicit ProofReader(BytesView proof) : proof_(proof) {}

    /// The next `count` bytes, in the proof itself. Errors: truncated.
    Result<BytesView> take_bytes(std::uint64_t count);
    /// Errors: truncated.
    Result<std::uint64_t> take_number();
    /// Errors: truncated.
    Result<Hash> take_digest();
    /// Errors: truncated, not_canonical.
    template <FieldElement E>
    Result<E> take();
    /// Memory is taken only after the bytes are known to be there. Errors: truncated, not_canonical.
    template <FieldElement E>
    Result<std::vector<E>> take_all(std::size_t count);

    std::size_t position() const { return at_; }
    /// That nothing is left. Errors: trailing_bytes.
    Result<void> finish() const;

private:
    BytesView proof_;
    std::size_t at_ = 0;
};

}  // namespace valence::zk
