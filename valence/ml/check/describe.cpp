#include "valence/ml/check/describe.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "valence/ml/graph/cost.hpp"
#include "valence/ml/graph/describe.hpp"

namespace valence::ml {
namespace {

std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t k = digits.size(); k > 3; k -= 3)
        digits.insert(k - 3, ",");
    return digits;
}

std::string bytes(std::uint64_t count) {
    constexpr double kKiB = 1024;
    if (count >= 10 << 20) return fmt::format("{:.1f} MiB", static_cast<double>(count) / (kKiB * kKiB));
    if (count >= 10 << 10) return fmt::format("{:.1f} KiB", static_cast<double>(count) / kKiB);
    return grouped(count) + " bytes";
}

std::string duration(double microseconds) {
    if (microseconds >= 1e6) return fmt::format("{:.2f} s", microseconds / 1e6);
    if (microseconds >= 1e3) return fmt::format("{:.2f} ms", microseconds / 1e3);
    return fmt::format("{:.1f} µs", microseconds);
}

/// "label" in a column, then the text.
void line(std::string& out, std::string_view label, const std::string& text) {
    out += fmt::format("  {:<12} {}\n", label, text);
}

void add_model(std::string& out, const ImportReport& import, const Paint& paint) {
    std::string opsets;
    for (const auto& [domain, version] : import.opsets)
        opsets +=
            fmt::format("{}{} {}", opsets.empty() ? "" : ", ", domain.empty() ? "opset" : domain, version);
    line(out, "made by",
         fmt::format("{} ({})", import.producer.empty() ? "unknown" : import.producer, opsets));
    std::size_t width = 0;
    for (const OperatorUse& use : import.operators)
        width = std::max(width, use.op.size());
    out += "  operators\n";
    for (const OperatorUse& use : import.operators) {
        const bool refused = std::any_of(import.problems.begin(), import.problems.end(),
                                         [&](const ImportProblem& p) { return p.op == use.op; });
        const std::string status = !use.known ? paint(Emphasis::error, "not supported")
                                   : refused  ? paint(Emphasis::error, "not in this form")
                                              : paint(Emphasis::good, "ok");
        out += fmt::format("    {:<{}} {:>5}  {}\n", use.op, width, use.count, status);
    }
}

void add_ports(std::string& out, const Graph& graph) {
    const auto add = [&](std::string_view label, const std::vector<Port>& ports) {
        for (const Port& port : ports) {
            const Tensor& tensor = graph.main.tensors[port.tensor];
            std::string what = fmt::format("'{}' [{}] ", port.name, to_string(tensor.shape));
            if (tensor.type == ElementType::index) {
                what += "whole numbers";
            } else if (!port.exponents.empty()) {
                const auto [least, most] = std::minmax_element(port.exponents.begin(), port.exponents.end());
                what += fmt::format("scales of their own, from 2^{} to 2^{}", -*most, -*least);
            } else {
                const double step = std::ldexp(1.0, -tensor.exponent);
                what += fmt::format("steps of {:.3g} within ±{:.4g}", step, 32768 * step);
            }
            line(out, label, what);
            label = "";
        }
    };
    add("inputs", graph.inputs);
    add("outputs", graph.outputs);
}

void add_cost(std::string& out, const CheckReport& report) {
    const Cost cost = cost_of(*report.graph).total;
    line(out, "parameters",
         fmt::format("{}, as {}-bit integers", grouped(report.parameters), report.weight_bits));
    line(out, "work",
         fmt::format("{} multiply-accumulates, {} table lookups", grouped(cost.multiply_accumulates),
                     grouped(cost.lookups)));
    line(
        out, "memory",
        fmt::format("{} of weights and tables, {} a run", bytes(report.plan_bytes), bytes(report.run_bytes)));
}

void add_accuracy(std::string& out, const CheckReport& report) {
    const Accuracy& accuracy = *report.accuracy;
    line(out, "run time",
         fmt::format("{} on one thread of this machine (replay: what every node spends)",
                     duration(accuracy.run_microseconds)));
    line(out, "accuracy",
         fmt::format("on {} {} inputs, after calibrating on {}", accuracy.samples,
                     report.made_up ? "made-up" : "held-back", report.calibration_samples));
    for (const OutputAccuracy& output : accuracy.outputs) {
        std::string what = fmt::format("    '{}': largest error {:.3g}, relative L2 error {:.4f} %",
                                       output.name, output.max_error, 100 * output.relative_l2);
        if (output.agreement)
            what += fmt::format(", same arg-max or label {:.2f} %", 100 * *output.agreement);
        out += what + "\n";
    }
}

void add_layers(std::string& out, const CheckReport& report) {
    if (report.layers.empty()) return;
    out += "  layers (on one input)\n";
    for (const OutputAccuracy& layer : report.layers)
        out += fmt::format("    {:8.4f} %  {}\n", 100 * layer.relative_l2, layer.name);
}

void add_diagnostics(std::string& out, const CheckReport& report, const Paint& paint) {
    static constexpr std::array kNames{std::pair{Emphasis::error, "error"},
                                       std::pair{Emphasis::warning, "warning"},
                                       std::pair{Emphasis::faint, "note"}};
    for (const Severity severity : {Severity::note, Severity::warning, Severity::error})
        for (const Diagnostic& diagnostic : report.diagnostics) {
            if (diagnostic.severity != severity) continue;
            const auto& [emphasis, name] = kNames[static_cast<std::size_t>(severity)];
            out += fmt::format("\n{}: {}\n", paint(emphasis, name), diagnostic.what);
            if (!diagnostic.where.empty()) out += fmt::format("   at: {}\n", diagnostic.where);
            if (!diagnostic.help.empty()) out += fmt::format("   do: {}\n", diagnostic.help);
        }
}

}  // namespace

std::string describe(const CheckReport& report, std::string_view file, const Paint& paint,
                     std::string_view more) {
    std::string out = paint(Emphasis::heading, file) + "\n";
    if (report.import) add_model(out, *report.import, paint);
    if (report.graph) {
        add_ports(out, *report.graph);
        add_cost(out, report);
        add_accuracy(out, report);
        add_layers(out, report);
    }
    out += more;
    add_diagnostics(out, report, paint);
    const auto errors = std::count_if(report.diagnostics.begin(), report.diagnostics.end(),
                                      [](const Diagnostic& d) { return d.severity == Severity::error; });
    out += "\n";
    out += report.usable() ? paint(Emphasis::good, "ok") + ": this model can be used\n"
                           : fmt::format("{}: {} error{}; this model cannot be used as it is\n",
                                         paint(Emphasis::error, "failed"), errors, errors == 1 ? "" : "s");
    return out;
}

std::string describe(const Graph& graph) {
    std::string out;
    add_ports(out, graph);
    std::map<std::string_view, std::size_t> counts;
    const auto count = [&](const Subgraph& subgraph) {
        for (const Node& node : subgraph.nodes)
            ++counts[name(node.operation)];
    };
    count(graph.main);
    for (const Subgraph& body : graph.bodies)
        count(body);
    std::size_t weight_bytes = 0;
    for (const Weight& weight : graph.weights)
        weight_bytes += weight.data.size();
    const Cost cost = cost_of(graph).total;
    line(out, "weights", fmt::format("{} in {} tensors", bytes(weight_bytes), graph.weights.size()));
    line(out, "work",
         fmt::format("{} multiply-accumulates, {} table lookups", grouped(cost.multiply_accumulates),
                     grouped(cost.lookups)));
    out += "  operations\n";
    for (const auto& [operation, uses] : counts)
        out += fmt::format("    {:<22} {:>5}\n", operation, uses);
    return out;
}

}  // namespace valence::ml
