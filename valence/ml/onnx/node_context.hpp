// One node of an ONNX file on its way into the float graph: what an operator's import function sees of it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <onnx/onnx_pb.h>

#include "valence/ml/float_graph/graph_builder.hpp"
#include "valence/ml/onnx/import_error.hpp"

namespace valence::ml::onnx_import {

using real::ElementType;
using real::kAbsent;
using real::Op;
using real::Shape;
using real::Tensor;
using real::TensorType;
using real::to_string;
using real::ValueId;

/// A value by its name in the file: where it is in the float graph, and its element type in the file
/// (TensorProto::DataType).
struct Binding {
    ValueId id = kAbsent;
    std::int32_t file_type = 0;
};

/// An operator that is refused, with the reason.
Error unsupported(std::string reason);
/// A node that ONNX itself does not allow.
Error invalid(std::string reason);

class NodeContext {
public:
    NodeContext(const ::onnx::NodeProto& node, std::int64_t opset, real::GraphBuilder& builder,
                std::vector<Binding> inputs);

    const ::onnx::NodeProto& node() const { return node_; }
    std::int64_t opset() const { return opset_; }
    real::GraphBuilder& build() { return builder_; }

    // ---- Inputs

    std::size_t input_count() const { return inputs_.size(); }
    bool has(std::size_t i) const { return i < inputs_.size() && inputs_[i].id != kAbsent; }
    /// kAbsent if not given.
    ValueId input(std::size_t i) const { return has(i) ? inputs_[i].id : kAbsent; }
    const TensorType& type(std::size_t i) const { return builder_.type(inputs_[i].id); }
    const Shape& shape(std::size_t i) const { return type(i).shape; }
    std::int32_t file_type(std::size_t i) const { return has(i) ? inputs_[i].file_type : 0; }
    /// Error unless inputs 0 … n − 1 are given.
    Result<void> require(std::size_t n) const;
    /// The elements of an input that must be a constant; unsupported otherwise, as `what`.
    Result<const Tensor*> constant(std::size_t i, std::string_view what) const;
    /// The same, as integers.
    Result<Shape> constant_integers(std::size_t i, std::string_view what) const;

    // ---- Attributes; one that no import function asked for makes the node unsupported

    bool has_attribute(std::string_view name);
    Result<std::int64_t> integer(std::string_view name, std::int64_t otherwise);
    Result<float> number(std::string_view name, float otherwise);
    Result<std::string> text(std::string_view name, std::string_view otherwise);
    Result<Shape> integers(std::string_view name, Shape otherwise = {});
    Result<std::vector<float>> numbers(std::string_view name);
    /// Strings, as they are.
    Result<std::vector<std::string>> texts(std::string_view name);
    Result<Tensor> tensor(std::string_view name, std::int32_t& file_type);
    /// Null if absent.
    Result<const ::onnx::GraphProto*> graph(std::string_view name);
    /// An attribute that changes nothing here.
    void ignore(std::string_view name) { asked_.insert(std::string{name}); }
    /// Error naming an attribute that nothing asked for.
    Result<void> all_asked() const;

    /// The attribute `name` as an axis of a tensor of that rank; −rank … rank − 1 become 0 … rank − 1.
    Result<std::int64_t> axis(std::string_view name, std::int64_t otherwise, std::size_t rank);

    // ---- Outputs

    /// Whether the file gives output i a name.
    bool wants(std::size_t i) const;
    std::size_t output_count() const { return static_cast<std::size_t>(node_.output_size()); }
    /// Sets output i, of the file's type `file_type` (0: as the first input of the same element type).
    void set(std::size_t i, ValueId id, std::int32_t file_type = 0);
    /// Outputs set so far, absent ones as kAbsent.
    const std::vector<Binding>& outputs() const { return outputs_; }

    /// Adds a node and makes it output 0.
    Result<void> result(Op op, real::Attributes attributes, std::vector<ValueId> inputs);

private:
    Result<const ::onnx::AttributeProto*> attribute(std::string_view name,
                                                    ::onnx::AttributeProto::AttributeType type);

    const ::onnx::NodeProto& node_;
    std::int64_t opset_;
    real::GraphBuilder& builder_;
    std::vector<Binding> inputs_;
    std::vector<Binding> outputs_;
    std::set<std::string, std::less<>> asked_;
};

/// −rank … rank − 1 become 0 … rank − 1; an error otherwise.
Result<std::int64_t> normalised_axis(std::int64_t axis, std::size_t rank);
/// The same for a list, sorted; an error for duplicates.
Result<Shape> normalised_axes(Shape axes, std::size_t rank);

}  // namespace valence::ml::onnx_import
