#include "valence/zk/prover/commitment/running_product.hpp"

#include <algorithm>

#include "valence/zk/prover/polynomial/multilinear.hpp"

namespace valence::zk {
namespace {

template <typename E>
Table<E> folded(std::span<const E> table, const std::optional<E>& challenge) {
    if (challenge) return fold(table, *challenge);
    Table<E> copy(table.size());
    std::ranges::copy(table, copy.data());
    return copy;
}

}  // namespace

template <typename E>
RoundSums<E> RunningProduct<E>::message() {
    if (!challenge_) return first_message();
    const E challenge = *challenge_;
    challenge_.reset();
    return next_message(challenge);
}

template <typename E>
RoundSums<E> RunningProduct<E>::first_message() const {
    const std::size_t pairs = right_.size() / 2;
    return sum_of_blocks<E>(pairs, 6, [&](const auto& kernels, Block block, LaneSums<E>& sums) {
        if (base_.empty())
            kernels.bilinear_first(left_.data(), right_.data(), pairs, block, sums);
        else
            kernels.bilinear_first_base(base_.data(), right_.data(), pairs, block, sums);
    });
}

template <typename E>
RoundSums<E> RunningProduct<E>::next_message(const E& challenge) {
    const std::size_t pairs = right_.size() / 4;
    if (right_memory_.size() == 0) {
        left_memory_ = Table<E>(2 * pairs);
        right_memory_ = Table<E>(2 * pairs);
    }
    const Multiplier<E> r(challenge);
    const auto sums =
        sum_of_blocks<E>(pairs, 16, [&](const auto& kernels, Block block, LaneSums<E>& of_block) {
            if (base_.empty()) {
                kernels.bilinear_next(left_.data(), right_.data(), left_memory_.data(), right_memory_.data(),
                                      pairs, block, r, of_block);
            } else {
                kernels.bilinear_next_base(base_.data(), right_.data(), left_memory_.data(),
                                           right_memory_.data(), pairs, block, r, of_block);
            }
        });
    left_ = left_memory_.span().first(2 * pairs);
    right_ = right_memory_.span().first(2 * pairs);
    base_ = {};
    return sums;
}

template <typename E>
Table<E> RunningProduct<E>::left() const {
    if (base_.empty()) return folded(left_, challenge_);
    if (challenge_) return fold(base_, *challenge_);
    Table<E> copy(base_.size());
    std::ranges::copy(base_, copy.data());
    return copy;
}

template <typename E>
Table<E> RunningProduct<E>::right() const {
    return folded(right_, challenge_);
}

template class RunningProduct<Extension2>;
template class RunningProduct<Extension3>;

}  // namespace valence::zk
