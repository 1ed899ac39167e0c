// Lowering: every node of the float graph becomes nodes of the integer graph. One file per family of
// operators; this is what they share.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "valence/ml/float_graph/graph.hpp"
#include "valence/ml/quantise/builder.hpp"
#include "valence/ml/quantise/quantise.hpp"
#include "valence/ml/quantise/ranges.hpp"

namespace valence::ml {

/// Bits of the weights of the graph's integer form, 8 or 16.
int weight_bits(const real::Graph& graph, const QuantiseOptions& options);

class Lowering {
public:
    Lowering(const real::Graph& source, const Ranges& ranges, const QuantiseOptions& options);

    /// Lowers the whole graph.
    QuantiseResult run() &&;

    const real::Graph& source;
    const Ranges& ranges;
    QuantiseOptions options;
    /// Bits of weights, 8 or 16.
    int bits;
    Builder builder;

    /// Where a value is, as it is: a graph input may have features. Constants become Constant nodes.
    Place raw(real::ValueId id);
    /// The same with one exponent for all elements.
    Place at(real::ValueId id);
    /// A constant's elements (masks held at kMaskLevel), shape as it stands. The value must be a constant of
    /// real or boolean type.
    RealTensor constant(real::ValueId id) const;

    /// The exponent calibration suggests for a value.
    int wanted(real::ValueId id) const;
    Shape shape(real::ValueId id) const;
    bool is_index(real::ValueId id) const { return source.type(id).element == real::ElementType::i64; }
    /// Whether nothing but one node reads the value.
    bool read_once(real::ValueId id) const;

    void put(real::ValueId id, Place place) { places_[id] = std::move(place); }
    /// Gives the node's first result.
    void put(const real::Node& node, Place place) { put(node.outputs[0], std::move(place)); }
    /// Values seen of each feature of a graph input; none for other values.
    std::span<const std::vector<float>> feature_values(real::ValueId id) const;
    /// Number of the node within the source.
    std::size_t index_of(const real::Node& node) const {
        return static_cast<std::size_t>(&node - source.nodes.data());
    }
    /// Narrows the bounds of the operation that made the place, if nothing else reads it and it can be.
    bool clamp_in_place(real::ValueId id, Clamp clamp);
    /// Both inputs of an elementwise operator at one exponent.
    std::vector<Place> aligned(std::span<const real::ValueId> ids, int exponent);

private:
    void add_inputs();
    void add_outputs();
    /// Exponents by feature, if the input's readers can use them.
    std::vector<std::int8_t> feature_exponents(std::size_t input) const;

    Graph graph_;
    std::vector<QuantiseProblem> problems_;
    std::map<real::ValueId, Place> places_;
    std::vector<std::int32_t> uses_;
    std::vector<std::int32_t> producer_;
    std::vector<bool> softmax_arguments_;
    /// The range that decides a value's exponent: that of its only reader's result if that clamps it.
    std::vector<Range> effective_;
    /// Values whose only reader rounds them to whole numbers, and whose producer can.
    std::vector<bool> rounded_;
};

/// What a mask's minus infinity is held at: e^−256 is nothing next to any other term.
inline constexpr double kMaskLevel = -256;

/// Where differences to the greatest element enter an exponential: as in the operation Softmax.
inline constexpr int kExponentialArgument = 11;

/// Lowers one node; unsupported with the reason if it has no integer semantics.
Result<void> lower(Lowering& lowering, const real::Node& node);

// The families; `lower` picks among them.
Result<void> lower_elementwise(Lowering& lowering, const real::Node& node);
Result<void> lower_integer(Lowering& lowering, const real::Node& node);
Result<void> lower_function(Lowering& lowering, const real::Node& node);
Result<void> lower_comparison(Lowering& lowering, const real::Node& node);
Result<void> lower_product(Lowering& lowering, const real::Node& node);
Result<void> lower_convolution(Lowering& lowering, const real::Node& node);
Result<void> lower_pool(Lowering& lowering, const real::Node& node);
Result<void> lower_reduction(Lowering& lowering, const real::Node& node);
Result<void> lower_norm(Lowering& lowering, const real::Node& node);
Result<void> lower_movement(Lowering& lowering, const real::Node& node);
Result<void> lower_recurrent(Lowering& lowering, const real::Node& node);
Result<void> lower_classical(Lowering& lowering, const real::Node& node);

/// Whether the node computes integers from integers, which lower_integer does.
bool is_integer_arithmetic(const Lowering& lowering, const real::Node& node);
/// The sums that a cum_sum node makes of x, at about `exponent`.
Result<Place> running_sum(Lowering& lowering, const real::Node& node, const Place& x, int exponent);

/// "not supported" with a reason.
inline Error unsupported(std::string reason) { return Error{QuantiseError::unsupported, std::move(reason)}; }

}  // namespace valence::ml
