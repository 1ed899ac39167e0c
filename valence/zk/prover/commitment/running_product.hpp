// A sumcheck on ⟨f, q⟩ of which the first variables are bound, and which leaves the folded tables behind.
#pragma once

#include <optional>
#include <span>

#include "valence/zk/prover/polynomial/round_sums.hpp"
#include "valence/zk/prover/polynomial/table.hpp"

namespace valence::zk {

/// Two tables of 2^m values; those given are only read, and must outlive this.
template <typename E>
class RunningProduct {
public:
    RunningProduct(std::span<const E> left, std::span<const E> right) : left_(left), right_(right) {}
    RunningProduct(std::span<const Goldilocks> left, std::span<const E> right) : base_(left), right_(right) {}

    /// Of the first unbound variable.
    RoundSums<E> message();
    void bind(const E& challenge) { challenge_ = challenge; }

    /// What is left of the tables: 2^(m − variables bound) values each.
    Table<E> left() const;
    Table<E> right() const;

private:
    RoundSums<E> first_message() const;
    RoundSums<E> next_message(const E& challenge);

    /// The tables as folded so far. The left one is over the base field until it is folded.
    std::span<const E> left_;
    std::span<const Goldilocks> base_;
    std::span<const E> right_;
    /// Bound, but not yet folded by: the next message does both in one pass.
    std::optional<E> challenge_;
    Table<E> left_memory_, right_memory_;
};

}  // namespace valence::zk
