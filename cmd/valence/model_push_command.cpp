// `valence model push`: a model into the network. Quantises an ONNX file, uploads the model's file from where
// the last attempt stopped, registers and opens it.
#include <charconv>
#include <cstdio>

#include "cmd/valence/commands.hpp"
#include "cmd/valence/commitment.hpp"
#include "cmd/valence/failure.hpp"
#include "cmd/valence/model_options.hpp"
#include "cmd/valence/progress_bar.hpp"
#include "cmd/valence/registration.hpp"
#include "cmd/valence/terminal.hpp"
#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "valence/compute/model_store/push_file.hpp"
#include "valence/compute/model_store/store_error.hpp"
#include "valence/ml/model/vmodel.hpp"
#include "valence/outcome/replay.hpp"

namespace valence::cmd {
namespace {

/// Inputs up to this many are written out in the example; more are made by the shell.
constexpr std::uint64_t kExampleInputs = 24;
constexpr std::string_view kInference = "0x00000000000000000000000000000000000000F4";

struct PushOptions {
    ModelOptions model;
    std::string rpc = "http://127.0.0.1:8545";
    std::string private_key;
    std::string from;
    std::vector<std::string> modes;
    RegistrationTerms terms;
    bool only_upload = false;
};

struct ModelFile {
    compute::File file;
    /// Whether runs of it can be proved, for people.
    std::string proofs;
};

/// The model's file: the one given, or that of the ONNX file, quantised. Nothing when that cannot be used;
/// what is wrong is said.
Result<std::optional<ModelFile>> model_file(ModelOptions& options) {
    BOOST_OUTCOME_TRY(auto given, compute::File::open_to_read(options.file));
    const auto head = given.read(0, ml::kHeaderSize);
    if (head.has_value() && base::as_text(head.value()).starts_with("vmodel")) {
        BOOST_OUTCOME_TRY(const auto header, ml::decode_header(head.value()));
        return std::optional(ModelFile{std::move(given), commitment_note(header.commitment_bytes)});
    }
    std::fprintf(stderr, "Quantising %s…\n", options.file.c_str());
    BOOST_OUTCOME_TRY(const auto report, check(options));
    if (!report.usable()) {
        std::fputs(ml::describe(report, options.file, paint).c_str(), stderr);
        return std::optional<ModelFile>();
    }
    for (const ml::OutputAccuracy& output : report.accuracy->outputs)
        std::fprintf(stderr, "  '%s': relative L2 error %.4f %%\n", output.name.c_str(),
                     100 * output.relative_l2);
    std::error_code failed;
    BOOST_OUTCOME_TRY(auto file, compute::File::nameless(std::filesystem::temp_directory_path(failed)));
    auto model = with_commitment(*report.graph, options);
    BOOST_OUTCOME_TRY(file.write(0, ml::encode_model(model.graph)));
    return std::optional(ModelFile{std::move(file), std::move(model.note)});
}

Result<outcome::ModeSet> mode_set(const std::vector<std::string>& names) {
    outcome::ModeSet set = 0;
    for (const auto& facts : outcome::all_modes())
        if (names.empty()) set |= outcome::bit(facts.mode);
    for (const auto& name : names) {
        const auto mode = outcome::mode_from_name(name);
        if (!mode || *mode == outcome::Mode::automatic)
            return Error{RegistrationError::unknown_mode, "--modes " + name};
        set |= outcome::bit(*mode);
    }
    return set;
}

/// Those of the set in which calls of the model are answered now.
std::vector<outcome::ModeFacts> usable_modes(outcome::ModeSet set, const compute::PushedModel& model) {
    const auto key = ml::decode_verifying_key(model.verifying_key);
    if (!key || key.value().commitment.empty())
        set = static_cast<outcome::ModeSet>(set & ~outcome::bit(outcome::Mode::zk));
    std::vector<outcome::ModeFacts> usable;
    for (const auto& facts : outcome::all_modes())
        if (outcome::contains(set, facts.mode) && facts.available == outcome::Available::yes)
            usable.push_back(facts);
    return usable;
}

std::string names_of(const std::vector<outcome::ModeFacts>& modes) {
    std::string names;
    for (const auto& facts : modes)
        names += (names.empty() ? "" : ", ") + std::string(facts.name);
    return names.empty() ? "none that this network has" : names;
}

void say(const char* name, const std::string& value) { std::printf("  %-12s %s\n", name, value.c_str()); }

/// A line to copy that calls the model in that mode.
std::string example(const compute::PushedModel& model, outcome::Mode mode, const std::string& rpc) {
    const auto key = ml::decode_verifying_key(model.verifying_key);
    const std::uint64_t inputs = key ? outcome::input_size(key.value().graph) : 0;
    std::string list;
    for (std::uint64_t i = 0; i < inputs && inputs <= kExampleInputs; ++i)
        list += i == 0 ? "0" : ",0";
    if (inputs > kExampleInputs) list = fmt::format("$(yes 0 | head -n {} | paste -sd, -)", inputs);
    const bool is_signed = mode == outcome::Mode::operator_signed;
    return fmt::format("cast call {} \"{}(int256[])\" {} {} \"[{}]\" --rpc-url {}", kInference,
                       is_signed ? "inferSigned(bytes32,address,int256[])" : "infer(bytes32,uint8,int256[])",
                       base::to_hex_prefixed(model.id),
                       is_signed ? "OPERATOR" : std::to_string(static_cast<unsigned>(mode)), list, rpc);
}

/// As a shell takes it in one piece.
std::string quoted(const std::string& text) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
    if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

/// The file and the options on which its id depends, as `valence model bind` takes them.
std::string same_model(const ModelOptions& options) {
    std::string out = quoted(options.file);
    const auto add = [&out](const char* option, const std::string& value) {
        if (!value.empty()) out += std::string(" ") + option + " " + quoted(value);
    };
    add("--samples", options.check.samples);
    if (options.check.sample_limit != ml::CheckOptions{}.sample_limit)
        add("--sample-limit", std::to_string(options.check.sample_limit));
    add("--range", options.range);
    for (const auto& dim : options.dims)
        add("--dim", dim);
    for (const auto& shape : options.shapes)
        add("--shape", shape);
    for (const auto& constant : options.constants)
        add("--constant", constant);
    if (options.weights != ModelOptions{}.weights) add("--weights", options.weights);
    if (options.no_proofs) out += " --no-proofs";
    return out;
}

/// Says which of the terms that were asked for a model registered before does not have.
void say_what_stays(const PushOptions& options, const Registration& done) {
    std::string stays;
    const auto add = [&stays](bool differs, const char* option) {
        if (differs) stays += (stays.empty() ? "" : ", ") + std::string(option);
    };
    add(!options.terms.name.empty() && !done.has_name, "--name");
    add(!options.terms.metadata.empty(), "--metadata");
    add(!options.modes.empty() && done.policy.modes != options.terms.modes, "--modes");
    add(options.terms.royalty != 0 && done.policy.royalty != options.terms.royalty, "--royalty");
    if (stays.empty()) return;
    std::fflush(stdout);
    std::fprintf(
        stderr,
        "%s: the model was registered before, and its terms stay; without effect: %s. Its owner changes "
        "them in ModelRegistry\n",
        paint(ml::Emphasis::warning, "warning").c_str(), stays.c_str());
}

Result<int> push(PushOptions& options) {
    BOOST_OUTCOME_TRY(const auto url, client::parse_url(options.rpc));
    BOOST_OUTCOME_TRY(options.terms.modes, mode_set(options.modes));
    client::JsonRpcClient node(url);
    // Before the work: whether the node is there, and who pays.
    BOOST_OUTCOME_TRY(node.call("eth_chainId"));
    std::optional<TransactionSender> sender;
    if (!options.only_upload) {
        BOOST_OUTCOME_TRY(sender, TransactionSender::make(node, options.private_key, options.from));
    }
    BOOST_OUTCOME_TRY(const auto file, model_file(options.model));
    if (!file) return 1;

    std::optional<compute::PushedModel> model;
    {
        ProgressBar bar("Uploading");
        BOOST_OUTCOME_TRY(auto pushed,
                          compute::push_file(node, file->file, [&](const compute::PushProgress& p) {
                              bar.show(p.sent, p.total);
                          }));
        model = std::move(pushed);
    }
    std::printf("%s %s\n", paint(ml::Emphasis::heading, "model").c_str(),
                base::to_hex_prefixed(model->id).c_str());
    BOOST_OUTCOME_TRY(const auto bytes, file->file.size());
    say("file", bytes_text(bytes));
    say("proofs", file->proofs);
    if (!sender) return 0;

    BOOST_OUTCOME_TRY(const auto done,
                      register_model(*sender, model->id, model->verifying_key, options.terms));
    if (done.registered)
        say("registered",
            fmt::format("in block {}, gas {}", done.registered->block, grouped(done.registered->gas)));
    else
        say("registered", "before, by " + checksummed(done.policy.owner));
    if (done.opened)
        say("opened", fmt::format("in block {}, gas {}", done.opened->block, grouped(done.opened->gas)));
    say("usable", fmt::format("from block {} on", done.policy.opens_at));
    const auto usable = usable_modes(done.policy.modes, *model);
    say("modes", names_of(usable));
    say("royalty", fmt::format("{}.{:02} %", done.policy.royalty / 100, done.policy.royalty % 100));
    if (done.has_name)
        say("name", options.terms.name +
                        (done.named ? fmt::format(", added in block {}", done.named->block) : std::string()));
    if (!done.registered) say_what_stays(options, done);
    if (!usable.empty())
        std::printf("\nCall it:\n  %s\n", example(*model, usable.front().mode, options.rpc).c_str());
    std::printf("\nWrite a contract that does:\n  valence model bind %s\n",
                same_model(options.model).c_str());
    return 0;
}

}  // namespace

void add_model_push_command(CLI::App& model, int& exit_code) {
    CLI::App* command = model.add_subcommand("push", "Upload, register and open a model");
    const auto options = std::make_shared<PushOptions>();
    add_model_options(*command, options->model);
    add_commitment_option(*command, options->model, kForOnnx);
    command->add_option("--rpc", options->rpc, "The node")->capture_default_str()->group("Network");
    command
        ->add_option("--private-key", options->private_key,
                     "Signs the transactions; without it an account of the node does")
        ->envname("VALENCE_PRIVATE_KEY")
        ->group("Network");
    command->add_option("--from", options->from, "The node's account that sends; its first one without it")
        ->group("Network");
    command->add_flag("--only-upload", options->only_upload, "Send no transactions")->group("Network");
    command
        ->add_option("--name", options->terms.name,
                     "A name in the registry, of which this becomes the next version (a-z 0-9 - . _ /)")
        ->group("Terms");
    command->add_option("--metadata", options->terms.metadata, "URI of a description")->group("Terms");
    command
        ->add_option("--modes", options->modes,
                     "Modes in which it may be used: replay, zk, tee, optimistic, quorum, signed; all, when "
                     "none is given")
        ->delimiter(',')
        ->group("Terms");
    command
        ->add_option("--royalty", options->terms.royalty,
                     "The owner's share of the compute part of fees, in hundredths of a percent")
        ->check(CLI::Range(0, 5000))
        ->capture_default_str()
        ->group("Terms");
    command->callback([options, &exit_code] {
        const auto done = push(*options);
        exit_code = done ? done.value() : complain(done.error());
    });
}

}  // namespace valence::cmd
