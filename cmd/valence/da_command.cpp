// `valence da`: the embedded data-availability layer alone, behind celestia-node's API.
#include <cstdio>

#include "cmd/valence/commands.hpp"
#include "cmd/valence/dev_options.hpp"
#include "cmd/valence/failure.hpp"
#include "cmd/valence/signals.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "valence/da/rpc/server.hpp"

namespace valence::cmd {
namespace {

constexpr std::chrono::milliseconds kLeastBlockTime{10};
constexpr std::chrono::milliseconds kMostBlockTime{600'000};
/// Bytes of a layer's name, as CometBFT bounds them.
constexpr std::size_t kMostName = 50;

struct DaOptions {
    std::string folder;
    std::string chain_id = "valence-da";
    da::LayerServerConfig serving;
    /// Between two blocks of which the second is empty.
    std::string block_time = "1s";
    bool sync = false;
    bool silent = false;
};

Result<void> run(const DaOptions& options) {
    hold_signals();
    da::EmbeddedOptions layer_options;
    if (!options.folder.empty()) layer_options.folder = options.folder;
    layer_options.chain_id = options.chain_id;
    BOOST_OUTCOME_TRY(layer_options.empty_every, parse_duration("--block-time", options.block_time));
    if (layer_options.empty_every < kLeastBlockTime || layer_options.empty_every > kMostBlockTime)
        return Error{OptionError::value, "--block-time " + options.block_time + ": 10 ms to 10 minutes"};
    if (options.chain_id.empty() || options.chain_id.size() > kMostName)
        return Error{OptionError::value, fmt::format("--chain-id: a name of 1 to {} bytes", kMostName)};
    layer_options.durability = options.sync ? da::LayerDurability::power : da::LayerDurability::process;
    BOOST_OUTCOME_TRY(const auto layer, da::EmbeddedLayer::open(std::move(layer_options)));
    auto started = da::LayerServer::start(options.serving, *layer);
    if (!started) return with_other_port(started.error(), "--port");
    const auto server = std::move(started).value();
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
    command->add_option("--state,--data", options->folder,
                        "Folder of blobs that survives restarts; in memory without it");
    command->add_option("--chain-id", options->chain_id, "Name of the layer, in its headers")
        ->capture_default_str();
    command->add_option("--host", options->serving.host, "Address to listen on")->capture_default_str();
    command->add_option("-p,--port", options->serving.port, "Port of JSON-RPC; 0 picks a free one")
        ->capture_default_str();
    command->add_option("--token", options->serving.token, "What callers must show (Authorization: Bearer)");
    command
        ->add_option("-b,--block-time", options->block_time,
                     "Time between blocks without blobs: 250 (ms), 250ms or 2s")
        ->capture_default_str();
    command->add_flag("--sync", options->sync, "Sync each block to the disk: survives a power cut");
    command->add_flag("-q,--silent,--quiet", options->silent, "Print nothing but errors");
    add_force_command(*command, exit_code);
    command->callback([command, options, &exit_code] {
        if (!command->get_subcommands().empty()) return;
        exit_code = exit_status(run(*options));
    });
}

}  // namespace valence::cmd
