#include "valence/ml/onnx/import.hpp"

#include <limits>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>
#include <onnx/onnx_pb.h>

#include "valence/ml/float_graph/passes.hpp"
#include "valence/ml/onnx/graph_importer.hpp"

namespace valence::ml {
namespace {

/// Messages inside one another: a graph in an attribute in a node in a graph ….
constexpr int kMessageDepth = 100;

Result<::onnx::ModelProto> parse(BytesView file, const ImportOptions& options) {
    if (file.size() > options.max_file_bytes ||
        file.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
        return Error{ImportError::too_large, std::to_string(file.size()) + " bytes"};
    if (file.empty()) return Error{ImportError::malformed, "empty"};
    // Protobuf writes complaints about its input to stderr; the error says as much.
    const google::protobuf::LogSilencer quiet;
    google::protobuf::io::ArrayInputStream stream(file.data(), static_cast<int>(file.size()));
    google::protobuf::io::CodedInputStream coded(&stream);
    coded.SetRecursionLimit(kMessageDepth);
    coded.SetTotalBytesLimit(static_cast<int>(file.size()));
    ::onnx::ModelProto model;
    if (!model.ParseFromCodedStream(&coded) || !coded.ConsumedEntireMessage())
        return Error{ImportError::malformed, "not a protobuf message, or cut short"};
    if (!model.has_ir_version() || !model.has_graph())
        return Error{ImportError::malformed, "a protobuf message, but no ONNX model"};
    return model;
}

/// Errors of the graph builder as the importer's.
Error as_import_error(const Error& error) {
    if (error.code == make_error_code(real::GraphError::too_large))
        return {ImportError::too_large, error.context};
    if (error.code.category() == make_error_code(real::GraphError::malformed).category())
        return {ImportError::malformed, error.message()};
    return error;
}

}  // namespace

std::string to_string(const ImportProblem& problem) {
    auto text = problem.op + " '" + problem.node + "'";
    if (problem.opset > 0) text += " (opset " + std::to_string(problem.opset) + ")";
    return text + ": " + problem.reason;
}

Result<ImportReport> inspect_onnx(BytesView file, const ImportOptions& options) {
    BOOST_OUTCOME_TRY(const auto model, parse(file, options));
    onnx_import::GraphImporter importer(model, options);
    const auto done = importer.run();
    if (!done) return as_import_error(done.error());
    auto report = importer.take();
    if (!report.problems.empty()) return report;
    if (options.optimise) real::optimise(report.graph);
    real::remove_dead(report.graph);
    const auto unusable = real::find_unusable_constant(report.graph);
    if (unusable) report.problems.push_back({"constant", unusable->value, 0, unusable->reason});
    return report;
}

Result<FloatGraph> import_onnx(BytesView file, const ImportOptions& options) {
    BOOST_OUTCOME_TRY(auto report, inspect_onnx(file, options));
    if (report.problems.empty()) return std::move(report.graph);
    std::string all;
    for (const auto& problem : report.problems)
        all += (all.empty() ? "" : "\n") + to_string(problem);
    return Error{ImportError::unsupported, std::move(all)};
}

}  // namespace valence::ml
