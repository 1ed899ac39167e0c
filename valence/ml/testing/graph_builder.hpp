// Building one random subgraph: its tensors so far, and the weights of the graph around it.
#pragma once

#include <vector>

#include "valence/ml/graph/graph.hpp"
#include "valence/ml/testing/random.hpp"
#include "valence/ml/testing/random_graph.hpp"

namespace valence::ml::testing {

class GraphBuilder {
public:
    /// A body takes fresh tensors from constants, the main graph also from inputs.
    GraphBuilder(Graph& graph, Subgraph& part, Random& random, const RandomGraphOptions& options, bool body)
        : graph_(graph), part_(part), random_(random), options_(options), body_(body) {}

    /// Adds one node of the kind with this number, and whatever it needs before it.
    void add(std::size_t kind);

    TensorId input(const Tensor& tensor);
    TensorId constant(const Tensor& tensor);
    /// An activation of this shape: an earlier tensor or a fresh one.
    TensorId activation(const Shape& shape) { return tensor({ElementType::activation, shape, exponent()}); }
    Shape shape(std::size_t rank);
    Shape shape() { return shape(random_.below(5)); }
    /// An earlier activation that a sum with `id` can turn into one of `id`'s shape.
    TensorId broadcastable_to(TensorId id);
    /// coefficient·a + coefficient·b
    TensorId combine(TensorId a, TensorId b);
    const Tensor& operator[](TensorId id) const { return part_.tensors[id]; }

private:
    using Magnitude = base::UInt128;

    TensorId tensor(const Tensor& tensor);
    TensorId any(ElementType type, std::size_t least_rank = 0);
    ElementType any_type() { return random_.chance(1, 4) ? ElementType::index : ElementType::activation; }
    std::int8_t exponent() { return static_cast<std::int8_t>(random_.below(19)); }
    TensorId emit(Operation operation, std::vector<TensorId> inputs, const Tensor& output);
    Tensor result(const Shape& shape) { return {ElementType::activation, shape, exponent()}; }

    WeightId weight(WeightType type, const Shape& shape, const std::vector<std::int64_t>& elements);
    std::vector<std::int64_t> elements(std::uint64_t count, std::int64_t low, std::int64_t high);
    WeightType small_type() { return random_.chance(1, 2) ? WeightType::int8 : WeightType::int16; }

    /// Weights, biases and exponents of `channels` output channels of `inner` products each, with a
    /// requantisation that their bound allows.
    struct Channels {
        WeightId weight;
        std::optional<WeightId> bias;
        std::optional<WeightId> channel;
        Requantisation out;
    };
    Channels channels(const Shape& weights, const Shape& list, std::uint64_t inner);
    /// One that is allowed for sums up to `bound`; saturating, ordinary or coarse.
    Requantisation requantisation(Magnitude bound, std::uint32_t largest_shift = 24);
    static std::uint32_t least_shift(Magnitude bound);
    Shape broadcast_part(const Shape& shape);
    std::uint8_t axis_of(const Shape& shape) {
        return static_cast<std::uint8_t>(random_.below(shape.rank()));
    }
    std::vector<std::uint8_t> axes_of(const Shape& shape);
    /// Output extents of a window over [H, W]; empty shape when it does not fit.
    Window window(const Shape& over, bool transposed);
    Table table();

    void add_linear();
    void add_convolution(bool transposed);
    void add_matrix_product();
    void add_elementwise(std::size_t kind);
    void add_scaling();
    void add_reduction(std::size_t kind);
    void add_pool(bool average);
    void add_row_operation(std::size_t kind);
    void add_movement(std::size_t kind);
    void add_gather();
    void add_selection();
    void add_top_k();
    void add_index_operation(std::size_t kind);
    void add_trees();
    void add_scan();

    Graph& graph_;
    Subgraph& part_;
    Random& random_;
    const RandomGraphOptions& options_;
    bool body_;
};

/// The number of an alternative of Operation.
template <typename T, std::size_t I = 0>
constexpr std::size_t kind_of() {
    if constexpr (std::is_same_v<std::variant_alternative_t<I, Operation>, T>)
        return I;
    else
        return kind_of<T, I + 1>();
}

}  // namespace valence::ml::testing
