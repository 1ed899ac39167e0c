#include "integer_case.hpp"

#include <cmath>
#include <memory>

#include <fmt/format.h>

#include "valence/ml/check/float_border.hpp"
#include "valence/ml/executor/run.hpp"
#include "valence/ml/float_graph/executor.hpp"
#include "valence/ml/graph/validate.hpp"
#include "valence/ml/quantise/quantise.hpp"
#include "valence/ml/reference/evaluate.hpp"

namespace valence::onnx_vectors {
namespace {

using ml::executor::InstructionSet;

/// What differs between the executor and the reference, or nothing.
std::string executor_difference(const std::shared_ptr<const ml::Graph>& graph,
                                std::span<const ml::Values> inputs, const std::vector<ml::Values>& expected) {
    for (const InstructionSet set : {InstructionSet::portable, ml::executor::best_instruction_set()}) {
        const auto plan = ml::plan(graph, {.instructions = set});
        if (!plan) return plan.error().message();
        ml::Workspace workspace;
        for (const unsigned threads : {1U, 2U}) {
            const auto results = ml::run(plan.value(), workspace, inputs, threads);
            if (!results) return results.error().message();
            if (results.value() != expected)
                return fmt::format("executor ({}, {} threads) and reference give different integers",
                                   set == InstructionSet::avx2 ? "AVX2" : "portable", threads);
        }
    }
    return {};
}

double element(const ml::real::Tensor& tensor, std::size_t place) {
    switch (tensor.element()) {
        case ml::real::ElementType::f32:
            return tensor.f32()[place];
        case ml::real::ElementType::i64:
            return static_cast<double>(tensor.i64()[place]);
        default:
            return tensor.boolean()[place];
    }
}

/// Whether the output is a real number rounded to an integer (a quantised model's own numbers).
bool is_rounded(const ml::Graph& graph, ml::TensorId tensor) {
    for (const ml::Node& node : graph.main.nodes)
        if (node.outputs == std::vector{tensor}) {
            if (std::holds_alternative<ml::Reshape>(node.operation)) return is_rounded(graph, node.inputs[0]);
            return std::holds_alternative<ml::ActivationToIndex>(node.operation);
        }
    return false;
}

/// How far an output is from what was expected, where that is too far; else nothing.
std::string too_far(const ml::Graph& graph, ml::TensorId id, const ml::Values& got,
                    const ml::real::Tensor& wanted) {
    const ml::Tensor& tensor = graph.main.tensors[id];
    const bool real = wanted.element() == ml::real::ElementType::f32;
    const double allowed = is_rounded(graph, id) ? 1 : 0;
    double difference = 0;
    double size = 0;
    double largest = 0;
    for (std::size_t k = 0; k < got.data.size(); ++k) {
        const double expected = element(wanted, k);
        const int exponent = tensor.type == ml::ElementType::index ? 0 : tensor.exponent;
        const double error = std::ldexp(static_cast<double>(got.data[k]), -exponent) - expected;
        if (!real && std::abs(error) > allowed)
            return fmt::format("element {} is {}, not {}", k, expected + error, expected);
        difference += error * error;
        size += expected * expected;
        largest = std::max(largest, std::abs(error));
    }
    const double relative = std::sqrt(difference / std::max(size, 1e-300));
    const double steps = std::ldexp(largest, tensor.exponent);
    if (!real) return {};
    if (relative <= kLargestError || steps <= kStepsAllowed) return {};
    return fmt::format("relative error {:.3g} %, largest {:.3g} ({:.1f} steps)", 100 * relative, largest,
                       steps);
}

std::string too_far(const ml::Graph& graph, const std::vector<ml::Values>& got,
                    const std::vector<ml::real::Tensor>& wanted) {
    for (std::size_t k = 0; k < got.size(); ++k) {
        auto text = too_far(graph, graph.outputs[k].tensor, got[k], wanted[k]);
        if (!text.empty()) return graph.outputs[k].name + ": " + text;
    }
    return {};
}

/// The inputs as the integer model reads them, in real numbers.
ml::Sample rounded(const ml::Graph& graph, const ml::Sample& inputs, std::span<const ml::Values> integers) {
    ml::Sample result = inputs;
    for (std::size_t k = 0; k < result.size(); ++k) {
        if (inputs[k].element() != ml::real::ElementType::f32) continue;
        const ml::Port& port = graph.inputs[k];
        for (std::size_t place = 0; place < integers[k].data.size(); ++place) {
            const std::int8_t exponent = port.exponents.empty()
                                             ? graph.main.tensors[port.tensor].exponent
                                             : port.exponents[place % port.exponents.size()];
            result[k].f32()[place] =
                static_cast<float>(std::ldexp(static_cast<double>(integers[k].data[place]), -exponent));
        }
    }
    return result;
}

}  // namespace

Outcome run_integers(const ml::FloatGraph& graph, const std::vector<DataSet>& sets) {
    std::vector<ml::Sample> samples;
    for (const DataSet& set : sets)
        samples.push_back(set.inputs);
    auto quantised = ml::inspect_quantised(graph, samples, {.weights = ml::WeightWidth::bits16});
    if (!quantised) return {Verdict::refused, quantised.error().message()};
    if (!quantised.value().problems.empty()) {
        const auto& problem = quantised.value().problems.front();
        return {Verdict::refused, problem.op + ": " + problem.reason};
    }
    const auto integers = std::make_shared<const ml::Graph>(std::move(quantised.value().graph));
    if (const auto valid = ml::validate(*integers); !valid) return {Verdict::failed, valid.error().message()};
    Outcome outcome{Verdict::passed, {}};
    for (const DataSet& set : sets) {
        const auto inputs = ml::quantise_inputs(*integers, set.inputs).values;
        const auto results = ml::evaluate(*integers, inputs);
        if (!results) return {Verdict::failed, results.error().message()};
        if (auto text = executor_difference(integers, inputs, results.value()); !text.empty())
            return {Verdict::failed, text};
        const auto text = too_far(*integers, results.value(), set.outputs);
        if (text.empty()) continue;
        const auto again = ml::FloatExecutor(graph).run(rounded(*integers, set.inputs, inputs));
        if (!again || !too_far(*integers, results.value(), again.value()).empty())
            return {Verdict::failed, text};
        outcome.detail = text;
    }
    return outcome;
}

}  // namespace valence::onnx_vectors
