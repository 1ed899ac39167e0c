// TreeEnsembleRegressor and TreeEnsembleClassifier: lists of nodes become trees whose children follow their
// parents.
#include <map>

#include "valence/ml/onnx/node_context.hpp"
#include "valence/ml/onnx/operator_table.hpp"
#include "valence/ml/onnx/operators/post_transform.hpp"

namespace valence::ml::onnx_import {
namespace {

using ::onnx::TensorProto;
using real::LeafWeight;
using real::NoAttributes;
using real::TreeBranch;
using real::TreeEnsemble;
using real::TreeNode;

/// Tree and node number, as the file names its nodes.
using NodeKey = std::pair<std::int64_t, std::int64_t>;

/// The attributes of the nodes, one entry each per node.
struct FileTrees {
    Shape trees, ids, features, if_true, if_false, missing;
    std::vector<float> values;
    std::vector<std::string> modes;
    std::map<NodeKey, std::size_t> place;
    std::map<NodeKey, std::vector<LeafWeight>> leaves;
    std::set<NodeKey> has_parent;
};

Result<TreeBranch> branch_of(const std::string& mode) {
    constexpr std::pair<std::string_view, TreeBranch> kModes[] = {
        {"BRANCH_LEQ", TreeBranch::less_or_equal},
        {"BRANCH_LT", TreeBranch::less},
        {"BRANCH_GTE", TreeBranch::greater_or_equal},
        {"BRANCH_GT", TreeBranch::greater},
        {"BRANCH_EQ", TreeBranch::equal},
        {"BRANCH_NEQ", TreeBranch::not_equal},
        {"LEAF", TreeBranch::leaf}};
    for (const auto& [name, branch] : kModes)
        if (name == mode) return branch;
    return unsupported("node mode '" + mode + "'");
}

Result<FileTrees> read_nodes(NodeContext& node) {
    FileTrees file;
    BOOST_OUTCOME_TRY(file.trees, node.integers("nodes_treeids"));
    BOOST_OUTCOME_TRY(file.ids, node.integers("nodes_nodeids"));
    BOOST_OUTCOME_TRY(file.features, node.integers("nodes_featureids"));
    BOOST_OUTCOME_TRY(file.if_true, node.integers("nodes_truenodeids"));
    BOOST_OUTCOME_TRY(file.if_false, node.integers("nodes_falsenodeids"));
    BOOST_OUTCOME_TRY(file.missing, node.integers("nodes_missing_value_tracks_true"));
    BOOST_OUTCOME_TRY(file.values, node.numbers("nodes_values"));
    BOOST_OUTCOME_TRY(file.modes, node.texts("nodes_modes"));
    node.ignore("nodes_hitrates");
    const auto count = file.trees.size();
    if (file.missing.empty()) file.missing.assign(count, 0);
    for (const auto size : {file.ids.size(), file.features.size(), file.if_true.size(), file.if_false.size(),
                            file.missing.size(), file.values.size(), file.modes.size()})
        if (size != count) return invalid("the lists of nodes differ in length");
    if (count == 0) return invalid("no nodes");
    for (std::size_t i = 0; i < count; ++i) {
        if (!file.place.emplace(NodeKey{file.trees[i], file.ids[i]}, i).second)
            return invalid("two nodes " + std::to_string(file.ids[i]) + " in tree " +
                           std::to_string(file.trees[i]));
        if (file.modes[i] != "LEAF")
            for (const auto child : {file.if_true[i], file.if_false[i]})
                file.has_parent.insert({file.trees[i], child});
    }
    return file;
}

Result<void> read_leaves(NodeContext& node, FileTrees& file, const std::string& prefix,
                         std::int64_t targets) {
    BOOST_OUTCOME_TRY(const auto trees, node.integers(prefix + "_treeids"));
    BOOST_OUTCOME_TRY(const auto ids, node.integers(prefix + "_nodeids"));
    BOOST_OUTCOME_TRY(const auto places, node.integers(prefix + "_ids"));
    BOOST_OUTCOME_TRY(const auto weights, node.numbers(prefix + "_weights"));
    if (ids.size() != trees.size() || places.size() != trees.size() || weights.size() != trees.size())
        return invalid("the lists of leaves differ in length");
    for (std::size_t i = 0; i < trees.size(); ++i) {
        if (places[i] < 0 || places[i] >= targets)
            return invalid("a leaf of target " + std::to_string(places[i]));
        file.leaves[{trees[i], ids[i]}].push_back({static_cast<std::uint32_t>(places[i]), weights[i]});
    }
    return success();
}

/// Lays a tree out from its root, parents before children. A node reached twice, hence any cycle, is refused.
Result<void> lay_out(const FileTrees& file, NodeKey root, TreeEnsemble& ensemble, std::set<NodeKey>& seen) {
    struct Pending {
        NodeKey key;
        std::size_t parent;
        bool is_true;
    };
    ensemble.roots.push_back(static_cast<std::uint32_t>(ensemble.nodes.size()));
    std::vector<Pending> pending{{root, ensemble.nodes.size(), true}};
    bool first = true;
    while (!pending.empty()) {
        const auto [key, parent, is_true] = pending.back();
        pending.pop_back();
        const auto entry = file.place.find(key);
        if (entry == file.place.end() || !seen.insert(key).second)
            return invalid("node " + std::to_string(key.second) + " of tree " + std::to_string(key.first) +
                           " is missing or has two parents");
        const auto i = entry->second;
        const auto here = ensemble.nodes.size();
        if (!first)
            (is_true ? ensemble.nodes[parent].if_true : ensemble.nodes[parent].if_false) =
                static_cast<std::uint32_t>(here);
        first = false;
        TreeNode node;
        BOOST_OUTCOME_TRY(node.branch, branch_of(file.modes[i]));
        if (node.branch == TreeBranch::leaf) {
            node.if_true = static_cast<std::uint32_t>(ensemble.weights.size());
            if (const auto leaf = file.leaves.find(key); leaf != file.leaves.end())
                ensemble.weights.insert(ensemble.weights.end(), leaf->second.begin(), leaf->second.end());
            node.if_false = static_cast<std::uint32_t>(ensemble.weights.size());
        } else {
            if (file.features[i] < 0 || file.features[i] > 0x7fffffff)
                return invalid("feature " + std::to_string(file.features[i]));
            node.feature = static_cast<std::uint32_t>(file.features[i]);
            node.threshold = file.values[i];
            node.missing_goes_true = file.missing[i] != 0;
            pending.push_back({{key.first, file.if_false[i]}, here, false});
            pending.push_back({{key.first, file.if_true[i]}, here, true});
        }
        ensemble.nodes.push_back(node);
    }
    return success();
}

Result<TreeEnsemble> read_ensemble(NodeContext& node, const std::string& prefix, std::int64_t targets) {
    for (const auto& attribute : node.node().attribute())
        if (attribute.name().ends_with("_as_tensor"))
            return unsupported("'" + attribute.name() + "' (64-bit trees)");
    if (targets < 1 || targets > (1 << 20)) return invalid(std::to_string(targets) + " targets");
    BOOST_OUTCOME_TRY(auto file, read_nodes(node));
    BOOST_OUTCOME_TRYV(read_leaves(node, file, prefix, targets));
    TreeEnsemble ensemble;
    ensemble.targets = static_cast<std::uint32_t>(targets);
    std::set<NodeKey> seen;
    for (const auto& [key, place] : file.place)
        if (!file.has_parent.contains(key)) {
            BOOST_OUTCOME_TRYV(lay_out(file, key, ensemble, seen));
        }
    if (seen.size() != file.place.size()) return invalid("nodes that no root leads to");
    BOOST_OUTCOME_TRY(ensemble.base, node.numbers("base_values"));
    return ensemble;
}

Result<ValueId> add_trees(NodeContext& node, TreeEnsemble ensemble) {
    BOOST_OUTCOME_TRY(const auto x, feature_rows(node, 0));
    return node.build().add_one(
        Op::tree_ensemble, real::TreeAttributes{std::make_shared<const TreeEnsemble>(std::move(ensemble))},
        {x});
}

Result<void> tree_regressor(NodeContext& node) {
    BOOST_OUTCOME_TRY(const auto targets, node.integer("n_targets", 1));
    BOOST_OUTCOME_TRY(auto ensemble, read_ensemble(node, "target", targets));
    BOOST_OUTCOME_TRY(const auto aggregate, node.text("aggregate_function", "SUM"));
    if (aggregate == "AVERAGE")
        ensemble.aggregate = real::TreeAggregate::average;
    else if (aggregate == "MIN")
        ensemble.aggregate = real::TreeAggregate::min;
    else if (aggregate == "MAX")
        ensemble.aggregate = real::TreeAggregate::max;
    else if (aggregate != "SUM")
        return invalid("aggregate_function '" + aggregate + "'");
    if (!ensemble.base.empty() && static_cast<std::int64_t>(ensemble.base.size()) != targets)
        return invalid("number of base values");
    BOOST_OUTCOME_TRY(const auto kind, node.text("post_transform", "NONE"));
    BOOST_OUTCOME_TRY(const auto raw, add_trees(node, std::move(ensemble)));
    BOOST_OUTCOME_TRY(const auto y, post_transform(node.build(), raw, kind));
    node.set(0, y, TensorProto::FLOAT);
    return success();
}

/// Two classes but leaves for one only: that one's raw score s decides, and the other's follows from it. As
/// onnxruntime has it: if no weight is negative they are probabilities, so that the scores are 1 − s and s,
/// decided at 1/2; else −s and s, decided at 0, before the transform.
Result<void> two_classes(NodeContext& node, ValueId s, bool probabilities, const std::string& kind,
                         std::vector<std::int64_t> labels) {
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto limit, build.scalar(probabilities ? 0.5 : 0.0, ElementType::f32));
    BOOST_OUTCOME_TRY(const auto above, build.add_one(Op::less, NoAttributes{}, {limit, s}));
    BOOST_OUTCOME_TRY(const auto place, build.cast(above, ElementType::i64));
    BOOST_OUTCOME_TRY(const auto places, build.reshape(place, {build.shape(s)[0]}));
    BOOST_OUTCOME_TRY(auto other, build.add_one(Op::neg, NoAttributes{}, {s}));
    if (probabilities) {
        BOOST_OUTCOME_TRY(other, build.with_scalar(Op::add, other, 1));
    }
    BOOST_OUTCOME_TRY(const auto raw, build.add_one(Op::concat, real::Axis{1}, {other, s}));
    BOOST_OUTCOME_TRY(const auto scores, post_transform(build, raw, kind));
    return set_classes(node, places, scores, std::move(labels));
}

Result<void> tree_classifier(NodeContext& node) {
    BOOST_OUTCOME_TRY(auto labels, class_labels(node, "classlabels_int64s", "classlabels_strings"));
    const auto classes = static_cast<std::int64_t>(labels.size());
    BOOST_OUTCOME_TRY(auto ensemble, read_ensemble(node, "class", classes));
    BOOST_OUTCOME_TRY(const auto kind, node.text("post_transform", "NONE"));
    auto& build = node.build();
    std::set<std::uint32_t> used;
    bool negative = false;
    for (const auto& leaf : ensemble.weights) {
        used.insert(leaf.target);
        negative = negative || leaf.weight < 0;
    }
    if (classes == 2 && used.size() <= 1) {
        if (kind != "NONE" && (kind != "LOGISTIC" || !negative))
            return unsupported("one score for two classes with post_transform '" + kind +
                               "', on which implementations disagree");
        if (ensemble.base.size() > 1) return unsupported("two base values for one score");
        for (auto& leaf : ensemble.weights)
            leaf.target = 0;
        ensemble.targets = 1;
        BOOST_OUTCOME_TRY(const auto s, add_trees(node, std::move(ensemble)));
        return two_classes(node, s, !negative, kind, std::move(labels));
    }
    if (!ensemble.base.empty() && static_cast<std::int64_t>(ensemble.base.size()) != classes)
        return invalid("number of base values");
    BOOST_OUTCOME_TRY(const auto raw, add_trees(node, std::move(ensemble)));
    BOOST_OUTCOME_TRY(const auto places,
                      build.add_one(Op::arg_max, real::ArgAttributes{1, false, false}, {raw}));
    BOOST_OUTCOME_TRY(const auto scores, post_transform(build, raw, kind));
    return set_classes(node, places, scores, std::move(labels));
}

constexpr OnnxOperator kTreeRows[] = {
    {"ai.onnx.ml", "TreeEnsembleRegressor", 1, Tier::one, tree_regressor},
    {"ai.onnx.ml", "TreeEnsembleClassifier", 1, Tier::one, tree_classifier},
};

}  // namespace

std::span<const OnnxOperator> tree_operators() { return kTreeRows; }

}  // namespace valence::ml::onnx_import
