#include "valence/zk/prover/bilinear_sum.hpp"

#include "valence/zk/prover/polynomial/multilinear.hpp"
#include "valence/zk/prover/polynomial/round_sums.hpp"

namespace valence::zk {
namespace {

/// One term on its way through the rounds.
template <typename E>
class RunningTerm {
public:
    RunningTerm(const BilinearTerm<E>& term, std::size_t rounds) : term_(term), size_(term.right.size()) {
        VALENCE_CHECK(std::has_single_bit(size_));
        VALENCE_CHECK(std::max(term.left.size(), term.base_left.size()) == size_);
        if (variables() < rounds) waiting_sum_ = sum();
    }

    std::size_t variables() const { return static_cast<std::size_t>(std::countr_zero(size_)); }

    /// The message of the round in which `remaining` variables are unbound, this one included; `last` is the
    /// challenge of the round before.
    RoundSums<E> message(std::size_t remaining, const E& last) {
        if (remaining > variables()) return {weight_ * waiting_sum_, weight_ * waiting_sum_};
        const std::size_t pairs = std::size_t{1} << (remaining - 1);
        const auto sums = remaining == variables() ? first(pairs) : next(pairs, last);
        return {weight_ * sums.zero, weight_ * sums.infinity};
    }
    /// The round's challenge, told to terms that only wait.
    void bind(std::size_t remaining, const E& r) {
        if (remaining <= variables()) return;
        const E factor = E(std::uint64_t{1}) - r;
        weight_ *= factor * factor;
    }
    /// After the last round.
    typename BilinearClaim<E>::Values finish(const E& last) const {
        if (variables() == 0) return {left_at(0), term_.right[0]};
        const auto value = [&](const E& low, const E& high) { return low + last * (high - low); };
        if (!folded()) return {value(left_at(0), left_at(1)), value(term_.right[0], term_.right[1])};
        return {value(left_[0], left_[1]), value(right_[0], right_[1])};
    }

private:
    bool over_base() const { return term_.left.empty(); }
    bool folded() const { return right_.size() != 0; }
    E left_at(std::size_t i) const { return over_base() ? E(term_.base_left[i]) : term_.left[i]; }
    E sum() const {
        return over_base() ? inner_product<E>(term_.base_left, term_.right)
                           : inner_product<E>(term_.left, term_.right);
    }

    RoundSums<E> first(std::size_t pairs) const {
        return sum_of_blocks<E>(pairs, 6, [&](const auto& kernels, Block block, LaneSums<E>& sums) {
            if (over_base()) {
                kernels.bilinear_first_base(term_.base_left.data(), term_.right.data(), pairs, block, sums);
            } else {
                kernels.bilinear_first(term_.left.data(), term_.right.data(), pairs, block, sums);
            }
        });
    }
    /// Folds by the last challenge, from the caller's tables the first time, in place after that.
    RoundSums<E> next(std::size_t pairs, const E& last) {
        const bool from_term = !folded();
        if (from_term) {
            left_ = Table<E>(2 * pairs);
            right_ = Table<E>(2 * pairs);
        }
        const Multiplier<E> r(last);
        const E* const right = from_term ? term_.right.data() : right_.data();
        const E* const left = from_term ? term_.left.data() : left_.data();
        return sum_of_blocks<E>(pairs, 16, [&](const auto& kernels, Block block, LaneSums<E>& sums) {
            if (from_term && over_base()) {
                kernels.bilinear_next_base(term_.base_left.data(), right, left_.data(), right_.data(), pairs,
                                           block, r, sums);
            } else {
                kernels.bilinear_next(left, right, left_.data(), right_.data(), pairs, block, r, sums);
            }
        });
    }

    BilinearTerm<E> term_;
    std::size_t size_;
    E waiting_sum_{};             // of all products, where there are rounds to wait for
    E weight_{std::uint64_t{1}};  // what those rounds left of it
    Table<E> left_;
    Table<E> right_;
};

}  // namespace

template <typename E>
BilinearClaim<E> prove_bilinear_sum(std::span<const BilinearTerm<E>> terms, const E& sum,
                                    ProverChannel& channel) {
    std::size_t rounds = 0;
    for (const auto& term : terms)
        rounds = std::max(rounds, static_cast<std::size_t>(std::countr_zero(term.right.size())));
    std::vector<RunningTerm<E>> running;
    channel.transcript.absorb_number("bilinear sum", terms.size());
    for (const auto& term : terms) {
        running.emplace_back(term, rounds);
        channel.transcript.absorb_number("variables", running.back().variables());
    }
    channel.transcript.absorb("sum", sum);

    BilinearClaim<E> claim;
    E last;
    std::vector<RoundSums<E>> messages(running.size());
    for (std::size_t remaining = rounds; remaining > 0; --remaining) {
        std::uint64_t cost = 0;
        for (const auto& term : running)
            cost += std::uint64_t{8} << std::min(term.variables(), remaining);
        each_in_parallel(running.size(), cost,
                         [&](std::size_t t) { messages[t] = running[t].message(remaining, last); });
        RoundSums<E> message;
        for (const auto& each : messages)
            message += each;
        channel.send("constant", message.zero);
        channel.send("quadratic", message.infinity);
        last = channel.challenge<E>("round");
        for (auto& term : running)
            term.bind(remaining, last);
        claim.point.push_back(last);
    }

    std::vector<E> values;
    for (const auto& term : running) {
        claim.values.push_back(term.finish(last));
        values.push_back(claim.values.back().left);
        values.push_back(claim.values.back().right);
    }
    channel.send_all("values", values);
    return claim;
}

template BilinearClaim<Extension2> prove_bilinear_sum(std::span<const BilinearTerm<Extension2>>,
                                                      const Extension2&, ProverChannel&);
template BilinearClaim<Extension3> prove_bilinear_sum(std::span<const BilinearTerm<Extension3>>,
                                                      const Extension3&, ProverChannel&);

}  // namespace valence::zk
