#include "valence/zk/prover/fractional_sum.hpp"

#include "valence/zk/prover/polynomial/round_sums.hpp"
#include "valence/zk/prover/polynomial/table.hpp"

namespace valence::zk {
namespace {

/// Nodes of a layer, all p before and all q apart.
template <typename E>
struct Layer {
    explicit Layer(std::size_t nodes) : p(nodes), q(nodes) {}
    Table<E> p;
    Table<E> q;

    FractionTables<E> halves() {
        const std::size_t half = p.size() / 2;
        return {p.data(), p.data() + half, q.data(), q.data() + half};
    }
};

template <typename E>
struct Children {
    E p0, p1, q0, q1;
};

/// The leaves, at least two, padded to a power of two: as they came where the first half's numerators are all
/// 1, and otherwise as a layer like any other.
template <typename E>
class Leaves {
public:
    Leaves(const Numerators& numerators, std::span<const E> denominators)
        : half_(std::size_t{1} << (fraction_variables(denominators.size()) - 1)),
          size_(denominators.size()),
          ones_(numerators.ones) {
        const E one(std::uint64_t{1});
        if (ones_ < half_) {
            layer_.emplace(2 * half_);
            in_parallel(2 * half_, 2, [&](std::size_t begin, std::size_t end) {
                for (std::size_t i = begin; i < end; ++i) {
                    layer_->p[i] = i < ones_ ? one : i < size_ ? E(numerators.rest[i - ones_]) : E();
                    layer_->q[i] = i < size_ ? denominators[i] : one;
                }
            });
            return;
        }
        numerators_ = Table<Goldilocks>(half_);
        in_parallel(half_, 1, [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i) {
                numerators_[i] = half_ + i < ones_   ? Goldilocks(1)
                                 : half_ + i < size_ ? numerators.rest[half_ + i - ones_]
                                                     : Goldilocks();
            }
        });
        tables_ = {denominators.data(), denominators.data() + half_, numerators_.data()};
        given_ = std::min((size_ - half_ + kKernelLanes - 1) / kKernelLanes * kKernelLanes, half_);
        if (size_ == 2 * half_) return;
        padded_ = Table<E>(half_);
        in_parallel(half_, 1, [&](std::size_t begin, std::size_t end) {
            const std::size_t given = std::clamp(size_ - half_, begin, end);
            std::copy(denominators.data() + half_ + begin, denominators.data() + half_ + given,
                      padded_.data() + begin);
            std::fill(padded_.data() + given, padded_.data() + end, one);
        });
        tables_.q1 = padded_.data();
    }

    Layer<E>* layer() { return layer_ ? &*layer_ : nullptr; }
    const LeafTables<E>& tables() const { return tables_; }
    /// From here on the second half's leaves only fill up: 0/1.
    std::size_t given() const { return given_; }

    Layer<E> parents() {
        Layer<E> parents(half_);
        if (layer_) {
            join(layer_->halves(), parents);
        } else {
            const auto& kernels = round_kernels<E>(half_);
            constexpr std::size_t kBlock = 1024;
            in_parallel((half_ + kBlock - 1) / kBlock, 5 * kBlock, [&](std::size_t begin, std::size_t end) {
                const std::size_t first = begin * kBlock, last = std::min(end * kBlock, half_);
                // Blocks of a power of two: where ones end inside of one is rounded down.
                const std::size_t ones = std::clamp((ones_ - half_) / kBlock * kBlock, first, last);
                const std::size_t given = std::clamp(given_, ones, last);
                kernels.join_ones(tables_, parents.p.data(), parents.q.data(), {first, ones - first});
                kernels.join_leaves(tables_, parents.p.data(), parents.q.data(), {ones, given - ones});
                // 1/q + 0/1
                std::fill(parents.p.data() + given, parents.p.data() + last, E(std::uint64_t{1}));
                std::copy(tables_.q0 + given, tables_.q0 + last, parents.q.data() + given);
            });
        }
        return parents;
    }

    static void join(const FractionTables<E>& children, Layer<E>& parents) {
        constexpr std::size_t kBlock = 1024;
        const std::size_t nodes = parents.p.size();
        const std::size_t block = std::min(nodes, kBlock);
        const auto& kernels = round_kernels<E>(block);
        in_parallel(nodes / block, 8 * block, [&](std::size_t begin, std::size_t end) {
            kernels.join(children, parents.p.data(), parents.q.data(),
                         {begin * block, (end - begin) * block});
        });
    }

private:
    std::size_t half_;
    std::size_t size_;
    std::size_t ones_;
    std::size_t given_ = 0;
    std::optional<Layer<E>> layer_;
    Table<Goldilocks> numerators_;  // of the second half
    Table<E> padded_;               // denominators of the second half, if there are not enough
    LeafTables<E> tables_{};
};

/// Inverses of elements none of which is 0, with one inversion.
template <typename E>
std::vector<E> inverses(std::span<const E> elements) {
    std::vector<E> result(elements.size());
    E product(std::uint64_t{1});
    for (std::size_t i = 0; i < elements.size(); ++i) {
        // A challenge is 0 with probability 1/|E|, below 2^−127.
        VALENCE_CHECK(!elements[i].is_zero());
        result[i] = product;
        product *= elements[i];
    }
    E inverse = product.inverse();
    for (std::size_t i = elements.size(); i-- > 0;) {
        result[i] *= inverse;
        inverse *= elements[i];
    }
    return result;
}

/// The rounds of one layer from `sum` at `point`, which becomes the challenges' point. message(weights,
/// pairs, round, last challenge) gives the sums of one round.
template <typename E, typename Message>
void prove_rounds(E sum, std::vector<E>& point, ProverChannel& channel, const Message& message) {
    const EqSuffixes<E> suffixes(point);
    const auto inverse = inverses<E>(point);
    E last;
    for (std::size_t round = 0; round < point.size(); ++round) {
        const std::size_t unbound = point.size() - 1 - round;
        const auto [constant, quadratic] =
            message(suffixes.weights(unbound), std::size_t{1} << unbound, round, last);
        const E linear = (sum - constant) * inverse[round] - quadratic;
        channel.send("linear", linear);
        channel.send("quadratic", quadratic);
        last = channel.challenge<E>("round");
        point[round] = last;
        sum = constant + last * (linear + last * quadratic);
    }
}

template <typename T, typename E>
E bind(const T* table, const E& r) {
    return E(table[0]) + r * (E(table[1]) - E(table[0]));
}

/// Uses up the children's tables.
template <typename E>
Children<E> prove_layer(Layer<E>& children, const E& lambda, const E& sum, std::vector<E>& point,
                        ProverChannel& channel) {
    const auto tables = children.halves();
    prove_rounds<E>(sum, point, channel,
                    [&](const auto& weights, std::size_t pairs, std::size_t round, const E& last) {
                        const Multiplier<E> r(round == 0 ? lambda : last);
                        return weighted_sum_of_blocks<E>(
                            weights, 36, [&](const auto& kernels, Block block, const E* eq, auto& sums) {
                                if (round == 0) {
                                    kernels.fraction_first(tables, pairs, block, eq, r, sums);
                                } else {
                                    kernels.fraction_next(tables, pairs, block, eq, r, sums);
                                }
                            });
                    });
    const E& last = point.back();
    const E q1 = bind(tables.q1, last);
    return {bind(tables.p0, last), bind(tables.p1, last) - lambda * q1, bind(tables.q0, last), q1};
}

/// The sums of a block all of whose children's second halves only fill up, so that f = λ and q1 = 1: of
/// eq·(1 + λ·q0), and no X².
template <typename E>
void sum_of_filling(const RoundKernels<E>& kernels, const E* q0, Block block, const E* eq, const E& lambda,
                    LaneSums<E>& sums) {
    kernels.inner_product(eq, q0 + block.begin, {0, block.count}, sums);
    const E total = total_of(sums).zero;
    // The weights of a block add up to 1.
    sums.zero = {E(std::uint64_t{1}) + lambda * total};
}

/// The leaves' own layer; from `given` on they only fill up.
template <typename E>
Children<E> prove_leaves(const LeafTables<E>& leaves, std::size_t given, const E& lambda, const E& sum,
                         std::vector<E>& point, ProverChannel& channel) {
    const E one(std::uint64_t{1});
    const Multiplier<E> lambda_multiplier(lambda);
    Table<E> q0, q1, f;
    FoldedLeafTables<E> folded{};
    prove_rounds<E>(
        sum, point, channel, [&](const auto& weights, std::size_t pairs, std::size_t round, const E& last) {
            if (round == 1) {
                for (Table<E>* table : {&q0, &q1, &f})
                    *table = Table<E>(2 * pairs);
                folded = {q0.data(), q1.data(), f.data()};
            }
            const Multiplier<E> r(last);
            return weighted_sum_of_blocks<E>(
                weights, 28, [&](const auto& kernels, Block block, const E* eq, auto& sums) {
                    if (round == 0 && block.begin >= given) {
                        sum_of_filling(kernels, leaves.q0, block, eq, lambda, sums);
                    } else if (round == 0) {
                        kernels.leaf_first(leaves, pairs, block, eq, lambda_multiplier, sums);
                    } else if (round == 1 && block.begin >= given) {
                        for (const std::size_t begin : {block.begin, block.begin + pairs}) {
                            kernels.fold(leaves.q0, folded.q0, 2 * pairs, {begin, block.count}, r);
                            std::fill_n(folded.q1 + begin, block.count, one);
                            std::fill_n(folded.f + begin, block.count, lambda);
                        }
                        sum_of_filling(kernels, folded.q0, block, eq, lambda, sums);
                    } else if (round == 1) {
                        kernels.leaf_second(leaves, folded, pairs, block, eq, lambda_multiplier, r, sums);
                    } else {
                        kernels.leaf_next(folded, pairs, block, eq, r, sums);
                    }
                });
        });
    const E& last = point.back();
    if (point.size() == 1) return {one, bind(leaves.p1, last), bind(leaves.q0, last), bind(leaves.q1, last)};
    const E last_q1 = bind(folded.q1, last);
    return {one, bind(folded.f, last) - lambda * last_q1, bind(folded.q0, last), last_q1};
}

template <typename E>
void send_and_merge(const Children<E>& children, FractionalClaim<E>& claim, ProverChannel& channel) {
    const auto& [p0, p1, q0, q1] = children;
    channel.send_all("fractions", std::array{p0, p1, q0, q1});
    const E tau = channel.challenge<E>("tau");
    claim.numerator = p0 + tau * (p1 - p0);
    claim.denominator = q0 + tau * (q1 - q0);
    claim.point.insert(claim.point.begin(), tau);
}

}  // namespace

template <typename E>
FractionalClaim<E> prove_fractional_sum(const Numerators& numerators, std::span<const E> denominators,
                                        ProverChannel& channel) {
    VALENCE_CHECK(numerators.size() == denominators.size() && !denominators.empty());
    channel.transcript.absorb_number("fractional sum", denominators.size());
    const std::size_t variables = fraction_variables(denominators.size());
    FractionalClaim<E> claim;
    if (variables == 0) {
        claim.denominator = denominators[0];
        channel.send("denominator", claim.denominator);
        return claim;
    }

    // layers[i] has 2^(variables − 1 − i) nodes; the last one two.
    Leaves<E> leaves(numerators, denominators);
    std::vector<Layer<E>> layers;
    if (variables > 1) layers.push_back(leaves.parents());
    while (!layers.empty() && layers.back().p.size() > 2) {
        Layer<E> parents(layers.back().p.size() / 2);
        Leaves<E>::join(layers.back().halves(), parents);
        layers.push_back(std::move(parents));
    }

    if (layers.empty()) {
        const E one(std::uint64_t{1});
        const auto& tables = leaves.tables();
        const auto* layer = leaves.layer();
        send_and_merge<E>(layer ? Children<E>{layer->p[0], layer->p[1], layer->q[0], layer->q[1]}
                                : Children<E>{one, E(tables.p1[0]), tables.q0[0], tables.q1[0]},
                          claim, channel);
        return claim;
    }
    const auto& root = layers.back();
    send_and_merge<E>({root.p[0], root.p[1], root.q[0], root.q[1]}, claim, channel);
    for (layers.pop_back();; layers.pop_back()) {
        const E lambda = channel.challenge<E>("lambda");
        const E sum = claim.numerator + lambda * claim.denominator;
        Layer<E>* const children = layers.empty() ? leaves.layer() : &layers.back();
        send_and_merge(children
                           ? prove_layer(*children, lambda, sum, claim.point, channel)
                           : prove_leaves(leaves.tables(), leaves.given(), lambda, sum, claim.point, channel),
                       claim, channel);
        if (layers.empty()) return claim;
    }
}

template FractionalClaim<Extension2> prove_fractional_sum(const Numerators&, std::span<const Extension2>,
                                                          ProverChannel&);
template FractionalClaim<Extension3> prove_fractional_sum(const Numerators&, std::span<const Extension3>,
                                                          ProverChannel&);

}  // namespace valence::zk
