// Tree ensembles.
#include <algorithm>

#include "valence/zk/protocol/circuit/gadgets.hpp"

namespace valence::zk {
namespace {

/// Deeper trees have no proof: the prover's flags, of which there is one for each level that could be, say
/// how many levels there are.
constexpr std::uint64_t kMaxLevels = 64;
constexpr std::uint8_t kDifferenceBits = 32;  // threshold − x

/// The walks of all items through all trees, [items, trees], a level at a time.
class Walks {
public:
    Walks(Compiler& to, const ml::TreeEnsemble& trees, QuantityId x)
        : to_(to),
          shape_{to.shape(x)[0], to.graph().weights[trees.roots].shape[0]},
          groups_(by_axis(shape_)) {
        const QuantityId nodes = to.weight(trees.nodes);
        const ml::Shape rows{to.shape(nodes)[0]};
        std::vector<QuantityId> entries{positions(to, rows)};
        for (std::int64_t entry = 0; entry < 4; ++entry)
            entries.push_back(to.reshaped(to.placed(nodes, 1, {entry}), rows));
        nodes_ = to.table(ComputedTable{std::move(entries), rows.elements()});
        row_ = to.broadcast(to.weight(trees.roots), shape_);

        // Features with a 0 before the first, which is what leaves compare with their threshold of 0.
        std::vector<std::int64_t> sources{-1};
        for (std::uint32_t feature = 0; feature < to.shape(x)[1]; ++feature)
            sources.push_back(feature);
        const QuantityId padded = to.placed(x, 1, sources);
        const ml::Shape of_features = to.shape(padded);
        features_ = to.table(ComputedTable{{positions(to, of_features), padded}, of_features.elements()});
        std::vector<std::int64_t> first_feature;
        for (std::uint32_t item = 0; item < of_features[0]; ++item)
            first_feature.push_back(std::int64_t{item} * of_features[1]);
        first_feature_ = ramp(to, shape_, 0, std::move(first_feature));
        feature_ = entry(kFeature);
    }

    const ml::Shape& shape() const { return shape_; }
    QuantityId feature() const { return feature_; }

    /// From every row to its child: left + (x > threshold)·(right − left), or to itself at leaves, where the
    /// comparison says left: + leaf·(row − left).
    void descend() {
        const QuantityId threshold = entry(kThreshold);
        const QuantityId left = entry(kLeft);
        const QuantityId right = entry(kRight);
        to_.look_up(nodes_, {row_, feature_, threshold, left, right}, groups_);
        const QuantityId place = to_.affine({{kOne, first_feature_}, {kOne, feature_}}, kOne);
        const QuantityId x = to_.column(shape_, RowEntry{features_, place, 1});
        to_.look_up(features_, {place, x}, groups_);
        const Bit leaf = is_zero(to_, shifted(to_, feature_, 1), groups_);
        const Bit greater = is_negative(to_, to_.difference(threshold, x), kDifferenceBits, groups_);
        const QuantityId next = to_.affine({{kOne, left},
                                            {kOne, product(to_, greater.value, to_.difference(right, left))},
                                            {kOne, product(to_, leaf.value, to_.difference(row_, left))}});
        row_ = commit(to_, next, leaf.weighed_as);
        feature_ = entry(kFeature);
    }

    /// Proves that every walk is at a leaf; gives the leaves' rows of values.
    QuantityId arrive() {
        const QuantityId leaf = entry(kLeft);
        const QuantityId zero = constant(to_, shape_, 0);
        to_.look_up(nodes_, {row_, constant(to_, shape_, -1), zero, leaf, zero}, groups_);
        return leaf;
    }

private:
    enum Entry : std::uint8_t { kFeature = 1, kThreshold, kLeft, kRight };
    QuantityId entry(Entry number) { return to_.column(shape_, RowEntry{nodes_, row_, number}); }

    Compiler& to_;
    ml::Shape shape_;
    Groups groups_;
    std::uint32_t nodes_ = 0;     // (row, feature, threshold, left, right)
    std::uint32_t features_ = 0;  // (place, element) of x
    QuantityId first_feature_ = 0;
    QuantityId row_ = 0;
    QuantityId feature_ = 0;
};

/// Whether the prover says that some walk is not at a leaf yet. Once none is, the answers that are left are
/// as fixed as any.
Result<bool> goes_on(Compiler& to, QuantityId feature, const ml::TreeEnsemble& trees, std::uint64_t level,
                     bool went_on) {
    // 0 at leaves, from 2^15 elsewhere.
    const QuantityId inner = to.affine({{power_of_two(15), feature}}, power_of_two(15));
    BOOST_OUTCOME_TRY(const Saturation answer, to.tree_level(inner, trees, level));
    const bool more = answer == Saturation{Excess::bits_30, Excess::none};
    if ((!more && answer != Saturation{}) || (more && !went_on))
        return Error{CircuitError::bad_flags, "of a tree's levels"};
    return more;
}

}  // namespace

/// Nodes, roots and leaves are committed with the model. Each level: (row, feature, threshold, left, right)
/// is a row of the nodes, (place of the feature, x) one of the item's features; which child follows is a
/// comparison. Whatever number of levels the prover states, the last rows must be leaves.
Result<void> compile_node(Compiler& to, const ml::TreeEnsemble& trees, const ml::Node& node) {
    const ml::Shape& out = to.tensor_shape(node.outputs[0]);
    Walks walks(to, trees, to.tensor(node.inputs[0]));
    bool more = true;
    for (std::uint64_t level = 0; level < std::min(trees.steps, kMaxLevels); ++level) {
        BOOST_OUTCOME_TRY(more, goes_on(to, walks.feature(), trees, level, more));
        if (more) walks.descend();
    }
    const QuantityId leaf = walks.arrive();

    // [items, trees, targets]
    const QuantityId leaves = to.weight(trees.leaves);
    const std::uint32_t targets = out[1];
    const ml::Shape each{walks.shape()[0], walks.shape()[1], targets};
    std::vector<std::int64_t> numbers;
    for (std::uint32_t target = 0; target < targets; ++target)
        numbers.push_back(target);
    const QuantityId rows = to.broadcast(to.reshaped(leaf, {each[0], each[1], 1}), each);
    const QuantityId place =
        to.affine({{Goldilocks(targets), rows}, {kOne, ramp(to, each, 2, std::move(numbers))}});
    const std::uint32_t table =
        to.table(ComputedTable{{positions(to, to.shape(leaves)), leaves}, to.shape(leaves).elements()});
    const QuantityId value = to.column(each, RowEntry{table, place, 1});
    to.look_up(table, {place, value}, by_axis(each));

    QuantityId sum = to.reshaped(to.define({each[0], 1, targets}, Summed{value}), out);
    if (trees.bias) sum = to.affine({{kOne, sum}, {kOne, to.broadcast(to.weight(*trees.bias), out)}});
    BOOST_OUTCOME_TRY(const QuantityId y, to.requantise(sum, trees.out, by_axis(out)));
    to.set_tensor(node.outputs[0], y);
    return success();
}

}  // namespace valence::zk
