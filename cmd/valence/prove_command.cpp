// `valence prove`: a proof of one run of a model, into a file.
#include <cstdio>
#include <memory>
#include <thread>

#include "cmd/valence/commands.hpp"
#include "cmd/valence/dev_options.hpp"
#include "cmd/valence/failure.hpp"
#include "cmd/valence/model_options.hpp"
#include <CLI/CLI.hpp>

#include "valence/base/hex.hpp"
#include "valence/zk/files/prove_run.hpp"
#include "valence/zk/protocol/argument/explain.hpp"

namespace valence::cmd {
namespace {

struct ProveOptions {
    ModelOptions model;
    zk::RunOptions run;
    int profile = 100;
    std::string context;
    std::string key;
    bool explain = false;
};

int run_prove(ProveOptions& options) {
    const auto context = base::from_hex(options.context);
    if (!context)
        return complain(Error{OptionError::value, "--context " + options.context + " is not hexadecimal"});
    options.run.context = *context;
    options.run.input = options.model.input;
    options.run.threads = options.model.threads;
    options.run.profile = options.profile == 128 ? zk::kProfile128 : zk::kProfile100;

    auto graph = integer_model(options.model);
    if (!graph) return complain(graph.error());
    const auto run = zk::prove_run(std::move(graph).value(), options.run);
    if (!run) return complain(run.error());
    const auto file = zk::encode_proof_file(run.value().file);
    if (!file) return complain(file.error());
    const auto text = zk::describe(run.value());
    if (!text) return complain(text.error());
    std::fputs(text.value().c_str(), stdout);
    if (run.value().samples > 1)
        std::printf("  %-10s %zu of %zu, counted from 0; --sample K for another\n", "sample",
                    options.run.sample, run.value().samples);
    if (!options.model.output.empty()) {
        const auto done = write_file(options.model.output, file.value());
        if (!done) return complain(done.error());
        std::printf("  %-10s %s\n", "written", options.model.output.c_str());
    }
    if (!options.key.empty()) {
        const auto done = write_file(options.key, zk::encoded_key(run.value().model));
        if (!done) return complain(done.error());
        std::printf("  %-10s %s\n", "key", options.key.c_str());
    }
    if (options.explain) {
        const auto explanation =
            zk::explain(run.value().model.provable(), run.value().file.inputs, run.value().file.proof);
        if (!explanation) return complain(explanation.error());
        std::fputs(zk::describe(explanation.value()).c_str(), stdout);
    }
    return 0;
}

}  // namespace

void add_prove_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("prove", "Run a model and prove what it gave");
    const auto options = std::make_shared<ProveOptions>();
    options->model.threads = std::max(1U, std::thread::hardware_concurrency());
    add_model_options(*command, options->model);
    command->add_option("--input", options->model.input,
                        "The input: a file or folder as for --samples; without it zeros");
    command->add_option("--sample", options->run.sample, "Which of the inputs, from 0")
        ->capture_default_str();
    command->add_option("--profile", options->profile, "Bits of security")
        ->check(CLI::IsMember({100, 128}))
        ->capture_default_str();
    command->add_option("--context", options->context, "What to bind the proof to, in hexadecimal");
    command->add_option("-o,--out,--output", options->model.output,
                        "Where the proof and what it shows are written");
    command->add_option("--key", options->key,
                        "Where the model's verifying key is written, which is all that verifiers need");
    command->add_option("--threads", options->model.threads, "Threads that work")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    command->add_flag("--explain", options->explain, "Show the circuit's sizes and each round's soundness");
    command->callback([options, &exit_code] { exit_code = run_prove(*options); });
}

}  // namespace valence::cmd
