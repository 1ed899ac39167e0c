// The program `valence`: one subcommand a file, see --help.
#include "cmd/valence/commands.hpp"
#include <CLI/CLI.hpp>

int main(int argc, char** argv) {
    CLI::App app{"Valence: an EVM chain on which contracts call machine-learning models."};
    app.name("valence");
    app.set_version_flag("-V,--version", "valence " VALENCE_VERSION);
    app.require_subcommand(1);
    app.failure_message(CLI::FailureMessage::simple);
    app.get_formatter()->column_width(34);
    app.footer("`valence COMMAND --help` says more about a command.");

    int exit_code = 0;
    valence::cmd::add_dev_command(app, exit_code);
    valence::cmd::add_full_command(app, exit_code);
    valence::cmd::add_import_command(app, exit_code);
    valence::cmd::add_genesis_command(app, exit_code);
    valence::cmd::add_beacon_key_command(app, exit_code);
    valence::cmd::add_model_command(app, exit_code);
    valence::cmd::add_prove_command(app, exit_code);
    valence::cmd::add_verify_command(app, exit_code);
    valence::cmd::add_snapshot_command(app, exit_code);
    valence::cmd::add_da_command(app, exit_code);
    valence::cmd::add_audit_command(app, exit_code);
    valence::cmd::add_sim_command(app, exit_code);
    CLI11_PARSE(app, argc, argv);
    return exit_code;
}
