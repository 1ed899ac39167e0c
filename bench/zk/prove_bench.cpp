// bench-zk: proves and verifies the benchmark's models and says what it took, each in processes of its own.
//
//     bench-zk [--json FILE] [--markdown FILE] [--models NAME,…] [--threads N] [--rounds N] [--profile
//     100|128] [--keep FOLDER]
//
// A model that fails says why, and the others go on; the program then ends with 1.
#include <fstream>

#include "bench/ml/network.hpp"
#include "bench/zk/measurement.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "valence/base/freed_memory.hpp"

namespace {

struct BenchmarkModel {
    const char* name;
    /// Its name in bench/ml and models/benchmark.
    const char* network;
    /// What is aimed at on one core at 100 bits: milliseconds to prove and to verify, KiB of proof.
    double prove, verify, size;
};

constexpr BenchmarkModel kModels[] = {
    {"mlp-784-56-10", "mlp-784-56-10", 5, 3, 150}, {"lenet5", "lenet5", 12, 5, 180},
    {"cnn-264k", "cnn-264k", 25, 5, 220},          {"dense-4m", "dense-4m", 25, 5, 350},
    {"vgg16", "vgg16-cifar", 300, 10, 400},        {"gbt-100x6", "trees-100x6", 6, 3, 150},
    {"gpt-mini", "small-gpt", 250, 10, 300},       {"gpt2-64", "gpt2-small-64", 8000, 30, 768},
};

/// Other names are those of bench/ml.
const BenchmarkModel* find(const std::string& name) {
    const auto* const found =
        std::ranges::find_if(kModels, [&](const auto& each) { return each.name == name; });
    return found == std::end(kModels) ? nullptr : found;
}

double number(const boost::json::object& result, const char* key) {
    return result.at(key).to_number<double>();
}

std::string line_of(const boost::json::object& result) {
    const std::string name(result.at("model").as_string());
    if (result.contains("error"))
        return fmt::format("{:<16}failed: {}\n", name, std::string(result.at("error").as_string()));
    return fmt::format(
        "{:<16}{:>10.2f}{:>10.2f}{:>10.2f}{:>10}{:>11.3f}{:>10.0f}{:>11.1f}{:>9.0f}{:>8.1f}\n", name,
        number(result, "prove_ms"), number(result, "prove_cpu_ms"), number(result, "verify_ms"),
        number(result, "proof_bytes"), number(result, "native_ms"), number(result, "commit_ms"),
        number(result, "stored_bytes") / 1e6, number(result, "rss_mb"), number(result, "security_bits"));
}

std::string markdown_of(const boost::json::array& results) {
    std::string text =
        "| model | prove ms (target) | CPU ms | verify ms (target) | proof KiB (target) | native ms | commit "
        "ms | "
        "stored MB | memory MB | bits | all rounds |\n|---|---|---|---|---|---|---|---|---|---|---|\n";
    for (const auto& each : results) {
        const boost::json::object& result = each.as_object();
        const std::string name(result.at("model").as_string());
        if (result.contains("error")) {
            text += fmt::format("| {} | failed: {} | | | | | | | | | |\n", name,
                                std::string(result.at("error").as_string()));
            continue;
        }
        const BenchmarkModel* const model = find(name);
        const auto target = [&](double BenchmarkModel::* of) {
            return model == nullptr ? std::string() : fmt::format(" ({:g})", model->*of);
        };
        text += fmt::format(
            "| {} | {:.2f}{} | {:.2f} | {:.2f}{} | {:.0f}{} | {:.3f} | {:.0f} | {:.1f} | {:.0f} | {:.1f} | "
            "{:.1f} |\n",
            name, number(result, "prove_ms"), target(&BenchmarkModel::prove), number(result, "prove_cpu_ms"),
            number(result, "verify_ms"), target(&BenchmarkModel::verify),
            number(result, "proof_bytes") / 1024, target(&BenchmarkModel::size), number(result, "native_ms"),
            number(result, "commit_ms"), number(result, "stored_bytes") / 1e6, number(result, "rss_mb"),
            number(result, "security_bits"), number(result, "union_bits"));
    }
    return text;
}

}  // namespace

int main(int argc, char** argv) {
    valence::base::keep_freed_memory();
    std::string json;
    std::string markdown;
    std::vector<std::string> models;
    bench::MeasurementOptions options;
    int profile = 100;
    bool stages = false;

    CLI::App app{"Proves and verifies the benchmark's models and says what it took"};
    app.add_option("--json", json, "Write the results there as JSON");
    app.add_option("--markdown", markdown, "Write the results there as a Markdown table");
    std::string known;
    for (const BenchmarkModel& model : kModels)
        known += (known.empty() ? "" : ", ") + std::string(model.name);
    app.add_option("--models", models, "Which ones of " + known + " (all, without), or others of bench/ml")
        ->delimiter(',');
    app.add_option("--threads", options.threads, "Threads that may work")->check(CLI::Range(1, 1024));
    app.add_flag("--stages", stages, "Say how long each stage of a proof took");
    app.add_option("--rounds", options.rounds, "Runs, of which the quickest counts")
        ->check(CLI::Range(1, 1000));
    app.add_option("--profile", profile, "Bits of security")->check(CLI::IsMember({100, 128}));
    app.add_option("--keep", options.folder, "Keep each model's key and proof in this folder");
    CLI11_PARSE(app, argc, argv);
    options.profile = profile == 128 ? valence::zk::kProfile128 : valence::zk::kProfile100;
    if (models.empty()) {
        for (const BenchmarkModel& model : kModels)
            models.emplace_back(model.name);
    }

    fmt::print("{:<16}{:>10}{:>10}{:>10}{:>10}{:>11}{:>10}{:>11}{:>9}{:>8}\n", "model", "prove ms", "CPU ms",
               "verify ms", "bytes", "native ms", "commit ms", "stored MB", "RSS MB", "bits");
    boost::json::array results;
    bool failed = false;
    for (const std::string& name : models) {
        const BenchmarkModel* const model = find(name);
        std::fflush(stdout);  // the child would print what is buffered again
        results.push_back(bench::measure_apart(name, model == nullptr ? name : model->network, options));
        const boost::json::object& result = results.back().as_object();
        failed |= result.contains("error");
        fmt::print("{}", line_of(result));
        if (!stages || !result.contains("stages_ms")) continue;
        const boost::json::object& cpu = result.at("stages_cpu_ms").as_object();
        for (const auto& stage : result.at("stages_ms").as_object())
            fmt::print("    {:<22}{:>10.2f}{:>10.2f}\n", std::string(stage.key()),
                       stage.value().to_number<double>(), cpu.at(stage.key()).to_number<double>());
    }
    const auto write = [&failed](const std::string& path, const std::string& text) {
        if (path.empty()) return;
        std::ofstream file(path);
        if (file << text << std::flush) return;
        fmt::print(stderr, "error: {} cannot be written\n", path);
        failed = true;
    };
    write(json, boost::json::serialize(boost::json::object{{"results", results}}) + "\n");
    write(markdown, markdown_of(results));
    return failed ? 1 : 0;
}
