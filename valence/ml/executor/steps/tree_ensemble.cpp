// TreeEnsemble: nodes flattened so that one comparison and one load lead from a node to its child.
#include "valence/ml/executor/requantise.hpp"
#include "valence/ml/executor/steps/steps.hpp"

namespace valence::ml::executor {
namespace {

/// child[x > threshold]; leaves have themselves as children and their row of leaf values instead of a
/// feature.
struct TreeNode {
    std::int32_t feature;
    std::int32_t threshold;
    std::array<std::int32_t, 2> child;
};

class WalkTrees final : public Step {
public:
    WalkTrees(const TreeEnsemble& operation, const Graph& graph, std::size_t features, std::size_t targets,
              std::size_t rows, BufferId from, BufferId to)
        : out_(operation.out), features_(features), targets_(targets), rows_(rows), from_(from), to_(to) {
        const Weight& nodes = graph.weights[operation.nodes];
        nodes_.resize(nodes.shape[0]);
        for (std::size_t k = 0; k < nodes_.size(); ++k) {
            const auto entry = [&](std::size_t column) {
                return static_cast<std::int32_t>(nodes[4 * k + column]);
            };
            nodes_[k] = {entry(0), entry(1), {entry(2), entry(3)}};
        }
        const auto copy = [&](auto& to_list, WeightId id) {
            const Weight& weight = graph.weights[id];
            to_list.resize(weight.shape.elements());
            for (std::size_t k = 0; k < to_list.size(); ++k)
                to_list[k] = static_cast<typename std::decay_t<decltype(to_list)>::value_type>(weight[k]);
        };
        copy(roots_, operation.roots);
        copy(leaves_, operation.leaves);
        bias_.resize(targets);
        if (operation.bias) copy(bias_, *operation.bias);
    }

    void run(const Frame& frame) const override {
        (*frame.workers)(rows_* frame.items, roots_.size() * 20, [&](std::size_t begin, std::size_t end) {
            for (; begin < end; ++begin)
                compute(frame.at<const std::int16_t>(from_, begin / rows_) + begin % rows_ * features_,
                        frame.at<std::int16_t>(to_, begin / rows_) + begin % rows_ * targets_);
        });
    }

private:
    /// Targets are summed a few at a time, so that the sums stay on the stack.
    static constexpr std::size_t kTargets = 16;

    std::int32_t leaf(std::int32_t node, const std::int16_t* x) const {
        while (nodes_[static_cast<std::size_t>(node)].feature >= 0) {
            const TreeNode& at = nodes_[static_cast<std::size_t>(node)];
            node = at.child[x[at.feature] > at.threshold ? 1 : 0];
        }
        return nodes_[static_cast<std::size_t>(node)].child[0];
    }

    void compute(const std::int16_t* x, std::int16_t* y) const {
        for (std::size_t first = 0; first < targets_; first += kTargets) {
            const std::size_t count = std::min(kTargets, targets_ - first);
            std::int64_t sums[kTargets];
            std::copy_n(bias_.data() + first, count, sums);
            for (const std::int32_t root : roots_) {
                const std::int64_t* values =
                    leaves_.data() + static_cast<std::size_t>(leaf(root, x)) * targets_ + first;
                for (std::size_t t = 0; t < count; ++t)
                    sums[t] += values[t];
            }
            for (std::size_t t = 0; t < count; ++t)
                y[first + t] = out_(sums[t]);
        }
    }

    Requantiser out_;
    std::size_t features_;
    std::size_t targets_;
    std::size_t rows_;
    BufferId from_;
    BufferId to_;
    std::vector<TreeNode> nodes_;
    std::vector<std::int32_t> roots_;
    std::vector<std::int64_t> leaves_;
    std::vector<std::int64_t> bias_;
};

}  // namespace

Result<void> plan_step(Builder& builder, const Node& node, const TreeEnsemble& operation) {
    const View from = builder.row_major(node.inputs[0]);
    const View to = builder.define(node.outputs[0]);
    for (const WeightId id : {operation.nodes, operation.roots, operation.leaves}) {
        const std::uint64_t count = builder.graph().weights[id].shape.elements();
        BOOST_OUTCOME_TRY(builder.resources().reserve(count * sizeof(std::int64_t)));
    }
    builder.emit(std::make_unique<WalkTrees>(operation, builder.graph(), from.shape[1], to.shape[1],
                                             from.shape[0], from.buffer, to.buffer),
                 {from.buffer, to.buffer});
    builder.set_range(node.outputs[0], {operation.out.low, operation.out.high});
    return success();
}

}  // namespace valence::ml::executor
