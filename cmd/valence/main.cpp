// The program `valence`: one subcommand a file, see --help.
#include <cstdio>

#include "cmd/valence/commands.hpp"
#include "cmd/valence/failure.hpp"
#include "cmd/valence/help_format.hpp"
#include <CLI/CLI.hpp>

#include "valence/base/freed_memory.hpp"

namespace valence::cmd {
namespace {

/// The command that was named last: `valence model` of `valence model foo`.
const CLI::App& named_command(const CLI::App& app) {
    const CLI::App* command = &app;
    while (!command->get_subcommands().empty())
        command = command->get_subcommands().back();
    return *command;
}

std::string full_name(const CLI::App& command) {
    const auto* parent = command.get_parent();
    return parent == nullptr ? command.get_name() : full_name(*parent) + " " + command.get_name();
}

/// What is wrong with a command line, in our words.
std::string wrong(const CLI::App& command, const CLI::ParseError& error) {
    const auto left = command.remaining();
    const bool has_commands = command.get_require_subcommand_min() > 0;
    if (has_commands && !left.empty())
        return left.front().starts_with('-')
                   ? left.front() + " is no option of " + full_name(command)
                   : "there is no command " + full_name(command) + " " + left.front();
    if (has_commands && error.get_name() == "RequiredError") return "a command is missing";
    std::string said = error.what();
    constexpr std::string_view kConversion = "Could not convert: ";
    if (said.starts_with(kConversion)) return said.substr(kConversion.size()) + " is no number, or too large";
    constexpr std::string_view kExtra = " not expected: ";
    if (const auto extra = said.find(kExtra); extra != std::string::npos)
        return said.substr(extra + kExtra.size()) + " is not expected";
    return said;
}

/// Shows the help or the version that were asked for, or says what is wrong. The exit status.
int answer(const CLI::App& app, const CLI::ParseError& error) {
    const auto& command = named_command(app);
    const bool is_unknown = command.get_require_subcommand_min() > 0 && !command.remaining().empty();
    if (error.get_exit_code() == 0 && !is_unknown) return app.exit(error);
    std::fprintf(stderr, "error: %s\n`%s --help` says more.\n", wrong(command, error).c_str(),
                 full_name(command).c_str());
    return kWrongCommandLine;
}

int run(int argc, char** argv) {
    CLI::App app{"Valence: an EVM chain on which contracts call machine-learning models."};
    app.name("valence");
    app.set_version_flag("-V,--version", "valence " VALENCE_VERSION, "Print the version and exit");
    app.set_help_flag("-h,--help", "Print this help and exit");
    app.require_subcommand(1);
    app.formatter(make_help_format());
    app.footer(
        "`valence COMMAND --help` says more about a command. Exit status: 0 done, 1 failed or refused, "
        "2 wrong command line.");

    int exit_code = 0;
    add_dev_command(app, exit_code);
    add_full_command(app, exit_code);
    add_import_command(app, exit_code);
    add_genesis_command(app, exit_code);
    add_beacon_key_command(app, exit_code);
    add_model_command(app, exit_code);
    add_prove_command(app, exit_code);
    add_verify_command(app, exit_code);
    add_snapshot_command(app, exit_code);
    add_da_command(app, exit_code);
    add_audit_command(app, exit_code);
    add_sim_command(app, exit_code);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return answer(app, error);
    }
    return exit_code;
}

}  // namespace
}  // namespace valence::cmd

int main(int argc, char** argv) {
    valence::base::keep_freed_memory();
    return valence::cmd::run(argc, argv);
}
