// Building an integer graph: tensors with their exponents, weights, and nodes whose integers are derived from
// the real numbers they approximate.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "valence/base/base.hpp"
#include "valence/ml/graph/graph.hpp"
#include "valence/ml/quantise/scales.hpp"

namespace valence::ml {

/// A tensor of the graph being built and how to read it: its elements stand for q·2^−exponent.
struct Place {
    TensorId tensor = 0;
    int exponent = 0;
    /// Exponents of the elements of the last axis where they differ (inputs only); else empty.
    std::vector<std::int8_t> features;
};

/// Bounds of an activation in real numbers; infinite for none.
struct Clamp {
    double low;
    double high;
};
inline constexpr Clamp kUnclamped{-1e300, 1e300};

/// A constant operand in real numbers, of a shape that broadcasts to the result.
struct RealTensor {
    Shape shape;
    std::vector<double> values;
};

/// Appends to one subgraph of a graph. The weights are the graph's.
class Builder {
public:
    Builder(Graph& graph, Subgraph& subgraph) : graph_(graph), subgraph_(subgraph) {}

    /// Names the nodes emitted from here on.
    void set_name(std::string name) { name_ = std::move(name); }

    TensorId add_tensor(ElementType type, const Shape& shape, int exponent = 0);
    WeightId add_weight(WeightType type, const Shape& shape, std::span<const std::int64_t> values);
    /// A node with one result.
    Place emit(Operation operation, std::vector<TensorId> inputs, const Shape& shape, int exponent,
               ElementType type = ElementType::activation);
    void emit_many(Operation operation, std::vector<TensorId> inputs, std::vector<TensorId> outputs);

    const Shape& shape(const Place& place) const { return subgraph_.tensors[place.tensor].shape; }
    ElementType type(const Place& place) const { return subgraph_.tensors[place.tensor].type; }
    Graph& graph() { return graph_; }
    Subgraph& subgraph() { return subgraph_; }

    /// Σ coefficient_i·x_i + bias at about `exponent`, which is lowered where coefficients would exceed 24
    /// bits.
    Place combine(std::span<const Place> inputs, std::span<const double> coefficients, const RealTensor* bias,
                  const Shape& shape, int exponent, Clamp clamp = kUnclamped);
    /// The same value at another exponent; the place itself where nothing changes.
    Place rescale(const Place& x, int exponent, Clamp clamp = kUnclamped);
    /// x·z
    Place multiply(const Place& x, const Place& z, const Shape& shape, int exponent);
    /// scale·x + bias, elementwise with constants; x may have features.
    Place scale(const Place& x, const RealTensor& scale, const RealTensor* bias, int exponent);
    /// Σ over axes, times `factor`; the axes stay with extent 1.
    Place sum(const Place& x, std::vector<std::uint8_t> axes, double factor, int exponent);
    Place lookup(const Place& x, Function function, int exponent, double a = 0, double b = 0);
    Place reshape(const Place& x, const Shape& shape);
    Place transpose(const Place& x, std::vector<std::uint8_t> permutation);
    Place slice(const Place& x, std::size_t axis, std::uint32_t start, std::uint32_t count);
    /// Broadcast to `shape`.
    Place broadcast(const Place& x, const Shape& shape);
    Place constant(const RealTensor& value, int exponent);

    /// Integers of a layer's weights and bias.
    struct Layer {
        WeightId weight;
        std::optional<WeightId> bias;
        std::optional<WeightId> channel;
        std::uint8_t shift;
        int exponent;  // of the result
    };
    /// `rows`: one row per element of `channel_shape`, already in units of the inputs' integers (w·2^−f);
    /// `bias` in real numbers or empty. Keeps every bound of the accumulators; the result's exponent is at
    /// most `exponent`.
    Result<Layer> layer(std::span<const double> rows, std::span<const double> bias, const Shape& weight_shape,
                        const Shape& channel_shape, int bits, int exponent);
    Requantisation requantisation(int shift, int exponent, Clamp clamp) const;

private:
    Graph& graph_;
    Subgraph& subgraph_;
    std::string name_;
};

}  // namespace valence::ml
