// Walks a GraphProto in order and turns each node into nodes of the float graph, collecting every node that
// cannot be. Branches of If with a constant condition and functions of the model are walked in place.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <onnx/onnx_pb.h>

#include "valence/ml/onnx/import.hpp"
#include "valence/ml/onnx/node_context.hpp"

namespace valence::ml::onnx_import {

/// Stands for the result of a node that was refused; nodes that read it are only looked up.
inline constexpr ValueId kRefused = -2;

class GraphImporter {
public:
    GraphImporter(const ::onnx::ModelProto& model, const ImportOptions& options);

    /// The main graph. Errors as inspect_onnx has them.
    Result<void> run();
    /// What was found; the graph's passes have not run.
    ImportReport take();

private:
    /// Names visible in a graph, and those of the graphs around it.
    struct Scope {
        std::unordered_map<std::string, Binding> names;
        const Scope* outer = nullptr;
        /// Opsets that hold here: the model's or a function's.
        const std::map<std::string, std::int64_t>* opsets = nullptr;
        int depth = 0;
    };

    Result<void> read_opsets();
    Result<void> add_inputs(const ::onnx::GraphProto& graph, Scope& scope);
    /// Notes options for inputs and dimensions that the graph does not have.
    void note_unused(const ::onnx::GraphProto& graph);
    Result<void> add_input(const ::onnx::ValueInfoProto& input, Scope& scope);
    Result<void> add_initializers(const ::onnx::GraphProto& graph, Scope& scope);
    Result<void> add_nodes(const ::google::protobuf::RepeatedPtrField<::onnx::NodeProto>& nodes,
                           Scope& scope);
    Result<void> add_outputs(const ::onnx::GraphProto& graph, const Scope& scope);

    Result<void> add_node(const ::onnx::NodeProto& node, Scope& scope);
    Result<void> import_known(const ::onnx::NodeProto& node, std::int64_t opset, std::vector<Binding> inputs,
                              Scope& scope, const struct OnnxOperator& row);
    /// The outputs of a branch of If, its nodes added.
    Result<std::vector<Binding>> walk_branch(const ::onnx::GraphProto& branch, Scope& scope);
    Result<void> import_if(const ::onnx::NodeProto& node, std::int64_t opset,
                           const std::vector<Binding>& inputs, Scope& scope);
    Result<void> import_call(const ::onnx::NodeProto& node, const ::onnx::FunctionProto& function,
                             const std::vector<Binding>& inputs, Scope& scope);

    Result<Binding> find(const std::string& name, const Scope& scope) const;
    Result<void> bind(const std::string& name, Binding binding, Scope& scope);
    Result<void> bind_outputs(const ::onnx::NodeProto& node, const std::vector<Binding>& outputs,
                              Scope& scope);
    Result<void> refuse(const ::onnx::NodeProto& node, std::int64_t opset, std::string reason, Scope& scope);
    const ::onnx::FunctionProto* function_for(const ::onnx::NodeProto& node) const;

    const ::onnx::ModelProto& model_;
    const ImportOptions& options_;
    real::GraphBuilder builder_;
    ImportReport report_;
    std::map<std::string, OperatorUse> uses_;
    std::size_t nodes_walked_ = 0;
    /// Symbols of inputs' first dimensions.
    std::set<std::string> batches_;
    std::vector<std::string> open_dimensions_;  // of inputs, without a size; what to say of each
};

}  // namespace valence::ml::onnx_import
