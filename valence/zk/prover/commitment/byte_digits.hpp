// A table of field elements, most of them small integers, as bytes: what a pass over int8 weights takes is
// also taken by weights among which there are some biases.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "valence/zk/protocol/field/extension.hpp"
#include "valence/zk/prover/kernels/row_contraction.hpp"

namespace valence::zk {

/// value = Σ_k 256^k·plane(k)[i], digits from −128 to 127.
class ByteDigits {
public:
    /// Nothing if a value is an integer of more than six bytes, or if they have more than three on average.
    static std::optional<ByteDigits> of(std::span<const Goldilocks> values);

    std::size_t planes() const { return planes_.size(); }
    /// Of a pass over all values, how many bytes each takes on average.
    double passes() const { return passes_; }
    std::span<const std::int8_t> plane(std::size_t k) const { return planes_[k]; }
    /// How many planes have digits other than 0 among these values; at least 1.
    std::size_t depth(std::size_t begin, std::size_t count) const;

    /// Σ_j values[begin + j]·columns[j], of as many values as `columns` has.
    template <typename E>
    E contract(const RowContraction<E>& columns, std::size_t begin, std::size_t count) const;
    /// to[c] = Σ_a coefficients[a]·values[a·columns + c], as combine_rows() does.
    template <typename E>
    void combine(std::span<const E> coefficients, std::span<E> to) const;

private:
    static constexpr std::size_t kBlock = 64;

    bool is_sparse(std::size_t plane) const;

    std::vector<std::vector<std::int8_t>> planes_;
    /// Of each kBlock values.
    std::vector<std::uint8_t> depths_;
    double passes_ = 1;
};

}  // namespace valence::zk
