#include "valence/zk/prover/witness/product_sums.hpp"

#include "valence/zk/prover/parallel.hpp"
#include "valence/zk/prover/witness/signed.hpp"

namespace valence::zk {

using ml::executor::WeightedSums;

Result<ProductSums> ProductSums::of(const ml::Graph& graph) {
    ProductSums result;
    const auto shape = [&](ml::TensorId id) -> const ml::Shape& { return graph.main.tensors[id].shape; };
    for (const ml::Node& node : graph.main.nodes) {
        if (const auto* linear = std::get_if<ml::Linear>(&node.operation)) {
            const ml::Shape& in = shape(node.inputs[0]);
            BOOST_OUTCOME_TRY(WeightedSums sums,
                              WeightedSums::linear(graph, linear->weight, in.product(0, in.rank() - 1)));
            result.layers_.emplace(linear->weight, Layer{std::move(sums), in, std::nullopt});
        }
        if (const auto* convolution = std::get_if<ml::Convolution>(&node.operation)) {
            BOOST_OUTCOME_TRY(WeightedSums sums,
                              WeightedSums::convolution(graph, *convolution, shape(node.inputs[0]),
                                                        shape(node.outputs[0])));
            result.layers_.emplace(convolution->weight,
                                   Layer{std::move(sums), shape(node.inputs[0]), convolution->window});
        }
    }
    return result;
}

std::optional<Elements> ProductSums::run(const WeightedSums& sums, ElementsView x) {
    std::vector<std::int16_t> activations(x.size());
    for (std::size_t k = 0; k < x.size(); ++k) {
        const std::int64_t element = to_signed(x[k]);
        if (element < -32768 || element > 32767) return std::nullopt;
        activations[k] = static_cast<std::int16_t>(element);
    }
    const auto staged = sums.stage(activations);
    std::vector<std::int64_t> integers(sums.outputs());
    in_parallel(sums.pieces(), sums.cost(),
                [&](std::size_t begin, std::size_t end) { sums.run(staged, begin, end, integers); });
    Elements elements(integers.size());
    for (std::size_t k = 0; k < integers.size(); ++k)
        elements[k] = Goldilocks::of(integers[k]);
    return elements;
}

std::optional<Elements> ProductSums::linear(ml::WeightId weight, ElementsView x) const {
    const auto [first, last] = layers_.equal_range(weight);
    for (auto at = first; at != last; ++at) {
        if (!at->second.window && at->second.sums.inputs() == x.size()) return run(at->second.sums, x);
    }
    return std::nullopt;
}

std::optional<Elements> ProductSums::convolution(ml::WeightId weight, const Convolved& product,
                                                 ElementsView x, const ml::Shape& shape) const {
    const auto [first, last] = layers_.equal_range(weight);
    for (auto at = first; at != last; ++at) {
        if (at->second.window == product.window && at->second.in == shape) return run(at->second.sums, x);
    }
    return std::nullopt;
}

}  // namespace valence::zk
