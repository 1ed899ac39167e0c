// `valence dev`: a chain, its pool and its RPC server in one process, with funded accounts.
#include <cstdio>

#include "cmd/valence/banner.hpp"
#include "cmd/valence/block_log.hpp"
#include "cmd/valence/commands.hpp"
#include "cmd/valence/dev_options.hpp"
#include "cmd/valence/signals.hpp"
#include <CLI/CLI.hpp>

#include "valence/rpc/server.hpp"

namespace valence::cmd {
namespace {

Result<void> run(const DevOptions& options) {
    hold_signals();
    const auto level = log_level_from(options.log_level);
    if (!level) return Error{OptionError::value, "--log-level " + options.log_level};
    const Painter paint(terminal_has_colour() ? Painter::Use::coloured : Painter::Use::plain);

    BOOST_OUTCOME_TRY(auto config, dev_config(options));
    std::shared_ptr<ConsoleWatcher> watcher;
    if (!options.silent && *level >= LogLevel::info) watcher = std::make_shared<ConsoleWatcher>();
    config.watcher = watcher;
    BOOST_OUTCOME_TRY(const auto node, node::Node::open(std::move(config)));

    rpc::ServerConfig server_config;
    server_config.host = options.host;
    server_config.port = options.port;
    server_config.mode = rpc::Mode::dev;
    server_config.client_version = "valence/v" VALENCE_VERSION "/linux/c++20";
    // Before the server, so that the first transaction is seen.
    std::optional<BlockLog> log;
    if (!options.silent) log.emplace(*level, paint, watcher);
    BOOST_OUTCOME_TRY(const auto server, rpc::Server::start(server_config, *node));
    if (!options.silent) {
        const auto text = banner(*node, {options.host, server->port()}, options.mnemonic, paint);
        std::fputs(text.c_str(), stdout);
        std::fflush(stdout);
        log->watch(*node);
    }
    wait_for_signal();
    if (!options.silent) std::fputs("\n  Stopping.\n", stdout);
    return success();
}

void add_options(CLI::App& command, DevOptions& options) {
    auto* network = command.add_option_group("Network");
    network->add_option("-p,--port", options.port, "Port of HTTP and WebSocket; 0 picks a free one")
        ->capture_default_str();
    network->add_option("--host", options.host, "Address to listen on")->capture_default_str();

    auto* chain = command.add_option_group("Chain");
    chain->add_option("--chain-id", options.chain_id, "Chain id")->capture_default_str();
    chain->add_option("--genesis", options.genesis_file,
                      "Genesis file (geth's format) instead of the dev genesis");
    chain->add_option("--gas-limit", options.gas_limit, "Gas of a block");
    chain->add_option("--base-fee,--block-base-fee-per-gas", options.base_fee, "First base fee, in wei");

    auto* accounts = command.add_option_group("Accounts");
    accounts->add_option("-a,--accounts", options.accounts, "Number of funded accounts")
        ->capture_default_str();
    accounts->add_option("--balance", options.balance, "Ether of each")->capture_default_str();
    accounts->add_option("-m,--mnemonic", options.mnemonic, "Where their keys come from");

    auto* mining = command.add_option_group("Mining");
    auto* interval =
        mining->add_option("-b,--block-time", options.block_time,
                           "A block every so often: 250 or 250ms or 2s; without it, a block for every "
                           "transaction");
    mining->add_flag("--no-mining", options.no_mining, "Blocks only on request (evm_mine)")
        ->excludes(interval);

    auto* state = command.add_option_group("State");
    state->add_option("--state", options.state_folder, "Folder that survives restarts; in memory without it");
    state->add_flag("--sync", options.sync, "Sync each block to the disk: survives a power cut");
    auto* history =
        state->add_option("--history", options.history, "Blocks whose state can be read and reverted to")
            ->capture_default_str();
    state->add_flag("--archive", options.archive, "All blocks")->excludes(history);

    auto* output = command.add_option_group("Output");
    output->add_flag("-q,--silent,--quiet", options.silent, "Print nothing but errors");
    output->add_option("--log-level", options.log_level, "error, warn (blocks), info (transactions), debug")
        ->check(CLI::IsMember({"error", "warn", "info", "debug"}))
        ->capture_default_str();
}

}  // namespace

void add_dev_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("dev", "Run a chain for developing contracts, all in one process");
    const auto options = std::make_shared<DevOptions>();
    add_options(*command, *options);
    command->callback([options, &exit_code] {
        const auto done = run(*options);
        if (done) return;
        std::fprintf(stderr, "error: %s\n", done.error().message().c_str());
        exit_code = 1;
    });
}

}  // namespace valence::cmd
