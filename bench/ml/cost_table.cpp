// valence-bench-ml-cost: time of one run for each unit of its cost, operation by operation, in the shapes
// that are worst for it; the table of docs/ml-cost.md.
//
//   valence-bench-ml-cost [--min-time SECONDS] [NAME]
//
// Times are CPU times, medians, of one thread. A ratio of 1 is the large product of 8-bit weights of the
// first row under the same instruction set; far above 1 an operation is charged too little.
#include <algorithm>
#include <cstdio>
#include <ctime>

#include "cost_cases.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "valence/ml/executor/run.hpp"
#include "valence/ml/graph/cost.hpp"
#include "valence/ml/graph/validate.hpp"

namespace {

using namespace valence;
using namespace valence::ml;

double cpu_ns() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return 1e9 * static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec);
}

/// Inputs without any order, indices within the table of the largest gather.
std::vector<Values> inputs_of(const Graph& graph) {
    std::vector<Values> inputs;
    std::uint64_t state = 1;
    for (const TensorId id : graph.main.inputs) {
        const Tensor& tensor = graph.main.tensors[id];
        Values values{tensor.type, tensor.shape, {}};
        for (std::uint64_t k = 0; k < tensor.shape.elements(); ++k) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            const auto top = static_cast<std::int64_t>(state >> 33);
            values.data.push_back(tensor.type == ElementType::index ? top % (1 << 24) : top % 65536 - 32768);
        }
        inputs.push_back(std::move(values));
    }
    return inputs;
}

double run_ns(const Graph& graph, executor::InstructionSet instructions, double min_time) {
    const Plan made = plan(std::make_shared<const Graph>(graph), {.instructions = instructions}).value();
    Workspace workspace;
    const std::vector<Values> values = inputs_of(graph);
    std::vector<std::vector<std::int16_t>> narrow(64);
    std::vector<std::vector<std::int32_t>> wide(64);
    std::vector<TensorView> inputs;
    std::vector<MutableTensorView> outputs;
    std::size_t used = 0;
    for (const Values& value : values) {
        if (value.type == ElementType::activation)
            inputs.emplace_back(
                std::span<const std::int16_t>(narrow.emplace_back(value.data.begin(), value.data.end())));
        else
            inputs.emplace_back(
                std::span<const std::int32_t>(wide.emplace_back(value.data.begin(), value.data.end())));
    }
    for (const TensorId id : graph.main.outputs) {
        const Tensor& tensor = graph.main.tensors[id];
        if (tensor.type == ElementType::activation) {
            narrow[used].resize(tensor.shape.elements());
            outputs.emplace_back(std::span(narrow[used++]));
        } else {
            wide[used].resize(tensor.shape.elements());
            outputs.emplace_back(std::span(wide[used++]));
        }
    }
    const auto once = [&] { VALENCE_CHECK(run(made, workspace, inputs, outputs).has_value()); };
    once();
    std::vector<double> times;
    for (const double start = cpu_ns(); times.size() < 5 || cpu_ns() - start < min_time * 1e9;) {
        const double before = cpu_ns();
        once();
        times.push_back(cpu_ns() - before);
    }
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2),
                     times.end());
    return times[times.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Time of a run for each unit of its cost"};
    double min_time = 0.1;
    std::string name;
    app.add_option("--min-time", min_time, "Seconds per case and instruction set");
    app.add_option("NAME", name, "Cases whose name has this in it, beside the first");
    CLI11_PARSE(app, argc, argv);

    std::vector<executor::InstructionSet> sets{executor::best_instruction_set()};
    if (sets[0] != executor::InstructionSet::portable) sets.push_back(executor::InstructionSet::portable);
    std::vector<double> unit(sets.size());
    fmt::print("| operation | work | ns | ratio | portable ns | ratio |\n|---|---|---|---|---|---|\n");
    bool first = true;
    for (bench::CostCase& made : bench::cost_cases()) {
        if (!first && made.name.find(name) == std::string::npos) continue;
        for (const TensorId id : made.graph.main.inputs)
            made.graph.inputs.push_back({fmt::format("x{}", made.graph.inputs.size()), "", id, {}});
        for (const TensorId id : made.graph.main.outputs)
            made.graph.outputs.push_back({fmt::format("y{}", made.graph.outputs.size()), "", id, {}});
        if (const auto valid = validate(made.graph); valid.has_error()) {
            fmt::print(stderr, "{}: {}\n", made.name, valid.error().message());
            return 1;
        }
        const auto work = static_cast<double>(cost_of(made.graph).total.work);
        fmt::print("| {} | {:.3g} ", made.name, work);
        for (std::size_t k = 0; k < sets.size(); ++k) {
            const double ns = run_ns(made.graph, sets[k], min_time);
            if (first) unit[k] = ns / work;
            fmt::print("| {:.3g} | {:.1f} ", ns, ns / work / unit[k]);
        }
        fmt::print("|\n");
        std::fflush(stdout);
        first = false;
    }
}
