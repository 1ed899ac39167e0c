#include "valence/ml/check/check.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "valence/ml/check/samples.hpp"
#include "valence/ml/executor/plan.hpp"
#include "valence/ml/graph/validate.hpp"

namespace valence::ml {
namespace {

/// How many made-up samples there are: all that calibration without data can learn comes from the first few.
constexpr std::size_t kMadeUpSamples = 32;
constexpr std::uint64_t kSampleSeed = 20260101;

std::string help_for(const ImportProblem& problem) {
    if (problem.op == "Loop" || problem.op == "Scan" || problem.op.starts_with("Sequence"))
        return "export one step of the loop as the model, or unroll it when exporting";
    if (problem.op == "NonMaxSuppression" || problem.op == "NonZero" || problem.op == "Unique")
        return "its result has no fixed size: cut the model before it and do this step in the caller";
    return "export the model without it; docs/onnx.md lists what is supported";
}

/// A single integer among the inputs decides something more often than it is computed with.
std::string help_for(const QuantiseProblem& problem, const real::Graph& graph) {
    if (problem.reason.find("integers") != std::string::npos)
        for (const real::Port& input : graph.inputs)
            if (graph.type(input.value).element == real::ElementType::i64 &&
                graph.type(input.value).count() == 1)
                return fmt::format("if the input '{0}' never changes, give it with --constant {0}=VALUE",
                                   input.name);
    return "docs/model-semantics.md lists what the integer semantics covers";
}

/// Every fifth sample is held back from calibration, so that accuracy is measured on inputs it has not seen.
void split(std::vector<Sample> all, std::vector<Sample>& calibration, std::vector<Sample>& held_back) {
    for (std::size_t k = 0; k < all.size(); ++k)
        (all.size() >= 5 && k % 5 == 4 ? held_back : calibration).push_back(std::move(all[k]));
    if (held_back.empty()) held_back = calibration;
}

/// Whether the model rounds on its own, as one does that another tool has quantised.
bool rounds(const real::Graph& graph) {
    return std::any_of(graph.nodes.begin(), graph.nodes.end(),
                       [](const real::Node& node) { return node.op == real::Op::round; });
}

void add_accuracy(CheckReport& report, const CheckOptions& options) {
    for (const OutputAccuracy& output : report.accuracy->outputs) {
        // Integer outputs (labels, places) either agree or do not; their distance means nothing.
        const bool integer =
            output.agreement && report.graph->main
                                        .tensors[report.graph
                                                     ->outputs[static_cast<std::size_t>(
                                                         &output - report.accuracy->outputs.data())]
                                                     .tensor]
                                        .type == ElementType::index;
        if (!integer && output.relative_l2 > options.max_error)
            report.diagnostics.push_back(
                {Severity::error,
                 fmt::format("relative error {:.3g} % is above the bound of {:.3g} %",
                             100 * output.relative_l2, 100 * options.max_error),
                 fmt::format("output '{}'", output.name),
                 report.made_up
                     ? "give real inputs with --samples: made-up ones reach values that real ones do not"
                 : rounds(report.import->graph)
                     ? "the model rounds to few bits itself, which turns the least difference into a whole "
                       "step: take its float32 original, or allow more with --max-error"
                 : report.weight_bits == 8
                     ? "try --weights 16, or allow more with --max-error"
                     : "allow more with --max-error, or look for values of very different size"});
        if (output.agreement && *output.agreement < options.min_agreement)
            report.diagnostics.push_back(
                {Severity::error,
                 fmt::format("the greatest element agrees in {:.2f} % of rows, {:.2f} % wanted",
                             100 * *output.agreement, 100 * options.min_agreement),
                 fmt::format("output '{}'", output.name), "try --weights 16"});
    }
    if (report.accuracy->saturated > 0 && !report.made_up)
        report.diagnostics.push_back(
            {Severity::warning,
             fmt::format("{} of {} held-back input elements lie outside the calibrated range and saturate",
                         report.accuracy->saturated, report.accuracy->elements),
             "", "calibrate with samples that cover what callers will send"});
}

/// The accuracy of every real value that a node computes.
Result<std::vector<OutputAccuracy>> measure_layers(real::Graph graph, std::span<const Sample> calibration,
                                                   std::span<const Sample> held_back,
                                                   const QuantiseOptions& options) {
    graph.outputs.clear();
    for (const real::Node& node : graph.nodes)
        for (const real::ValueId id : node.outputs)
            if (graph.type(id).element == real::ElementType::f32)
                graph.outputs.push_back(
                    {fmt::format("{} {}", real::name(node.op), graph.value(id).name), id, "float"});
    BOOST_OUTCOME_TRY(Graph quantised, quantise(graph, calibration, options));
    BOOST_OUTCOME_TRY(const Plan planned, plan(std::make_shared<const Graph>(std::move(quantised))));
    BOOST_OUTCOME_TRY(Accuracy accuracy, measure_accuracy(graph, planned, held_back.first(1)));
    return std::move(accuracy.outputs);
}

}  // namespace

bool CheckReport::usable() const {
    return graph != nullptr && std::none_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& d) {
               return d.severity == Severity::error;
           });
}

CheckReport check_model(BytesView onnx_file, const CheckOptions& options) {
    CheckReport report;
    const auto fail = [&](const Error& error, std::string help) {
        report.diagnostics.push_back({Severity::error, error.message(), "", std::move(help)});
    };
    auto imported = inspect_onnx(onnx_file, options.import);
    if (!imported) {
        const bool dynamic = imported.error().code == make_error_code(ImportError::dynamic_shape);
        fail(imported.error(), dynamic ? "give it a size with --dim NAME=SIZE or --shape INPUT=AxBxC" : "");
        return report;
    }
    report.import = std::move(imported).value();
    for (const std::string& unused : report.import->unused_options)
        report.diagnostics.push_back(
            {Severity::error, unused, "", "look for a misspelt --dim, --shape or --constant"});
    for (const ImportProblem& problem : report.import->problems)
        report.diagnostics.push_back({Severity::error, fmt::format("{}: {}", problem.op, problem.reason),
                                      fmt::format("node '{}' (opset {})", problem.node, problem.opset),
                                      help_for(problem)});
    if (!report.import->problems.empty() || !report.import->unused_options.empty()) return report;

    const real::Graph& original = report.import->graph;
    for (const std::string& note : original.notes)
        report.diagnostics.push_back({Severity::note, note, "", ""});
    for (const real::Value& value : original.values)
        if (value.constant && value.type.element == real::ElementType::f32)
            report.parameters += static_cast<std::uint64_t>(value.type.count());

    for (const real::Node& node : original.nodes)
        if (node.op == real::Op::tree_ensemble) {
            const real::TreeEnsemble& trees = *node.get<real::TreeAttributes>().ensemble;
            report.parameters += trees.nodes.size();
        }

    std::vector<Sample> samples;
    report.made_up = options.samples.empty();
    if (report.made_up) {
        samples = synthesise_samples(original, std::min(kMadeUpSamples, options.sample_limit), options.low,
                                     options.high, kSampleSeed);
        report.diagnostics.push_back(
            {Severity::warning,
             fmt::format("no samples: calibrated on {} made-up inputs in [{:g}, {:g}]", samples.size(),
                         options.low, options.high),
             "", "give a few hundred real inputs with --samples FILE, or their range with --range LOW:HIGH"});
    } else {
        auto read = read_samples(input_types(original), options.samples, options.sample_limit);
        if (!read) {
            fail(read.error(), "");
            return report;
        }
        samples = std::move(read).value();
    }
    std::vector<Sample> calibration;
    std::vector<Sample> held_back;
    split(std::move(samples), calibration, held_back);
    report.calibration_samples = calibration.size();

    auto quantised = inspect_quantised(original, calibration, options.quantise);
    if (!quantised) {
        fail(quantised.error(), "");
        return report;
    }
    for (const QuantiseProblem& problem : quantised.value().problems)
        report.diagnostics.push_back(
            {Severity::error,
             fmt::format("{}: {}", problem.op.empty() ? "tensor" : problem.op, problem.reason), problem.node,
             help_for(problem, original)});
    if (!quantised.value().problems.empty()) return report;
    report.weight_bits = quantised.value().bits;
    const auto graph = std::make_shared<const Graph>(std::move(quantised.value().graph));
    if (const auto valid = validate(*graph); !valid) {
        fail(valid.error(), "");
        return report;
    }
    auto planned = plan(graph);
    if (!planned) {
        fail(planned.error(), "");
        return report;
    }
    report.plan_bytes = planned.value().bytes();
    report.run_bytes = planned.value().workspace_bytes();
    auto accuracy = measure_accuracy(original, planned.value(), held_back);
    if (!accuracy) {
        fail(accuracy.error(), "");
        return report;
    }
    if (options.layers) {
        auto layers = measure_layers(original, calibration, held_back, options.quantise);
        if (!layers) {
            fail(layers.error(), "");
            return report;
        }
        report.layers = std::move(layers).value();
    }
    report.graph = graph;
    report.accuracy = std::move(accuracy).value();
    add_accuracy(report, options);
    return report;
}

}  // namespace valence::ml
