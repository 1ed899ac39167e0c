// `valence verify`: whether a proof's file holds, of a model.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "cmd/valence/commands.hpp"
#include "cmd/valence/dev_options.hpp"
#include "cmd/valence/failure.hpp"
#include "cmd/valence/model_options.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "valence/ml/model/verifying_key.hpp"
#include "valence/zk/files/check_proof.hpp"

namespace valence::cmd {
namespace {

struct VerifyOptions {
    std::string proof;
    ModelOptions model;
    std::string context;
};

Error in_file(const Error& error, const std::string& path) {
    return {error.code, error.context.empty() ? path : error.context + " (" + path + ")"};
}

Result<zk::ProofFile> read_proof(const std::string& path) {
    // Looked at before it is read: the file may be from anyone.
    std::error_code unknown;
    const auto size = std::filesystem::file_size(path, unknown);
    if (!unknown && size > zk::kMaxProofFile)
        return Error{OptionError::file,
                     fmt::format("{}: {} bytes, more than a proof's file may have", path, size)};
    BOOST_OUTCOME_TRY(const auto content, read_file(path));
    auto file = zk::decode_proof_file(base::as_bytes(content));
    if (!file) return in_file(file.error(), path);
    return file;
}

Result<zk::ProvableModel> read_provable(ModelOptions& options) {
    BOOST_OUTCOME_TRY(const auto content, read_file(options.file));
    const BytesView bytes = base::as_bytes(content);
    if (!options.file.ends_with(".onnx") && !bytes.empty() && bytes[0] <= ml::kProvableKeyVersion) {
        const auto read = [&]() -> Result<zk::ProvableModel> {
            BOOST_OUTCOME_TRY(const ml::VerifyingKey key, ml::decode_verifying_key(bytes));
            return zk::provable_model(key);
        };
        auto model = read();
        if (!model) return in_file(model.error(), options.file);
        return model;
    }
    BOOST_OUTCOME_TRY(auto graph, integer_model(options));
    return zk::provable(std::move(graph));
}

int refuse(const Error& error) {
    std::fprintf(stderr, "%s: %s\n", paint(ml::Emphasis::error, "not valid").c_str(),
                 in_words(error).c_str());
    return kFailed;
}

int run_verify(VerifyOptions& options) {
    const auto file = read_proof(options.proof);
    if (!file) return complain(file.error());
    const auto model = read_provable(options.model);
    if (!model) return complain(model.error());
    if (!options.context.empty()) {
        const auto context = base::from_hex(options.context);
        if (!context)
            return complain(
                Error{OptionError::value, "--context " + options.context + " is not hexadecimal"});
        if (*context != file.value().context)
            return refuse(Error{OptionError::value, file.value().context.empty()
                                                        ? "the proof is bound to no context"
                                                        : "the proof is bound to another context, " +
                                                              base::to_hex_prefixed(file.value().context)});
    }
    const auto start = std::chrono::steady_clock::now();
    const auto verdict = zk::check_proof(model.value(), file.value());
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    if (!verdict) return refuse(verdict.error());
    const auto text = zk::describe(model.value(), file.value());
    if (!text) return complain(text.error());
    std::printf("%s: the model with this id\n%s  %-10s %.1f ms\n", paint(ml::Emphasis::good, "valid").c_str(),
                text.value().c_str(), "verified in", took.count());
    return 0;
}

}  // namespace

void add_verify_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("verify", "Check a proof that `valence prove` wrote");
    const auto options = std::make_shared<VerifyOptions>();
    command->add_option("proof", options->proof, "The proof's file")->required()->check(CLI::ExistingFile);
    command
        ->add_option("--model", options->model.file,
                     "The verifying key (prove --key writes it), or the model itself: .vmodel, or .onnx")
        ->required()
        ->check(CLI::ExistingFile);
    add_import_options(*command, options->model, kForOnnx);
    command->add_option("--context", options->context, "Refuse a proof bound to anything else (hexadecimal)");
    command->callback([options, &exit_code] { exit_code = run_verify(*options); });
}

}  // namespace valence::cmd
