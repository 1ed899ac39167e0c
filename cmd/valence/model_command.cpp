// `valence model`: a model from its ONNX file to the integers that the network computes.
#include <cstdio>
#include <filesystem>
#include <memory>

#include "cmd/valence/commands.hpp"
#include "cmd/valence/commitment.hpp"
#include "cmd/valence/dev_options.hpp"
#include "cmd/valence/failure.hpp"
#include "cmd/valence/mode_costs.hpp"
#include "cmd/valence/model_options.hpp"
#include "cmd/valence/terminal.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "valence/ml/bind/bind.hpp"
#include "valence/ml/check/describe.hpp"
#include "valence/ml/check/npy.hpp"
#include "valence/ml/check/run_file.hpp"
#include "valence/ml/model/verifying_key.hpp"
#include "valence/ml/model/vmodel.hpp"
#include "valence/zk/protocol/circuit/coverage.hpp"

namespace valence::cmd {
namespace {

int run_check(ModelOptions& options) {
    const auto report = check(options);
    if (!report) return complain(report.error());
    std::string more;
    if (report.value().graph)
        more = "  operations of the integer model, and whether they can be proved\n" +
               zk::describe(zk::proof_coverage(*report.value().graph)) +
               describe_modes(*report.value().graph);
    std::fputs(ml::describe(report.value(), options.file, paint, more).c_str(), stdout);
    return report.value().usable() ? 0 : 1;
}

int run_quantize(ModelOptions& options) {
    auto report = check(options);
    if (!report) return complain(report.error());
    if (!report.value().usable()) {
        std::fputs(ml::describe(report.value(), options.file, paint).c_str(), stderr);
        return 1;
    }
    std::string path = options.output;
    if (path.empty()) path = options.file.substr(0, options.file.rfind(".onnx")) + ".vmodel";
    const CommittedModel model = with_commitment(*report.value().graph, options);
    const Bytes bytes = ml::encode_model(model.graph);
    if (const auto written = write_file(path, bytes); !written) return complain(written.error());
    const ml::ModelId id = ml::model_id(model.graph);
    std::printf("%s: %s bytes, model %s\n", path.c_str(), grouped(bytes.size()).c_str(),
                base::to_hex_prefixed(id).c_str());
    std::printf("  proofs: %s\n", model.note.c_str());
    for (const ml::OutputAccuracy& output : report.value().accuracy->outputs)
        std::printf("  '%s': relative L2 error %.4f %%\n", output.name.c_str(), 100 * output.relative_l2);
    return 0;
}

int run_info(const ModelOptions& options) {
    const auto graph = read_model(options.file);
    if (!graph) return complain(graph.error());
    const ml::ModelId id = ml::model_id(graph.value());
    std::printf("%s\n  %-12s %s\n  %-12s %s\n%s", paint(ml::Emphasis::heading, options.file).c_str(), "model",
                base::to_hex_prefixed(id).c_str(), "proofs",
                commitment_note(graph.value().commitment.size()).c_str(),
                ml::describe(graph.value()).c_str());
    return 0;
}

int run_model(const ModelOptions& options) {
    auto graph = read_model(options.file);
    if (!graph) return complain(graph.error());
    const auto done = ml::run_on_file(std::move(graph).value(), options.input, options.threads);
    if (!done) return complain(done.error());
    std::fputs(done.value().text.c_str(), stdout);
    if (options.output.empty()) return 0;
    for (std::size_t k = 0; k < done.value().outputs.size(); ++k) {
        const std::string path = fmt::format("{}/output_{}.npy", options.output, k);
        const auto written = write_file(path, ml::write_npy(done.value().outputs[k]));
        if (!written) return complain(written.error());
    }
    return 0;
}

/// What a library is called without --name: like its file, or the folder of a model.onnx.
std::string name_of(const std::filesystem::path& file) {
    const std::string stem = file.stem().string();
    const std::string folder = std::filesystem::absolute(file).parent_path().filename().string();
    return stem == "model" && !folder.empty() ? folder : stem;
}

int run_bind(ModelOptions& options) {
    const auto graph = integer_model(options);
    if (!graph) return complain(graph.error());
    const auto model = ml::bound_model(graph.value(), ml::model_id(graph.value()),
                                       options.name.empty() ? name_of(options.file) : options.name);
    const std::filesystem::path folder = options.output.empty() ? "." : options.output;
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed)
        return complain(Error{OptionError::file, folder.string() + " cannot be made: " + failed.message()});
    const std::pair<std::string_view, std::string> files[] = {
        {".sol", ml::solidity_binding(model, options.import)},
        {".ts", ml::typescript_binding(model)},
    };
    for (const auto& [extension, text] : files) {
        const std::string path = (folder / (model.type_name + std::string(extension))).string();
        if (const auto written = write_file(path, base::as_bytes(text)); !written)
            return complain(written.error());
        std::printf("%s\n", path.c_str());
    }
    std::printf("  model %s\n", base::to_hex_prefixed(model.id).c_str());
    return 0;
}

}  // namespace

void add_model_command(CLI::App& app, int& exit_code) {
    CLI::App* model = app.add_subcommand("model", "Check, quantize, run, bind, describe and push models");
    model->require_subcommand(1);
    const auto options = std::make_shared<ModelOptions>();

    CLI::App* check = model->add_subcommand(
        "check", "Say whether an ONNX model can be used, and how exact and how fast it is");
    add_check_options(*check, *options);
    check->add_flag("--layers", options->check.layers, "Measure every layer too: where accuracy is lost");
    check->callback([options, &exit_code] { exit_code = run_check(*options); });

    CLI::App* quantize = model->add_subcommand("quantize", "Make the .vmodel file of an ONNX model");
    add_check_options(*quantize, *options);
    add_commitment_option(*quantize, *options, "Options");
    quantize->add_option("-o,--out,--output", options->output,
                         "Where to write; default: beside the model, .vmodel");
    quantize->callback([options, &exit_code] { exit_code = run_quantize(*options); });

    CLI::App* run = model->add_subcommand("run", "Run a .vmodel file on inputs and print its outputs");
    run->add_option("model", options->file, "A .vmodel file")->required()->check(CLI::ExistingFile);
    run->add_option("--input", options->input,
                    "A file or folder as for --samples of check; without it zeros");
    run->add_option("-o,--out,--output", options->output, "A folder for output_K.npy, all samples stacked")
        ->check(CLI::ExistingDirectory);
    run->add_option("--threads", options->threads, "Threads that work")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    run->callback([options, &exit_code] { exit_code = run_model(*options); });

    CLI::App* bind = model->add_subcommand(
        "bind", "Write a Solidity library and TypeScript types by which a model is called");
    add_model_options(*bind, *options);
    add_commitment_option(*bind, *options, kForOnnx);
    bind->add_option("--name", options->name, "What the library is called; default: like the file");
    bind->add_option("-o,--out,--output", options->output, "The folder to write to; default: this one");
    bind->add_option("--import", options->import, "Where the library finds Inference.sol")
        ->capture_default_str();
    bind->callback([options, &exit_code] { exit_code = run_bind(*options); });

    CLI::App* info = model->add_subcommand("info", "Describe a .vmodel file");
    info->add_option("model", options->file, "A .vmodel file")->required()->check(CLI::ExistingFile);
    info->callback([options, &exit_code] { exit_code = run_info(*options); });

    add_model_push_command(*model, exit_code);
}

}  // namespace valence::cmd
