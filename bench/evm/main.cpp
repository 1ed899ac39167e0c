// valence-bench-evm: CPU time of the interpreter on state-test files.
//
//   valence-bench-evm [--json] [--min-time SECONDS] [--fork NAME] FILE|DIR…
//
// Set-up is not timed. Every run starts from the same state: the journal is reverted in between. Short
// workloads are timed in batches (the clock costs a fraction of a microsecond), long ones one by one.
#include <cstdio>
#include <ctime>

#include "state_test.hpp"
#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "valence/evm/analysis.hpp"

namespace {

using namespace valence;
namespace fs = std::filesystem;

double cpu_seconds() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

struct Timing {
    double min_us = 0;
    double median_us = 0;
    std::size_t runs = 0;
};

struct Measured {
    std::string name;
    std::string fork;
    evm::Status status = evm::Status::success;
    evm::Gas gas_used = 0;
    /// The analysis comes from the cache.
    Timing cached;
    /// The code is analysed in every run.
    Timing analysed;

    /// Gas a microsecond, in thousands.
    double ggas_per_second() const { return static_cast<double>(gas_used) / cached.min_us / 1e3; }
};

enum class Analysis { cached, each_time };

template <typename Run>
Timing measure(double min_seconds, Run run) {
    run();
    const auto start = cpu_seconds();
    run();
    const auto once = std::max(cpu_seconds() - start, 1e-7);
    // A sample lasts 100 µs at least, so that the clock's cost is lost in it.
    const auto batch = static_cast<std::size_t>(std::max(1.0, 1e-4 / once));
    std::vector<double> samples;
    double total = 0;
    while (total < min_seconds || samples.size() < 7) {
        const auto begin = cpu_seconds();
        for (std::size_t i = 0; i < batch; ++i)
            run();
        const auto elapsed = cpu_seconds() - begin;
        // Virtual machines have been seen to report no time at all for a slice.
        if (elapsed <= 0) continue;
        total += elapsed;
        samples.push_back(1e6 * elapsed / static_cast<double>(batch));
    }
    std::sort(samples.begin(), samples.end());
    return {samples.front(), samples[samples.size() / 2], samples.size() * batch};
}

Measured measure_workload(const bench::Workload& workload, double min_seconds) {
    auto& host = *workload.host;
    host.begin_transaction();
    host.access_account(workload.sender);
    host.access_account(workload.to);
    host.touch(workload.to);
    evm::Message message;
    message.gas = workload.gas_limit;
    message.recipient = workload.to;
    message.code_address = workload.to;
    message.sender = workload.sender;
    message.value = workload.value;
    message.input = workload.input;

    const auto checkpoint = host.checkpoint();
    auto& cache = evm::AnalysisCache::of_this_thread();
    evm::CallResult last;
    const auto execute = [&](Analysis analysis) {
        if (analysis == Analysis::each_time) cache.clear();
        evm::Vm vm{workload.revision, workload.block, workload.transaction, host};
        last = vm.execute(message);
        host.revert_to(checkpoint);
    };

    Measured m;
    m.name = workload.name;
    m.fork = workload.fork;
    m.cached = measure(min_seconds, [&] { execute(Analysis::cached); });
    m.analysed = measure(min_seconds, [&] { execute(Analysis::each_time); });
    m.status = last.status;
    m.gas_used = workload.gas_limit - last.gas_left;
    return m;
}

boost::json::object as_json(const Measured& m) {
    const auto timing = [](const Timing& t) {
        return boost::json::object{{"min_us", t.min_us}, {"median_us", t.median_us}, {"runs", t.runs}};
    };
    return {{"name", m.name},
            {"fork", m.fork},
            {"status", static_cast<int>(m.status)},
            {"gas_used", m.gas_used},
            {"ggas_per_second", m.ggas_per_second()},
            {"cached_analysis", timing(m.cached)},
            {"analysis_each_time", timing(m.analysed)}};
}

void print_row(const Measured& m) {
    fmt::print(
        "{:<44} {:>11} {:>11.2f} {:>11.2f} {:>8.2f} {:>11.2f} {:>11.2f}{}\n", m.name, m.gas_used,
        m.cached.min_us, m.cached.median_us, m.ggas_per_second(), m.analysed.min_us, m.analysed.median_us,
        m.status == evm::Status::success ? "" : fmt::format("  status {}", static_cast<int>(m.status)));
    std::fflush(stdout);
}

/// Folders are replaced by the .json files in them.
std::vector<fs::path> expand(const std::vector<std::string>& arguments) {
    std::vector<fs::path> files;
    for (const auto& argument : arguments) {
        if (!fs::is_directory(argument)) {
            files.emplace_back(argument);
            continue;
        }
        for (const auto& entry : fs::recursive_directory_iterator(argument)) {
            if (entry.path().extension() == ".json") files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"CPU time of the EVM interpreter on state-test files"};
    std::vector<std::string> arguments;
    bool json = false;
    double min_seconds = 0.3;
    std::string fork;
    app.add_option("files", arguments, "State-test files, or folders of them")->required();
    app.add_flag("--json", json, "Print one JSON array instead of a table");
    app.add_option("--min-time", min_seconds, "CPU seconds spent on each case and mode")
        ->capture_default_str();
    app.add_option("--fork", fork, "Only the results of this fork, e.g. London");
    CLI11_PARSE(app, argc, argv);

    boost::json::array rows;
    if (!json) {
        fmt::print("{:<44} {:>11} {:>11} {:>11} {:>8} {:>11} {:>11}\n", "case (CPU microseconds)", "gas",
                   "cached min", "median", "Ggas/s", "uncached", "median");
    }
    for (const auto& file : expand(arguments)) {
        const auto workloads = bench::load_workloads(file, fork);
        if (!workloads) {
            fmt::print(stderr, "{}\n", workloads.error().message());
            return 1;
        }
        for (const auto& workload : workloads.value()) {
            const auto m = measure_workload(workload, min_seconds);
            if (json) {
                rows.push_back(as_json(m));
            } else {
                print_row(m);
            }
        }
    }
    if (json) fmt::print("{}\n", boost::json::serialize(rows));
    return 0;
}
