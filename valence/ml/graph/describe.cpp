#include "valence/ml/graph/describe.hpp"

#include <array>

#include <fmt/format.h>

namespace valence::ml {
namespace {

/// In the order of Operation's alternatives.
constexpr std::array<std::string_view, std::variant_size_v<Operation>> kOperationNames{
    "Linear",
    "Convolution",
    "TransposedConvolution",
    "MatrixProduct",
    "Combination",
    "Product",
    "Scaling",
    "Sum",
    "AveragePool",
    "MaxPool",
    "ReduceExtremum",
    "ElementwiseExtremum",
    "Lookup",
    "Softmax",
    "Normalise",
    "Division",
    "Reshape",
    "Transpose",
    "Slice",
    "Concatenation",
    "Padding",
    "Broadcast",
    "Selection",
    "Gather",
    "Constant",
    "ArgExtremum",
    "TopK",
    "Comparison",
    "Choice",
    "IndexToActivation",
    "ActivationToIndex",
    "IndexMap",
    "TreeEnsemble",
    "Scan",
};

constexpr std::array<std::string_view, 29> kFunctionNames{
    "identity",    "absolute",
    "sign",        "floor",
    "ceiling",     "round",
    "leaky_relu",  "hard_sigmoid",
    "hard_swish",  "reciprocal",
    "square",      "power",
    "square_root", "reciprocal_square_root",
    "exponential", "logarithm",
    "sigmoid",     "tanh",
    "softplus",    "softsign",
    "elu",         "selu",
    "erf",         "gelu",
    "gelu_tanh",   "silu",
    "mish",        "sine",
    "cosine",
};
static_assert(kFunctionNames.size() == static_cast<std::size_t>(Function::cosine) + 1);

struct WeightsOf {
    std::vector<WeightId> found;

    void add(WeightId id) { found.push_back(id); }
    void add(const std::optional<WeightId>& id) {
        if (id) found.push_back(*id);
    }
    /// Whatever has a weight, a bias and exponents by channel.
    template <typename T>
    void add_affine(const T& op) {
        add(op.weight);
        add(op.bias);
        add(op.channel);
    }

    void operator()(const Linear& op) { add_affine(op); }
    void operator()(const Convolution& op) { add_affine(op); }
    void operator()(const TransposedConvolution& op) { add_affine(op); }
    void operator()(const Scaling& op) { add_affine(op); }
    void operator()(const Combination& op) { add(op.bias); }
    void operator()(const AveragePool& op) { add(op.multiplier_table); }
    void operator()(const Selection& op) { add(op.indices); }
    void operator()(const Gather& op) { add(op.table); }
    void operator()(const Constant& op) { add(op.value); }
    void operator()(const IndexMap& op) {
        add(op.keys);
        add(op.values);
    }
    void operator()(const TreeEnsemble& op) {
        add(op.nodes);
        add(op.roots);
        add(op.leaves);
        add(op.bias);
    }
    template <typename T>
    void operator()(const T&) {}
};

}  // namespace

std::string_view name(const Operation& operation) { return operation_name(operation.index()); }

std::string_view operation_name(std::size_t kind) { return kOperationNames.at(kind); }

std::string_view name(Function function) {
    const auto number = static_cast<std::size_t>(function);
    return number < kFunctionNames.size() ? kFunctionNames[number] : "unknown";
}

std::vector<WeightId> weights_of(const Operation& operation) {
    WeightsOf visitor;
    std::visit(visitor, operation);
    return visitor.found;
}

std::string label(const Node& node, std::size_t number) {
    return node.name.empty() ? fmt::format("node {} ({})", number, name(node.operation))
                             : fmt::format("node {} ({} \"{}\")", number, name(node.operation), node.name);
}

}  // namespace valence::ml
