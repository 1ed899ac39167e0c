// What the operators' compilers use: names for quantities, and the two gadgets on which everything else
// rests, range checks and requantisation.
#pragma once

#include "valence/ml/graph/describe.hpp"
#include "valence/zk/protocol/circuit/compile.hpp"

namespace valence::zk {

/// Bits that one range lookup can check.
inline constexpr std::uint8_t kLimbBits = 8;

class Compiler {
public:
    Compiler(const ml::Graph& graph, SaturationSource& saturations);
    Result<Circuit> run();

    const ml::Graph& graph() const { return graph_; }
    const ml::Shape& shape(QuantityId id) const { return circuit_.quantities[id].shape; }

    QuantityId define(const ml::Shape& shape, Definition definition);
    /// Σ coefficient·quantity + constant of equal shapes.
    QuantityId affine(std::vector<std::pair<Goldilocks, QuantityId>> terms, Goldilocks constant = {});
    QuantityId difference(QuantityId a, QuantityId b);
    QuantityId reshaped(QuantityId of, const ml::Shape& shape);
    QuantityId broadcast(QuantityId of, const ml::Shape& shape);
    QuantityId placed(QuantityId of, std::uint8_t axis, std::vector<std::int64_t> sources,
                      std::int64_t fill = 0);
    QuantityId weight(ml::WeightId id);
    QuantityId column(const ml::Shape& shape, ColumnRule rule);

    /// How the leaves of a lookup of some shape are grouped.
    using Groups = std::vector<std::vector<Axis>>;
    /// All axes in one group: no leaf is wasted, but the verifier takes time in proportion to the elements.
    static Groups flat(const ml::Shape& shape);
    /// A group for each axis, neighbours joined while padding would waste more than a quarter.
    static Groups by_axis(const ml::Shape& shape);
    /// These groups in the order that wastes least: one of them goes first and is not padded. Empty ones are
    /// left out.
    static Groups least_padding(const ml::Shape& shape, Groups groups);
    /// Leaves for each element with such groups, the padding included.
    static double waste(const ml::Shape& shape, const Groups& groups);

    /// Proves 0 ≤ value < 2^bits by limbs: commits all but the top one by `rule(first, bits)`, looks all of
    /// them up. Gives the number of a lookup of that shape.
    template <typename Rule>
    std::uint32_t range_check(QuantityId value, std::uint8_t bits, const Groups& groups, Rule rule);
    std::uint32_t range_check(QuantityId value, std::uint8_t bits, const Groups& groups);
    /// Proves that all elements of a quantity are 0.
    void vanish(QuantityId quantity, std::uint32_t weighed_as);

    /// y = requantise(sum): commits y and what shows it.
    Result<QuantityId> requantise(QuantityId sum, const ml::Requantisation& to, const Groups& groups);

    /// The greatest of quantities whose differences are below 2^difference_bits, element by element.
    QuantityId greatest(const std::vector<QuantityId>& of, std::uint8_t difference_bits,
                        const Groups& groups);

    QuantityId tensor(ml::TensorId id) const { return tensors_[id]; }
    void set_tensor(ml::TensorId id, QuantityId quantity) { tensors_[id] = quantity; }
    const ml::Shape& tensor_shape(ml::TensorId id) const { return graph_.main.tensors[id].shape; }
    /// Σ 2^e·(products + bias) where channel exponents e and biases lie along one axis of `products`.
    QuantityId scale_and_bias(QuantityId products, Axis axis, const std::optional<ml::WeightId>& channel,
                              const std::optional<ml::WeightId>& bias);

private:
    std::uint32_t lookup_range(QuantityId value, std::uint8_t bits, const Groups& groups);
    void lay_out();
    void lay_out_weights();

    const ml::Graph& graph_;
    SaturationSource& saturations_;
    Circuit circuit_;
    std::vector<QuantityId> tensors_;
    std::vector<std::optional<QuantityId>> weights_;
};

// Each operator's tensors in terms of its inputs' (operators/).
Result<void> compile_node(Compiler& to, const ml::Linear&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::Convolution&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::MatrixProduct&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::Combination&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::Product&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::Scaling&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::Sum&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::AveragePool&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::MaxPool&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::Reshape&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::Transpose&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::Slice&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::Concatenation&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::Padding&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::Broadcast&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::Selection&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::Constant&, const ml::Node&);

/// Those no proof covers yet.
template <typename Operation>
Result<void> compile_node(Compiler&, const Operation& operation, const ml::Node&) {
    return Error{CircuitError::unsupported_operation, std::string(ml::name(ml::Operation(operation)))};
}

}  // namespace valence::zk
