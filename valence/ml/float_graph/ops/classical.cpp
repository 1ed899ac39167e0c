// Label maps and tree ensembles.
#include <cmath>
#include <limits>

#include "valence/ml/float_graph/ops/families.hpp"
#include "valence/ml/float_graph/ops/typing.hpp"

namespace valence::ml::real {
namespace {

template <typename Key, typename Value>
void look_up(const LookupAttributes& lookup, const Tensor& x, Tensor& out) {
    const auto keys = elements<Key>(*lookup.keys);
    const auto values = elements<Value>(*lookup.values);
    const auto otherwise = elements<Value>(*lookup.otherwise)[0];
    const auto in = elements<Key>(x);
    const auto y = elements<Value>(out);
    for (std::size_t i = 0; i < in.size(); ++i) {
        const auto place = std::lower_bound(keys.begin(), keys.end(), in[i]);
        y[i] = place != keys.end() && *place == in[i] ? values[static_cast<std::size_t>(place - keys.begin())]
                                                      : otherwise;
    }
}

bool goes_true(const TreeNode& node, float x) {
    // Otherwise not-a-number compares as it does in IEEE 754.
    if (std::isnan(x) && node.missing_goes_true) return true;
    switch (node.branch) {
        case TreeBranch::less_or_equal:
            return x <= node.threshold;
        case TreeBranch::less:
            return x < node.threshold;
        case TreeBranch::greater_or_equal:
            return x >= node.threshold;
        case TreeBranch::greater:
            return x > node.threshold;
        case TreeBranch::equal:
            return x == node.threshold;
        case TreeBranch::not_equal:
            return x != node.threshold;
        case TreeBranch::leaf:
            break;
    }
    return true;
}

/// All trees' leaves for one row of features, into sums of one entry per target.
void walk(const TreeEnsemble& trees, const float* x, std::span<double> sums, std::span<std::uint8_t> seen) {
    const double infinity = std::numeric_limits<double>::infinity();
    const auto start = trees.aggregate == TreeAggregate::min   ? infinity
                       : trees.aggregate == TreeAggregate::max ? -infinity
                                                               : 0.0;
    std::fill(sums.begin(), sums.end(), start);
    std::fill(seen.begin(), seen.end(), std::uint8_t{0});
    for (const auto root : trees.roots) {
        auto at = root;
        while (trees.nodes[at].branch != TreeBranch::leaf) {
            const auto& node = trees.nodes[at];
            at = goes_true(node, x[node.feature]) ? node.if_true : node.if_false;
        }
        for (auto i = trees.nodes[at].if_true; i < trees.nodes[at].if_false; ++i) {
            const auto [target, weight] = trees.weights[i];
            const auto v = static_cast<double>(weight);
            auto& sum = sums[target];
            seen[target] = 1;
            if (trees.aggregate == TreeAggregate::min)
                sum = std::min(sum, v);
            else if (trees.aggregate == TreeAggregate::max)
                sum = std::max(sum, v);
            else
                sum += v;
        }
    }
    for (std::size_t t = 0; t < sums.size(); ++t) {
        if (seen[t] == 0) sums[t] = 0;
        if (trees.aggregate == TreeAggregate::average && !trees.roots.empty())
            sums[t] /= static_cast<double>(trees.roots.size());
        if (!trees.base.empty()) sums[t] += static_cast<double>(trees.base[t]);
    }
}

Result<void> check_trees(const TreeEnsemble& trees, std::int64_t features) {
    const auto bad = [](const char* what) { return Error{GraphError::malformed, what}; };
    if (trees.targets == 0 || (!trees.base.empty() && trees.base.size() != trees.targets))
        return bad("tree targets");
    for (const auto root : trees.roots)
        if (root >= trees.nodes.size()) return bad("tree root");
    for (std::size_t i = 0; i < trees.nodes.size(); ++i) {
        const auto& node = trees.nodes[i];
        if (node.branch == TreeBranch::leaf) {
            if (node.if_true > node.if_false || node.if_false > trees.weights.size()) return bad("tree leaf");
        } else if (node.if_true <= i || node.if_false <= i || node.if_true >= trees.nodes.size() ||
                   node.if_false >= trees.nodes.size()) {
            return bad("tree node");
        } else if (node.feature >= features) {
            return Error{GraphError::shape_invalid, "a tree reads feature " + std::to_string(node.feature) +
                                                        " of " + std::to_string(features)};
        }
    }
    for (const auto& weight : trees.weights)
        if (weight.target >= trees.targets) return bad("tree target");
    return success();
}

}  // namespace

OutputTypes infer_lookup(Op, const Attributes& attributes, InputTypes inputs) {
    const auto& lookup = std::get<LookupAttributes>(attributes);
    if (!lookup.keys || !lookup.values || !lookup.otherwise ||
        lookup.keys->count() != lookup.values->count() || lookup.otherwise->count() != 1 ||
        lookup.otherwise->element() != lookup.values->element())
        return Error{GraphError::malformed, "keys and values of the map"};
    BOOST_OUTCOME_TRYV(expect(*inputs[0], lookup.keys->element(), "input"));
    return one_output({lookup.values->element(), inputs[0]->shape});
}

Result<void> compute_lookup(Op, const Attributes& attributes, InputTensors inputs,
                            std::span<Tensor> outputs) {
    const auto& lookup = std::get<LookupAttributes>(attributes);
    dispatch(inputs[0]->element(), [&](auto key) {
        dispatch(outputs[0].element(), [&](auto value) {
            look_up<decltype(key), decltype(value)>(lookup, *inputs[0], outputs[0]);
        });
    });
    return success();
}

OutputTypes infer_trees(Op, const Attributes& attributes, InputTypes inputs) {
    const auto& trees = std::get<TreeAttributes>(attributes).ensemble;
    const auto& x = *inputs[0];
    BOOST_OUTCOME_TRYV(expect(x, ElementType::f32, "input"));
    if (x.shape.size() != 2) return Error{GraphError::shape_invalid, "input " + to_string(x)};
    if (!trees) return Error{GraphError::malformed, "no trees"};
    BOOST_OUTCOME_TRYV(check_trees(*trees, x.shape[1]));
    return one_output({ElementType::f32, {x.shape[0], trees->targets}});
}

Result<void> compute_trees(Op, const Attributes& attributes, InputTensors inputs, std::span<Tensor> outputs) {
    const auto& trees = *std::get<TreeAttributes>(attributes).ensemble;
    const auto features = inputs[0]->shape()[1];
    std::vector<double> sums(trees.targets);
    std::vector<std::uint8_t> seen(trees.targets);
    auto y = outputs[0].f32().begin();
    for (std::int64_t n = 0; n < inputs[0]->shape()[0]; ++n) {
        walk(trees, inputs[0]->f32().data() + n * features, sums, seen);
        y = std::transform(sums.begin(), sums.end(), y, [](double v) { return static_cast<float>(v); });
    }
    return success();
}

}  // namespace valence::ml::real
