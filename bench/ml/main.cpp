// valence-bench-ml: time of the fast executor on the shapes of models/benchmark.
//
//   valence-bench-ml [--json] [--threads N] [--min-time SECONDS] [--batch N] [NAME…]
//
// Planning is not timed. The least wall time of many runs is what the machine can do; the median of the CPU
// time says how much others disturbed. Bounds: two vpmaddwd a cycle are 32 products (16 where 16-bit weights
// are split), and one row of activations has to read every weight once.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "network.hpp"
#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "valence/ml/executor/run.hpp"
#include "valence/ml/graph/validate.hpp"

namespace {

using namespace valence;
using namespace valence::ml;

double seconds(clockid_t clock) {
    timespec t{};
    clock_gettime(clock, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

struct Measured {
    std::string name;
    double wall_us;  // least
    double cpu_us;   // median
    double products_per_ns;
    double weights_per_ns;
    std::size_t plan_bytes;
    std::size_t workspace_bytes;
};

Measured measure(const bench::Model& model, unsigned threads, double min_time, std::size_t batch) {
    const Plan made = plan(std::make_shared<const Graph>(model.graph)).value();
    Workspace workspace;
    const auto& part = model.graph.main;
    const auto& in = part.tensors[part.inputs[0]];
    std::vector<std::int16_t> x(in.shape.elements());
    std::vector<std::int32_t> tokens(in.shape.elements());
    for (std::size_t k = 0; k < x.size(); ++k) {
        x[k] = static_cast<std::int16_t>(k * 7919 % 32768);
        tokens[k] = static_cast<std::int32_t>(k * 31 % 256);
    }
    std::vector<std::vector<std::int16_t>> y(batch);
    std::vector<TensorView> inputs;
    std::vector<MutableTensorView> outputs;
    for (auto& out : y) {
        out.resize(part.tensors[part.outputs[0]].shape.elements());
        outputs.emplace_back(std::span(out));
        if (in.type == ElementType::activation)
            inputs.emplace_back(std::span<const std::int16_t>(x));
        else
            inputs.emplace_back(std::span<const std::int32_t>(tokens));
    }
    const auto once = [&] { VALENCE_CHECK(run(made, workspace, inputs, outputs, threads).has_value()); };
    once();
    const double before = seconds(CLOCK_MONOTONIC);
    once();
    // A sample lasts 50 µs at least, so that the clock's cost is lost in it.
    const auto runs =
        static_cast<std::size_t>(std::max(1.0, 5e-5 / (seconds(CLOCK_MONOTONIC) - before + 1e-9)));
    std::vector<double> wall;
    std::vector<double> cpu;
    double total = 0;
    while (total < min_time || wall.size() < 7) {
        const double wall_start = seconds(CLOCK_MONOTONIC);
        const double cpu_start = seconds(CLOCK_PROCESS_CPUTIME_ID);
        for (std::size_t k = 0; k < runs; ++k)
            once();
        const auto each = static_cast<double>(runs * batch);
        cpu.push_back((seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_start) * 1e6 / each);
        wall.push_back((seconds(CLOCK_MONOTONIC) - wall_start) * 1e6 / each);
        total += wall.back() * each * 1e-6;
    }
    std::nth_element(cpu.begin(), cpu.begin() + static_cast<std::ptrdiff_t>(cpu.size() / 2), cpu.end());
    const double least = *std::min_element(wall.begin(), wall.end());
    return {model.name,
            least,
            cpu[cpu.size() / 2],
            static_cast<double>(model.products) / least / 1e3,
            static_cast<double>(model.weights) / least / 1e3,
            made.bytes(),
            made.workspace_bytes()};
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Time of the fast executor on the shapes of models/benchmark"};
    bool json = false;
    unsigned threads = 1;
    double min_time = 0.3;
    std::size_t batch = 1;
    std::vector<std::string> names;
    app.add_flag("--json", json, "Machine-readable");
    app.add_option("--threads", threads, "Threads that may work")->check(CLI::Range(1, 1024));
    app.add_option("--min-time", min_time, "Seconds per model");
    app.add_option("--batch", batch, "Independent inputs per run")->check(CLI::Range(1, 4096));
    app.add_option("NAME", names, "Models; all without names")->check(CLI::IsMember(bench::model_names()));
    CLI11_PARSE(app, argc, argv);
    if (names.empty()) names = bench::model_names();

    boost::json::array results;
    if (!json)
        fmt::print("{:28} {:>12} {:>12} {:>12} {:>14} {:>10} {:>10}\n", "", "wall min µs", "CPU med. µs",
                   "GMAC/s", "Gweights/s", "plan KiB", "arena KiB");
    for (const std::string& name : names) {
        const bench::Model model = bench::make_model(name);
        VALENCE_CHECK(validate(model.graph).has_value());
        const Measured m = measure(model, threads, min_time, batch);
        if (json)
            results.push_back(boost::json::object{{"name", m.name},
                                                  {"threads", threads},
                                                  {"batch", batch},
                                                  {"wall_us", m.wall_us},
                                                  {"cpu_us", m.cpu_us},
                                                  {"gmac_per_s", m.products_per_ns},
                                                  {"plan_bytes", m.plan_bytes},
                                                  {"workspace_bytes", m.workspace_bytes}});
        else
            fmt::print("{:28} {:12.2f} {:12.2f} {:12.2f} {:14.2f} {:10} {:10}\n", m.name, m.wall_us, m.cpu_us,
                       m.products_per_ns, m.weights_per_ns, m.plan_bytes >> 10, m.workspace_bytes >> 10);
    }
    if (json) fmt::print("{}\n", boost::json::serialize(results));
}
