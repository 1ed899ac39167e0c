#include "valence/ml/onnx/graph_importer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "valence/ml/onnx/node_order.hpp"
#include "valence/ml/onnx/operator_table.hpp"
#include "valence/ml/onnx/read_tensor.hpp"

namespace valence::ml::onnx_import {
namespace {

/// Graphs and functions inside one another.
constexpr int kMaxDepth = 32;

/// ai.onnx may be spelt out.
std::string domain_of(const std::string& domain) { return domain == "ai.onnx" ? "" : domain; }

std::string full_name(const ::onnx::NodeProto& node) {
    const auto domain = domain_of(node.domain());
    return domain.empty() ? node.op_type() : domain + "." + node.op_type();
}

std::string node_name(const ::onnx::NodeProto& node) {
    if (!node.name().empty()) return node.name();
    for (const auto& output : node.output())
        if (!output.empty()) return output;
    return "unnamed";
}

bool is_constant_operator(const ::onnx::NodeProto& node) {
    return node.op_type() == "Constant" && domain_of(node.domain()).empty();
}

/// Attributes of the function's nodes that refer to the call's take the call's value; those the call lacks
/// go.
::onnx::NodeProto with_call_attributes(const ::onnx::NodeProto& node, const ::onnx::NodeProto& call) {
    auto copy = node;
    copy.clear_attribute();
    for (const auto& attribute : node.attribute()) {
        if (attribute.ref_attr_name().empty()) {
            *copy.add_attribute() = attribute;
            continue;
        }
        for (const auto& given : call.attribute())
            if (given.name() == attribute.ref_attr_name()) {
                auto* added = copy.add_attribute();
                *added = given;
                added->set_name(attribute.name());
            }
    }
    return copy;
}

}  // namespace

GraphImporter::GraphImporter(const ::onnx::ModelProto& model, const ImportOptions& options)
    : model_(model),
      options_(options),
      builder_(
          {options.max_tensor_bytes, options.max_folding_work, std::uint64_t{1} << 46, options.max_nodes}) {}

Result<void> GraphImporter::run() {
    BOOST_OUTCOME_TRYV(read_opsets());
    report_.producer = model_.producer_name();
    report_.ir_version = model_.ir_version();
    if (!model_.has_graph()) return Error{ImportError::malformed, "no graph"};
    Scope scope;
    scope.opsets = &report_.opsets;
    builder_.graph().name = model_.graph().name();
    BOOST_OUTCOME_TRYV(add_initializers(model_.graph(), scope));
    BOOST_OUTCOME_TRYV(add_inputs(model_.graph(), scope));
    BOOST_OUTCOME_TRYV(add_nodes(model_.graph().node(), scope));
    return add_outputs(model_.graph(), scope);
}

ImportReport GraphImporter::take() {
    report_.graph = builder_.take();
    for (auto& [name, use] : uses_)
        report_.operators.push_back(std::move(use));
    return std::move(report_);
}

Result<void> GraphImporter::read_opsets() {
    for (const auto& opset : model_.opset_import()) {
        const auto domain = domain_of(opset.domain());
        const auto [entry, added] = report_.opsets.emplace(domain, opset.version());
        if (!added && entry->second != opset.version())
            return Error{ImportError::malformed, "two versions of opset '" + domain + "'"};
    }
    // Before IR version 3 there was no list, and one opset.
    if (model_.opset_import_size() == 0) {
        if (model_.ir_version() >= 3)
            return Error{ImportError::malformed, "no opset is named (is the file cut short?)"};
        report_.opsets[""] = 1;
    }
    return success();
}

Result<void> GraphImporter::add_initializers(const ::onnx::GraphProto& graph, Scope& scope) {
    if (graph.sparse_initializer_size() > 0)
        return Error{ImportError::unsupported,
                     "sparse initializers (" + graph.sparse_initializer(0).values().name() + ")"};
    for (const auto& proto : graph.initializer()) {
        auto tensor = read_tensor(proto);
        if (!tensor) {
            if (tensor.error().code != make_error_code(ImportError::unsupported)) return tensor.error();
            report_.problems.push_back({"initializer", proto.name(), 0, tensor.error().context});
            BOOST_OUTCOME_TRYV(bind(proto.name(), {kRefused, proto.data_type()}, scope));
            continue;
        }
        BOOST_OUTCOME_TRY(const auto id, builder_.add_constant(proto.name(), std::move(tensor).value()));
        BOOST_OUTCOME_TRYV(bind(proto.name(), {id, proto.data_type()}, scope));
    }
    return success();
}

Result<void> GraphImporter::add_inputs(const ::onnx::GraphProto& graph, Scope& scope) {
    // A state's batch may be its second dimension: what is first in one input has that size in all.
    for (const auto& input : graph.input()) {
        const auto& shape = input.type().tensor_type().shape();
        if (shape.dim_size() > 0 && shape.dim(0).has_dim_param()) batches_.insert(shape.dim(0).dim_param());
    }
    std::set<std::string> seen;
    for (const auto& input : graph.input()) {
        if (!seen.insert(input.name()).second)
            return Error{ImportError::malformed, "two inputs are called '" + input.name() + "'"};
        // Older files list their weights among the inputs.
        if (scope.names.contains(input.name())) continue;
        BOOST_OUTCOME_TRYV(add_input(input, scope));
    }
    note_unused(graph);
    if (!open_dimensions_.empty())
        return Error{ImportError::dynamic_shape,
                     fmt::format("{}: give each a size", fmt::join(open_dimensions_, "; "))};
    return success();
}

void GraphImporter::note_unused(const ::onnx::GraphProto& graph) {
    std::set<std::string> names;
    std::set<std::string> dims;
    for (const auto& input : graph.input()) {
        names.insert(input.name());
        for (const auto& dim : input.type().tensor_type().shape().dim())
            if (dim.has_dim_param()) dims.insert(dim.dim_param());
    }
    const auto note = [this](const auto& given, const std::set<std::string>& known, std::string_view what) {
        for (const auto& [name, value] : given)
            if (!known.contains(name))
                report_.unused_options.push_back(fmt::format("no {} is called '{}' (there {}: '{}')", what,
                                                             name, known.size() == 1 ? "is" : "are",
                                                             fmt::join(known, "', '")));
    };
    note(options_.dims, dims, "open dimension");
    note(options_.shapes, names, "input");
    note(options_.constants, names, "input");
}

Result<void> GraphImporter::add_input(const ::onnx::ValueInfoProto& input, Scope& scope) {
    const auto refuse_input = [&](std::string reason) {
        report_.problems.push_back({"input", input.name(), 0, std::move(reason)});
        return bind(input.name(), {kRefused, 0}, scope);
    };
    if (!input.type().has_tensor_type())
        return refuse_input("is a sequence, map or optional; only tensors can be given to a model");
    const auto& tensor = input.type().tensor_type();
    const auto element = element_of(tensor.elem_type());
    if (!element) return refuse_input(element.error().context);
    if (const auto fixed = options_.constants.find(input.name()); fixed != options_.constants.end()) {
        if (fixed->second.element() != element.value())
            return Error{ImportError::malformed,
                         "input '" + input.name() + "' is " + file_type_name(tensor.elem_type()) +
                             ", the constant given " + to_string(fixed->second.type())};
        BOOST_OUTCOME_TRY(const auto id, builder_.add_constant(input.name(), fixed->second));
        return bind(input.name(), {id, tensor.elem_type()}, scope);
    }
    const auto override_shape = options_.shapes.find(input.name());
    Shape shape;
    if (override_shape != options_.shapes.end()) {
        shape = override_shape->second;
        if (tensor.has_shape() && static_cast<std::size_t>(tensor.shape().dim_size()) != shape.size())
            return Error{ImportError::other_shape, "input '" + input.name() + "' has rank " +
                                                       std::to_string(tensor.shape().dim_size()) +
                                                       ", the shape given is " + to_string(shape)};
        for (int i = 0; tensor.has_shape() && i < tensor.shape().dim_size(); ++i)
            if (tensor.shape().dim(i).has_dim_value() && tensor.shape().dim(i).dim_value() > 0 &&
                tensor.shape().dim(i).dim_value() != shape[static_cast<std::size_t>(i)])
                return Error{ImportError::other_shape, "input '" + input.name() + "' has extent " +
                                                           std::to_string(tensor.shape().dim(i).dim_value()) +
                                                           " in dimension " + std::to_string(i) +
                                                           ", the shape given is " + to_string(shape)};
    } else {
        if (!tensor.has_shape())
            return Error{ImportError::dynamic_shape,
                         "input '" + input.name() + "' has no shape; give it one"};
        for (int i = 0; i < tensor.shape().dim_size(); ++i) {
            const auto& dim = tensor.shape().dim(i);
            const auto given =
                dim.has_dim_param() ? options_.dims.find(dim.dim_param()) : options_.dims.end();
            if (dim.has_dim_value() && (dim.dim_value() > 0 || i != 0)) {
                shape.push_back(dim.dim_value());
            } else if (given != options_.dims.end()) {
                shape.push_back(given->second);
            } else if (options_.batch > 0 &&
                       (i == 0 || (dim.has_dim_param() && batches_.contains(dim.dim_param())))) {
                shape.push_back(options_.batch);
            } else {
                // Any size, so that the other open ones are found too.
                shape.push_back(1);
                open_dimensions_.push_back(
                    "input '" + input.name() + "', dimension " + std::to_string(i) +
                    (dim.has_dim_param() ? " ('" + dim.dim_param() + "')" : std::string{" (unnamed)"}));
            }
        }
    }
    const auto count = real::checked_element_count(shape);
    if (!count)
        return Error{ImportError::malformed, "input '" + input.name() + "': " + count.error().context};
    BOOST_OUTCOME_TRY(const auto id, builder_.add_input(input.name(), {element.value(), std::move(shape)},
                                                        file_type_name(tensor.elem_type())));
    return bind(input.name(), {id, tensor.elem_type()}, scope);
}

Result<void> GraphImporter::add_nodes(const ::google::protobuf::RepeatedPtrField<::onnx::NodeProto>& nodes,
                                      Scope& scope) {
    for (const int place : computing_order(nodes)) {
        BOOST_OUTCOME_TRYV(add_node(nodes[place], scope));
    }
    return success();
}

Result<void> GraphImporter::add_outputs(const ::onnx::GraphProto& graph, const Scope& scope) {
    if (graph.output_size() == 0) return Error{ImportError::malformed, "no outputs"};
    std::set<std::string> seen;
    for (const auto& output : graph.output()) {
        if (!seen.insert(output.name()).second)
            return Error{ImportError::malformed, "two outputs are called '" + output.name() + "'"};
        BOOST_OUTCOME_TRY(const auto binding, find(output.name(), scope));
        if (binding.id == kAbsent) return Error{ImportError::malformed, "an output without a name"};
        if (binding.id != kRefused)
            builder_.graph().outputs.push_back(
                {output.name(), binding.id, file_type_name(binding.file_type)});
    }
    return success();
}

Result<Binding> GraphImporter::find(const std::string& name, const Scope& scope) const {
    if (name.empty()) return Binding{};
    for (const auto* s = &scope; s != nullptr; s = s->outer) {
        const auto entry = s->names.find(name);
        if (entry != s->names.end()) return entry->second;
    }
    return Error{
        ImportError::malformed,
        "'" + name + "' is read before anything computes it (or nothing does, or it depends on itself)"};
}

Result<void> GraphImporter::bind(const std::string& name, Binding binding, Scope& scope) {
    if (name.empty()) return success();
    if (!scope.names.emplace(name, binding).second)
        return Error{ImportError::malformed, "two values are called '" + name + "'"};
    return success();
}

Result<void> GraphImporter::bind_outputs(const ::onnx::NodeProto& node, const std::vector<Binding>& outputs,
                                         Scope& scope) {
    for (int i = 0; i < node.output_size(); ++i) {
        BOOST_OUTCOME_TRYV(bind(node.output(i), outputs[static_cast<std::size_t>(i)], scope));
    }
    return success();
}

Result<void> GraphImporter::refuse(const ::onnx::NodeProto& node, std::int64_t opset, std::string reason,
                                   Scope& scope) {
    report_.problems.push_back({full_name(node), node_name(node), opset, std::move(reason)});
    return bind_outputs(
        node, std::vector<Binding>(static_cast<std::size_t>(node.output_size()), {kRefused, 0}), scope);
}

const ::onnx::FunctionProto* GraphImporter::function_for(const ::onnx::NodeProto& node) const {
    for (const auto& function : model_.functions())
        if (function.name() == node.op_type() && domain_of(function.domain()) == domain_of(node.domain()))
            return &function;
    return nullptr;
}

Result<void> GraphImporter::add_node(const ::onnx::NodeProto& node, Scope& scope) {
    if (++nodes_walked_ > options_.max_nodes)
        return Error{ImportError::too_large, "more than " + std::to_string(options_.max_nodes) + " nodes"};
    std::vector<Binding> inputs;
    bool refused_input = false;
    for (const auto& name : node.input()) {
        BOOST_OUTCOME_TRY(const auto binding, find(name, scope));
        refused_input = refused_input || binding.id == kRefused;
        inputs.push_back(binding);
    }
    const auto domain = domain_of(node.domain());
    const auto opset_entry = scope.opsets->find(domain);
    const auto opset = opset_entry == scope.opsets->end() ? 0 : opset_entry->second;
    const auto* function = function_for(node);
    const bool is_if = domain.empty() && node.op_type() == "If";
    const auto* row = find_operator(domain, node.op_type());
    if (!is_constant_operator(node) && function == nullptr) {
        auto& use = uses_[full_name(node)];
        use.op = full_name(node);
        use.known = row != nullptr || is_if;
        ++use.count;
    }
    if (function != nullptr) {
        if (refused_input)
            return bind_outputs(
                node, std::vector<Binding>(static_cast<std::size_t>(node.output_size()), {kRefused, 0}),
                scope);
        return import_call(node, *function, inputs, scope);
    }
    if (row == nullptr && !is_if)
        return refuse(node, opset, "is not an operator that can be imported", scope);
    if (opset == 0 && domain != "com.microsoft")
        return refuse(node, opset, "the file does not say which version of '" + domain + "' it uses", scope);
    const auto newest = domain == "ai.onnx.ml" ? kNewestMlOpset : kNewestOpset;
    if (opset > newest && domain != "com.microsoft")
        return refuse(node, opset, "is newer than opset " + std::to_string(newest) + ", the newest known",
                      scope);
    if (row != nullptr && opset < row->since && domain != "com.microsoft")
        return refuse(node, opset, "is understood from opset " + std::to_string(row->since) + " on", scope);
    if (refused_input)
        return bind_outputs(
            node, std::vector<Binding>(static_cast<std::size_t>(node.output_size()), {kRefused, 0}), scope);
    builder_.set_origin(full_name(node) + " '" + node_name(node) + "'");
    if (is_if) return import_if(node, opset, inputs, scope);
    return import_known(node, opset, std::move(inputs), scope, *row);
}

Result<void> GraphImporter::import_known(const ::onnx::NodeProto& node, std::int64_t opset,
                                         std::vector<Binding> inputs, Scope& scope, const OnnxOperator& row) {
    NodeContext context(node, opset, builder_, std::move(inputs));
    auto done = row.import_node(context);
    if (done) done = context.all_asked();
    if (done)
        for (std::size_t i = 0; i < context.output_count(); ++i)
            if (context.wants(i) && context.outputs()[i].id == kAbsent) {
                done = unsupported("output " + std::to_string(i) + " ('" + node.output(static_cast<int>(i)) +
                                   "') is not computed");
                break;
            }
    if (done) return bind_outputs(node, context.outputs(), scope);
    if (done.error().code == make_error_code(real::GraphError::too_large))
        return Error{ImportError::too_large,
                     full_name(node) + " '" + node_name(node) + "': " + done.error().context};
    const auto& code = done.error().code;
    const bool plain =
        code == make_error_code(ImportError::unsupported) || code == make_error_code(ImportError::malformed);
    return refuse(node, opset, plain ? done.error().context : done.error().message(), scope);
}

Result<std::vector<Binding>> GraphImporter::walk_branch(const ::onnx::GraphProto& branch, Scope& scope) {
    Scope inner;
    inner.outer = &scope;
    inner.opsets = scope.opsets;
    inner.depth = scope.depth + 1;
    BOOST_OUTCOME_TRYV(add_initializers(branch, inner));
    BOOST_OUTCOME_TRYV(add_nodes(branch.node(), inner));
    std::vector<Binding> outputs;
    for (const auto& output : branch.output()) {
        BOOST_OUTCOME_TRY(const auto binding, find(output.name(), inner));
        outputs.push_back(binding);
    }
    return outputs;
}

Result<void> GraphImporter::import_if(const ::onnx::NodeProto& node, std::int64_t opset,
                                      const std::vector<Binding>& inputs, Scope& scope) {
    NodeContext context(node, opset, builder_, inputs);
    if (scope.depth >= kMaxDepth) return refuse(node, opset, "branches nested too deeply", scope);
    if (!context.has(0)) return refuse(node, opset, "no condition", scope);
    const auto type = context.type(0);
    if (type.element != ElementType::boolean || type.count() != 1)
        return refuse(node, opset, "the condition is " + to_string(type), scope);
    std::vector<const ::onnx::GraphProto*> branches;
    for (const auto* name : {"then_branch", "else_branch"}) {
        const auto branch = context.graph(name);
        if (!branch) return refuse(node, opset, branch.error().context, scope);
        if (branch.value() == nullptr || branch.value()->output_size() != node.output_size() ||
            branch.value()->input_size() != 0)
            return refuse(node, opset, "a branch is missing or of another form", scope);
        branches.push_back(branch.value());
    }
    if (const auto* condition = builder_.constant(inputs[0].id)) {
        BOOST_OUTCOME_TRY(const auto outputs,
                          walk_branch(*branches[condition->boolean()[0] != 0 ? 0 : 1], scope));
        return bind_outputs(node, outputs, scope);
    }
    // Branches have no effects but their outputs: both are computed, and the condition chooses.
    BOOST_OUTCOME_TRY(const auto yes, walk_branch(*branches[0], scope));
    BOOST_OUTCOME_TRY(const auto no, walk_branch(*branches[1], scope));
    builder_.set_origin(full_name(node) + " '" + node_name(node) + "'");
    BOOST_OUTCOME_TRY(const auto condition, builder_.reshape(inputs[0].id, {}));
    std::vector<Binding> outputs;
    for (std::size_t i = 0; i < yes.size(); ++i) {
        if (yes[i].id == kRefused || no[i].id == kRefused) {
            outputs.push_back({kRefused, 0});
            continue;
        }
        if (yes[i].id == kAbsent || no[i].id == kAbsent ||
            builder_.type(yes[i].id) != builder_.type(no[i].id))
            return refuse(node, opset,
                          "the condition ('" + node.input(0) +
                              "') is computed from the model's input and the branches give different shapes",
                          scope);
        BOOST_OUTCOME_TRY(const auto chosen, builder_.add_one(Op::where, real::NoAttributes{},
                                                              {condition, yes[i].id, no[i].id}));
        outputs.push_back({chosen, yes[i].file_type});
    }
    return bind_outputs(node, outputs, scope);
}

Result<void> GraphImporter::import_call(const ::onnx::NodeProto& node, const ::onnx::FunctionProto& function,
                                        const std::vector<Binding>& inputs, Scope& scope) {
    if (scope.depth >= kMaxDepth) return refuse(node, 0, "functions nested too deeply", scope);
    if (inputs.size() > static_cast<std::size_t>(function.input_size()) ||
        node.output_size() > function.output_size())
        return refuse(node, 0, "is called with more inputs or outputs than the function has", scope);
    std::map<std::string, std::int64_t> opsets;
    for (const auto& opset : function.opset_import())
        opsets[domain_of(opset.domain())] = opset.version();
    Scope inner;
    inner.opsets = &opsets;
    inner.depth = scope.depth + 1;
    for (int i = 0; i < function.input_size(); ++i) {
        BOOST_OUTCOME_TRYV(bind(
            function.input(i),
            static_cast<std::size_t>(i) < inputs.size() ? inputs[static_cast<std::size_t>(i)] : Binding{},
            inner));
    }
    for (const int place : computing_order(function.node())) {
        BOOST_OUTCOME_TRYV(add_node(with_call_attributes(function.node(place), node), inner));
    }
    std::vector<Binding> outputs;
    for (int i = 0; i < node.output_size(); ++i) {
        BOOST_OUTCOME_TRY(const auto binding, find(function.output(i), inner));
        outputs.push_back(binding);
    }
    return bind_outputs(node, outputs, scope);
}

}  // namespace valence::ml::onnx_import
