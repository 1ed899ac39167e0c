// `valence da`: the embedded data-availability layer alone, behind celestia-node's API.
#include <cstdio>

#include "cmd/valence/commands.hpp"
#include "cmd/valence/signals.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "valence/da/rpc/server.hpp"

namespace valence::cmd {
namespace {

struct DaOptions {
    std::string folder;
    std::string chain_id = "valence-da";
    da::LayerServerConfig serving;
    /// Milliseconds between two blocks of which the second is empty.
    std::uint64_t block_time = 1'000;
    bool sync = false;
    bool silent = false;
};

Result<void> run(const DaOptions& options) {
    hold_signals();
    da::EmbeddedOptions layer_options;
    if (!options.folder.empty()) layer_options.folder = options.folder;
    layer_options.chain_id = options.chain_id;
    layer_options.empty_every = std::chrono::milliseconds(options.block_time);
    layer_options.durability = options.sync ? da::LayerDurability::power : da::LayerDurability::process;
    BOOST_OUTCOME_TRY(const auto layer, da::EmbeddedLayer::open(std::move(layer_options)));
    BOOST_OUTCOME_TRY(const auto server, da::LayerServer::start(options.serving, *layer));
    if (!options.silent) {
        fmt::print("Data availability at http://{}:{}, of chain {}\n", options.serving.host, server->port(),
                   options.chain_id);
        std::fflush(stdout);
    }
    wait_for_signal();
    return success();
}

}  // namespace

void add_da_command(CLI::App& app, int& exit_code) {
    auto* command =
        app.add_subcommand("da", "Serve the embedded data-availability layer, as a Celestia node would");
    const auto options = std::make_shared<DaOptions>();
    command->add_option("--data", options->folder, "Where blobs are kept; in memory when absent");
    command->add_option("--chain-id", options->chain_id, "Name of the layer, in its headers")
        ->capture_default_str();
    command->add_option("--host", options->serving.host, "Address to listen on")->capture_default_str();
    command->add_option("-p,--port", options->serving.port, "Port of JSON-RPC; 0 picks a free one")
        ->capture_default_str();
    command->add_option("--token", options->serving.token, "What callers must show (Authorization: Bearer)");
    command->add_option("-b,--block-time", options->block_time, "Milliseconds between blocks without blobs")
        ->check(CLI::Range(10, 600'000))
        ->capture_default_str();
    command->add_flag("--sync", options->sync, "Sync each block to the disk: survives a power cut");
    command->add_flag("--silent", options->silent, "Print nothing but trouble");
    add_force_command(*command, exit_code);
    command->callback([command, options, &exit_code] {
        if (!command->get_subcommands().empty()) return;
        const auto done = run(*options);
        if (done) return;
        std::fprintf(stderr, "error: %s\n", done.error().message().c_str());
        exit_code = 1;
    });
}

}  // namespace valence::cmd
