// bench-zk: proves and verifies the models of models/benchmark and says what it took.
//
//     bench-zk [--json FILE] [--models NAME,…] [--threads N] [--rounds N] [--profile 100|128]
#include <chrono>
#include <fstream>
#include <memory>
#include <sstream>

#include "bench/ml/network.hpp"
#include <boost/json.hpp>
#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>
#include <sys/resource.h>

#include "valence/ml/executor/run.hpp"
#include "valence/zk/protocol/argument/account.hpp"
#include "valence/zk/prover/prove.hpp"
#include "valence/zk/verifier/verify.hpp"

namespace {

using namespace valence;
using Clock = std::chrono::steady_clock;

struct Options {
    std::string json;
    std::vector<std::string> models{"mlp-784-56-10", "lenet5", "cnn-264k", "dense-4m", "vgg16"};
    int threads = 1;
    int rounds = 5;
    zk::SecurityProfile profile = zk::kProfile100;
};

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// The least time of several runs.
template <typename Run>
double least_milliseconds(int rounds, Run run) {
    double least = 1e300;
    for (int round = 0; round < rounds; ++round) {
        const auto start = Clock::now();
        run();
        least = std::min(least, milliseconds_since(start));
    }
    return least;
}

std::vector<ml::Values> seeded_inputs(const ml::Graph& graph) {
    std::vector<ml::Values> inputs;
    std::uint64_t state = 1;
    for (const ml::TensorId id : graph.main.inputs) {
        const ml::Tensor& tensor = graph.main.tensors[id];
        ml::Values values{tensor.type, tensor.shape, {}};
        for (std::uint64_t k = 0; k < tensor.shape.elements(); ++k) {
            state = state * 6364136223846793005 + 1442695040888963407;
            values.data.push_back(tensor.type == ml::ElementType::index
                                      ? static_cast<std::int64_t>(state >> 40) % 256
                                      : static_cast<std::int64_t>(state >> 48) - 32768);
        }
        inputs.push_back(std::move(values));
    }
    return inputs;
}

double peak_megabytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

boost::json::object measure(const std::string& name, const Options& options) {
    const bench::Model model = bench::make_model(name);
    const auto graph = std::make_shared<const ml::Graph>(model.graph);
    const auto inputs = seeded_inputs(*graph);

    const ml::Plan plan = ml::plan(graph).value();
    ml::Workspace workspace;
    const double native = least_milliseconds(options.rounds, [&] {
        static_cast<void>(ml::run(plan, workspace, inputs, static_cast<unsigned>(options.threads)).value());
    });

    const auto start = Clock::now();
    auto committed = zk::ProvingModel::commit(graph);
    if (!committed) return {{"model", name}, {"error", committed.error().message()}};
    const double commit = milliseconds_since(start);
    std::uint64_t stored = 0;
    for (const auto& table : committed.value().tables())
        stored += table->codeword().size() * sizeof(zk::Goldilocks);

    Result<zk::Proved> proved = zk::prove(committed.value(), inputs, {}, options.profile);
    if (!proved) return {{"model", name}, {"error", proved.error().message()}};
    const double prove = least_milliseconds(
        options.rounds, [&] { proved = zk::prove(committed.value(), inputs, {}, options.profile); });
    const zk::Statement statement{committed.value().provable().digest, inputs, proved.value().outputs, {}};
    const double verify = least_milliseconds(options.rounds, [&] {
        const auto verdict = zk::verify(committed.value().provable(), statement, proved.value().proof);
        if (!verdict) fmt::print(stderr, "{}: {}\n", name, verdict.error().message());
    });
    return {{"model", name},
            {"threads", options.threads},
            {"prove_ms", prove},
            {"verify_ms", verify},
            {"proof_bytes", proved.value().proof.size()},
            {"native_ms", native},
            {"commit_ms", commit},
            {"stored_bytes", stored},
            {"rss_mb", peak_megabytes()},
            {"security_bits", options.profile.target_bits}};
}

Options parse(int argc, char** argv) {
    Options options;
    for (int k = 1; k + 1 < argc; k += 2) {
        const std::string name = argv[k];
        const std::string value = argv[k + 1];
        if (name == "--json") {
            options.json = value;
        } else if (name == "--models") {
            options.models.clear();
            std::istringstream names(value);
            for (std::string each; std::getline(names, each, ',');)
                options.models.push_back(each);
        } else if (name == "--threads") {
            options.threads = std::stoi(value);
        } else if (name == "--rounds") {
            options.rounds = std::stoi(value);
        } else if (name == "--profile") {
            options.profile = value == "128" ? zk::kProfile128 : zk::kProfile100;
        } else {
            fmt::print(stderr, "unknown option {}\n", name);
            std::exit(2);
        }
    }
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    const Options options = parse(argc, argv);
    const oneapi::tbb::global_control threads(oneapi::tbb::global_control::max_allowed_parallelism,
                                              static_cast<std::size_t>(options.threads));
    fmt::print("{:<16}{:>10}{:>10}{:>10}{:>12}{:>10}{:>12}{:>9}\n", "model", "prove ms", "verify ms", "bytes",
               "native ms", "commit ms", "stored MB", "RSS MB");
    boost::json::array results;
    for (const std::string& name : options.models) {
        boost::json::object result = measure(name, options);
        if (result.contains("error")) {
            fmt::print("{:<16}{}\n", name, result["error"].as_string().c_str());
        } else {
            fmt::print("{:<16}{:>10.2f}{:>10.2f}{:>10}{:>12.3f}{:>10.0f}{:>12.1f}{:>9.0f}\n", name,
                       result["prove_ms"].as_double(), result["verify_ms"].as_double(),
                       result["proof_bytes"].to_number<std::uint64_t>(), result["native_ms"].as_double(),
                       result["commit_ms"].as_double(),
                       static_cast<double>(result["stored_bytes"].to_number<std::uint64_t>()) / 1e6,
                       result["rss_mb"].as_double());
        }
        results.push_back(std::move(result));
    }
    if (!options.json.empty())
        std::ofstream(options.json) << boost::json::serialize(boost::json::object{{"results", results}})
                                    << "\n";
    return 0;
}
