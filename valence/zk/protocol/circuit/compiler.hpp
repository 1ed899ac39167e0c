// What the operators' compilers use: names for quantities, tables and lookups, and the two gadgets on which
// everything else rests, range checks and requantisation. gadgets.hpp has the others.
#pragma once

#include <functional>
#include <map>

#include "valence/ml/graph/describe.hpp"
#include "valence/zk/protocol/circuit/axis_groups.hpp"
#include "valence/zk/protocol/circuit/compile.hpp"

namespace valence::zk {

/// Bits that a lookup in the range table can check.
inline constexpr std::uint8_t kRangeBits = 8;

/// What is known of a value before its range is checked.
enum class Known : std::uint8_t {
    nothing,
    /// It stands for an integer below 2^56 in absolute value.
    integer,
};

/// Bounds of a tensor's elements, both included.
struct Bounds {
    std::int64_t low = -32768;
    std::int64_t high = 32767;
};

class Compiler {
public:
    Compiler(const ml::Graph& graph, SaturationSource& saturations, std::span<const ml::Values> inputs,
             std::optional<std::uint8_t> limb_bits);
    Result<Circuit> run();

    const ml::Graph& graph() const { return graph_; }
    /// A copy: whoever defines another quantity may move them all.
    ml::Shape shape(QuantityId id) const { return circuit_.quantities[id].shape; }

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
    using Groups = AxisGroups;

    /// Proves 0 ≤ value < 2^bits by limbs: commits all but the top one by `rule(first, bits)`, looks all of
    /// them up. Gives the number of a lookup of that shape.
    template <typename Rule>
    std::uint32_t range_check(QuantityId value, std::uint8_t bits, const Groups& groups, Rule rule,
                              Known known = Known::nothing);
    std::uint32_t range_check(QuantityId value, std::uint8_t bits, const Groups& groups);
    /// A committed number of so many bits, which this proves: its limbs are columns by the rule. Linear.
    using LimbRule = std::function<ColumnRule(std::uint8_t first, std::uint8_t bits)>;
    QuantityId number(const ml::Shape& shape, std::uint8_t bits, const Groups& groups, const LimbRule& rule);

    /// A new table. Gives its number.
    std::uint32_t table(TableRows rows);
    /// The table of a function, one for all its uses: as segments if they are few, else as entries.
    std::uint32_t function_table(const ml::Table& function);
    const TableRows& rows_of(std::uint32_t table) const { return circuit_.tables[table].rows; }
    /// Entries of a table's rows.
    std::size_t entries(std::uint32_t table) const;
    /// The table of (64·inside + offset, inside) with offset in [0, 64) where inside is 1, and 0 where it is
    /// 0: where x may lie from the start of a function table's row.
    std::uint32_t segment_offsets();
    /// Proves that each element's tuple is a row. Gives the number of the lookup.
    std::uint32_t look_up(std::uint32_t table, std::vector<QuantityId> entries, const Groups& groups);

    /// The number of the last lookup.
    std::uint32_t last_lookup() const { return static_cast<std::uint32_t>(circuit_.lookups.size() - 1); }

    /// Proves that all elements of a quantity are 0.
    void vanish(QuantityId quantity, std::uint32_t weighed_as);

    /// y = requantise(sum): commits y and what shows it.
    Result<QuantityId> requantise(QuantityId sum, const ml::Requantisation& to, const Groups& groups);

    /// The greatest of quantities whose differences are below 2^difference_bits, element by element.
    QuantityId greatest(const std::vector<QuantityId>& of, std::uint8_t difference_bits,
                        const Groups& groups);

    /// Between which a tensor's elements are, as range checks have shown.
    Bounds bounds(QuantityId id) const;

    /// Elements that everybody knows: an input's, reshaped or not.
    std::optional<std::span<const std::int64_t>> known_elements(QuantityId id) const;

    /// Asks whether results of a quotient are cut off.
    Result<Saturation> saturation(const Quotient& quotient);
    Result<Saturation> saturation(QuantityId sum, const ml::Requantisation& to);
    Result<Saturation> tree_level(QuantityId inner, const ml::TreeEnsemble& trees, std::uint64_t level);

    QuantityId tensor(ml::TensorId id) const { return tensors_[id]; }
    void set_tensor(ml::TensorId id, QuantityId quantity) { tensors_[id] = quantity; }
    const ml::Shape& tensor_shape(ml::TensorId id) const { return part_->tensors[id].shape; }
    ml::ElementType tensor_type(ml::TensorId id) const { return part_->tensors[id].type; }
    /// The nodes of a subgraph whose inputs are these quantities. Gives its outputs.
    Result<std::vector<QuantityId>> subgraph(const ml::Subgraph& part, std::span<const QuantityId> inputs);
    /// Σ 2^e·(products + bias) where channel exponents e and biases lie along one axis of `products`.
    QuantityId scale_and_bias(QuantityId products, Axis axis, const std::optional<ml::WeightId>& channel,
                              const std::optional<ml::WeightId>& bias);

private:
    std::uint32_t lookup_range(QuantityId value, std::uint8_t bits, const Groups& groups, Known known);
    void lay_out();
    void lay_out_weights();

    const ml::Graph& graph_;
    SaturationSource& saturations_;
    std::span<const ml::Values> inputs_;
    Circuit circuit_;
    const ml::Subgraph* part_ = nullptr;  // being compiled
    std::vector<QuantityId> tensors_;
    std::vector<std::optional<QuantityId>> weights_;
    std::map<ml::Table, std::uint64_t> function_uses_;  // elements
    std::map<ml::Table, std::uint32_t> function_tables_;
    std::optional<std::uint32_t> segment_offsets_;
    std::uint8_t limb_bits_ = kRangeBits;  // of a limb; above 8, span_table_ has so many
    std::uint32_t span_table_ = 0;
    std::map<QuantityId, Bounds> bounds_;
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

Result<void> compile_node(Compiler& to, const ml::Lookup&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::ElementwiseExtremum&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::ReduceExtremum&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::ArgExtremum&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::TopK&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::Comparison&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::Choice&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::IndexToActivation&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::ActivationToIndex&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::Division&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::Softmax&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::Normalise&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::TransposedConvolution&, const ml::Node&);

Result<void> compile_node(Compiler& to, const ml::Gather&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::IndexMap&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::TreeEnsemble&, const ml::Node&);
Result<void> compile_node(Compiler& to, const ml::Scan&, const ml::Node&);

}  // namespace valence::zk
