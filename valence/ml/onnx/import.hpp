// An ONNX file → a float graph: parsed, checked, every shape static, constants folded, exporters' patterns
// recognised. Refuses what it does not implement exactly, naming every such node at once.
//
//     ImportOptions options;
//     options.dims = {{"seq", 64}};
//     BOOST_OUTCOME_TRY(const FloatGraph graph, import_onnx(file, options));
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "valence/base/base.hpp"
#include "valence/ml/float_graph/graph.hpp"
#include "valence/ml/onnx/import_error.hpp"

namespace valence::ml {

struct ImportOptions {
    /// Sizes for symbolic dimensions by name.
    std::map<std::string, std::int64_t> dims;
    /// Whole shapes by input name; wins over `dims`.
    std::map<std::string, real::Shape> shapes;
    /// Inputs that the importer takes as constants of these elements, by name: a sampling rate, a shape.
    std::map<std::string, real::Tensor> constants;
    /// What an unnamed or otherwise unbound first dimension of an input becomes; 0 refuses such inputs.
    std::int64_t batch = 1;

    std::size_t max_file_bytes = std::size_t{1} << 30;
    /// Over all values of the graph together, constants and activations.
    std::size_t max_tensor_bytes = std::size_t{4} << 30;
    /// Elementary steps that constant folding may take.
    std::uint64_t max_folding_work = std::uint64_t{1} << 33;
    /// Nodes, counting those of inlined branches and functions.
    std::size_t max_nodes = 200'000;
    /// Whether BatchNormalization is folded and exporters' patterns become single operators.
    bool optimise = true;
};

/// One node that keeps the model from being imported.
struct ImportProblem {
    std::string op;    // with the domain unless it is ai.onnx: "Loop", "ai.onnx.ml.ZipMap"
    std::string node;  // the node's name, or its first output's
    std::int64_t opset = 0;
    std::string reason;
};

/// "Loop 'decoder/loop_3' (opset 13): …"
std::string to_string(const ImportProblem& problem);

/// An operator of the file, as it stands there.
struct OperatorUse {
    std::string op;
    std::int64_t count = 0;
    /// Whether the importer knows it; a known operator may still be refused for an attribute.
    bool known = false;
};

/// Everything import found out.
struct ImportReport {
    /// Complete if `problems` is empty; otherwise not to be used.
    FloatGraph graph;
    std::vector<ImportProblem> problems;
    /// Sorted by name.
    std::vector<OperatorUse> operators;
    std::string producer;
    std::int64_t ir_version = 0;
    /// By domain; "" is ai.onnx.
    std::map<std::string, std::int64_t> opsets;
    /// What was asked for names that the model does not have, in words.
    std::vector<std::string> unused_options;
};

/// Reads as much as can be read. Errors only where nothing more can be said: not an ONNX file, too large, a
/// graph that is none, an input without a static shape.
Result<ImportReport> inspect_onnx(BytesView file, const ImportOptions& options = {});

/// The graph; ImportError::unsupported with all problems, one a line, if there are any.
Result<FloatGraph> import_onnx(BytesView file, const ImportOptions& options = {});

}  // namespace valence::ml
