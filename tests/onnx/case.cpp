#include "case.hpp"

#include <cmath>
#include <fstream>
#include <iterator>
#include <optional>

#include "integer_case.hpp"
#include <onnx/onnx_pb.h>

#include "valence/ml/float_graph/executor.hpp"
#include "valence/ml/onnx/read_tensor.hpp"

namespace valence::onnx_vectors {
namespace {

namespace fs = std::filesystem;

/// As ONNX's own test runner has it.
constexpr double kRelative = 1e-3;
constexpr double kAbsolute = 1e-7;

Bytes read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::optional<ml::real::Tensor> read_vector(const fs::path& path) {
    ::onnx::TensorProto proto;
    const auto bytes = read_file(path);
    if (!proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::nullopt;
    // The vectors for bfloat16 are stored under the name of the integers that have its bits.
    if (proto.data_type() == ::onnx::TensorProto::UINT16 &&
        path.string().find("BFLOAT16_to") != std::string::npos)
        proto.set_data_type(::onnx::TensorProto::BFLOAT16);
    auto tensor = ml::onnx_import::read_tensor(proto);
    if (!tensor) return std::nullopt;
    return std::move(tensor).value();
}

bool close(double got, double wanted) {
    if (std::isnan(wanted)) return std::isnan(got);
    if (std::isinf(wanted)) return got == wanted;
    return std::fabs(got - wanted) <= kAbsolute + kRelative * std::fabs(wanted);
}

std::string difference(const ml::real::Tensor& got, const ml::real::Tensor& wanted) {
    if (got.type() != wanted.type()) return to_string(got.type()) + " for " + to_string(wanted.type());
    const auto at = [](const ml::real::Tensor& t, std::int64_t i) {
        if (t.element() == ml::real::ElementType::f32) return static_cast<double>(t.f32()[i]);
        if (t.element() == ml::real::ElementType::i64) return static_cast<double>(t.i64()[i]);
        return static_cast<double>(t.boolean()[i]);
    };
    for (std::int64_t i = 0; i < got.count(); ++i)
        if (!close(at(got, i), at(wanted, i)))
            return "element " + std::to_string(i) + " is " + std::to_string(at(got, i)) + ", not " +
                   std::to_string(at(wanted, i));
    return {};
}

/// Reads one set; the reason if it holds something other than tensors of numbers.
Outcome read_set(const ml::FloatGraph& graph, const std::vector<std::size_t>& input_places,
                 const fs::path& folder, DataSet& set) {
    for (const auto place : input_places) {
        auto tensor = read_vector(folder / ("input_" + std::to_string(place) + ".pb"));
        if (!tensor) return {Verdict::refused, "an input that is no tensor of numbers"};
        set.inputs.push_back(std::move(*tensor));
    }
    for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
        auto tensor = read_vector(folder / ("output_" + std::to_string(i) + ".pb"));
        if (!tensor) return {Verdict::refused, "an output that is no tensor of numbers"};
        set.outputs.push_back(std::move(*tensor));
    }
    return {Verdict::passed, {}};
}

Outcome run_floats(const ml::FloatGraph& graph, const DataSet& set) {
    const auto outputs = ml::FloatExecutor(graph).run(set.inputs);
    if (!outputs) return {Verdict::failed, outputs.error().message()};
    for (std::size_t i = 0; i < outputs.value().size(); ++i) {
        const auto text = difference(outputs.value()[i], set.outputs[i]);
        if (!text.empty()) return {Verdict::failed, graph.outputs[i].name + ": " + text};
    }
    return {Verdict::passed, {}};
}

/// The places of the graph's inputs in the file's list, where weights may stand too.
std::vector<std::size_t> places_of_inputs(const ::onnx::ModelProto& model, const ml::FloatGraph& graph) {
    std::vector<std::size_t> places;
    for (const auto& port : graph.inputs)
        for (int i = 0; i < model.graph().input_size(); ++i)
            if (model.graph().input(i).name() == port.name) places.push_back(static_cast<std::size_t>(i));
    return places;
}

CaseOutcome run_with(BytesView file, const ::onnx::ModelProto& model, const fs::path& folder,
                     const ml::ImportOptions& options) {
    CaseOutcome outcome{{}, {Verdict::skipped, "the float model did not pass"}, {}};
    const auto settle = [&](Verdict verdict, std::string detail) {
        outcome.floats = {verdict, std::move(detail)};
        return outcome;
    };
    const auto report = ml::inspect_onnx(file, options);
    if (!report) return settle(Verdict::refused, report.error().message());
    for (const auto& use : report.value().operators)
        outcome.operators.push_back(use.op);
    if (!report.value().problems.empty())
        return settle(Verdict::refused, to_string(report.value().problems.front()));
    const auto& graph = report.value().graph;
    const auto checked = ml::real::check(graph);
    if (!checked) return settle(Verdict::failed, checked.error().message());
    const auto places = places_of_inputs(model, graph);
    std::vector<DataSet> sets;
    for (int number = 0;; ++number) {
        const auto data = folder / ("test_data_set_" + std::to_string(number));
        // Fixed inputs hold for the first set only.
        if (!fs::exists(data) || (number > 0 && !options.constants.empty())) break;
        outcome.floats = read_set(graph, places, data, sets.emplace_back());
        if (outcome.floats.verdict != Verdict::passed) return outcome;
        outcome.floats = run_floats(graph, sets.back());
        if (outcome.floats.verdict != Verdict::passed) return outcome;
    }
    if (sets.empty()) return settle(Verdict::skipped, "no data");
    outcome.integers = run_integers(graph, sets);
    return outcome;
}

}  // namespace

CaseOutcome run_case(const fs::path& folder, const ml::ImportOptions& options) {
    const Outcome nothing{Verdict::skipped, "the float model did not pass"};
    const auto file = folder / "model.onnx";
    if (!fs::exists(file))
        return {{Verdict::skipped, "no model.onnx (the package has no weights)"}, nothing, {}};
    const auto bytes = read_file(file);
    ::onnx::ModelProto model;
    if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        return {{Verdict::failed, "model does not parse"}, nothing, {}};
    // The vectors give as inputs what models have as constants: weights, shapes, axes, scales. A case that is
    // refused for that is tried again with all inputs but the first fixed, and then with all of them.
    CaseOutcome best;
    for (const int moving : {model.graph().input_size(), 1, 0}) {
        auto chosen = options;
        for (int i = 0; i < model.graph().input_size(); ++i) {
            auto tensor = read_vector(folder / "test_data_set_0" / ("input_" + std::to_string(i) + ".pb"));
            if (!tensor) continue;
            chosen.shapes[model.graph().input(i).name()] = tensor->shape();
            if (i >= moving) chosen.constants.emplace(model.graph().input(i).name(), std::move(*tensor));
        }
        auto outcome = run_with(bytes, model, folder, chosen);
        if (moving == model.graph().input_size()) {
            best = outcome;
        } else if (best.floats.verdict == Verdict::refused && outcome.floats.verdict != Verdict::refused) {
            best = std::move(outcome);
        } else if (moving == 1 && outcome.integers.verdict != Verdict::refused &&
                   outcome.integers.verdict != Verdict::skipped) {
            best.integers = std::move(outcome.integers);
        }
        if (best.floats.verdict != Verdict::refused && best.integers.verdict != Verdict::refused) break;
    }
    return best;
}

}  // namespace valence::onnx_vectors
