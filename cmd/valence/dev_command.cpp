// `valence dev`: a chain, its pool and its RPC server in one process, with funded accounts.
#include <cstdio>

#include "cmd/valence/banner.hpp"
#include "cmd/valence/block_log.hpp"
#include "cmd/valence/commands.hpp"
#include "cmd/valence/da_service.hpp"
#include "cmd/valence/dev_options.hpp"
#include "cmd/valence/failure.hpp"
#include "cmd/valence/genesis_json.hpp"
#include "cmd/valence/signals.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "valence/node/local_compute_nodes.hpp"
#include "valence/rpc/server.hpp"
#include "valence/sequencer/inference/balanced_desk.hpp"

namespace valence::cmd {
namespace {

/// From one transfer to what fits in a signed number (EIP-1985).
constexpr std::uint64_t kLeastGasLimit = 21'000;
constexpr std::uint64_t kMostGasLimit = ~std::uint64_t{0} >> 1;

DaServiceOptions da_options(const DevOptions& options) {
    DaServiceOptions da;
    if (options.da != "embedded") da.url = options.da;
    da.token = options.da_token;
    da.serving.token = options.da_token;
    da.serving.port = options.da_port;
    if (!options.state_folder.empty()) da.folder = std::filesystem::path(options.state_folder) / "da";
    da.most_lag = options.da_most_lag;
    da.settling = options.da_settling;
    if (options.sync) da.durability = da::LayerDurability::power;
    return da;
}

Result<void> run_dev(const DevOptions& options) {
    hold_signals();
    allow_many_files();
    if (options.lying_compute_nodes > options.compute_nodes)
        return Error{OptionError::value, fmt::format("--lying-compute-nodes {}: there are {} compute nodes",
                                                     options.lying_compute_nodes, options.compute_nodes)};
    const auto level = log_level_from(options.log_level);
    if (!level) return Error{OptionError::value, "--log-level " + options.log_level};
    const Painter paint(terminal_has_colour() ? Painter::Use::coloured : Painter::Use::plain);

    BOOST_OUTCOME_TRY(auto serving, server_config(options));
    const auto posting = da_options(options);
    // A new chain's genesis names its layer, which therefore comes first.
    std::optional<OpenedLayer> layer;
    const auto opened = [&](std::uint64_t chain_id) -> Result<da::Layer*> {
        if (!layer) {
            BOOST_OUTCOME_TRY(layer, open_layer(posting, chain_id));
        }
        return layer->layer.get();
    };
    const auto new_layer = [&]() -> Result<std::optional<chain::LayerRules>> {
        if (options.da.empty()) return std::optional<chain::LayerRules>{};
        BOOST_OUTCOME_TRY(auto* const at, opened(options.chain_id));
        BOOST_OUTCOME_TRY(auto named, dev_layer_rules(*at));
        return std::optional{std::move(named)};
    };
    BOOST_OUTCOME_TRY(auto config, dev_config(options, new_layer));
    const auto& rules = config.genesis.rules;
    std::shared_ptr<node::LayerRecord> record;
    if (rules.system && rules.system->layer) {
        if (options.da.empty())
            return Error{OptionError::value,
                         "--da is missing: the genesis names the layer " + rules.system->layer->name};
        record = std::make_shared<node::LayerRecord>(rules);
        config.layer = record;
    }
    std::shared_ptr<ConsoleWatcher> watcher;
    if (!options.silent && *level >= LogLevel::info) watcher = std::make_shared<ConsoleWatcher>();
    config.watcher = watcher;
    const auto desk = std::make_shared<sequencer::BalancedDesk>();
    if (options.compute_nodes > 0) config.jobs = desk;
    BOOST_OUTCOME_TRY(const auto node, node::Node::open(std::move(config)));
    const node::LocalComputeNodes computers(*node, desk, options.compute_nodes, options.lying_compute_nodes);
    std::unique_ptr<DaService> da;
    if (!options.da.empty()) {
        BOOST_OUTCOME_TRYV(opened(node->chain_id()));
        auto service = posting;
        service.key = node->config().beacon_key;
        BOOST_OUTCOME_TRY(da, DaService::start(*node, service, *std::move(layer), std::move(record)));
    }

    // Before the server, so that the first transaction is seen.
    std::optional<BlockLog> log;
    if (!options.silent) log.emplace(*level, paint, watcher);
    if (watcher) {
        serving.console = [&log](std::string_view method, const std::vector<std::string>& lines) {
            log->console(method, lines);
        };
    }
    serving.genesis_json = genesis_json(node->config().genesis);
    if (da) serving.da = da->access();
    auto started = rpc::Server::start(std::move(serving), *node);
    if (!started) return with_other_port(started.error(), "--port");
    const auto server = std::move(started).value();
    if (!options.silent) {
        const auto text =
            banner(*node, {options.host, server->port()}, options.mnemonic, computers.ids(), paint);
        std::fputs(text.c_str(), stdout);
        if (da) fmt::print("  Data availability: {}\n\n", da->url());
        std::fflush(stdout);
        log->watch(*node);
    }
    wait_for_signal();
    if (!options.silent) std::fputs("\n  Stopping.\n", stdout);
    return success();
}

void add_network_options(CLI::App& command, DevOptions& options) {
    command.add_option("-p,--port", options.port, "Port of HTTP and WebSocket; 0 picks a free one")
        ->capture_default_str()
        ->group("Network");
    command.add_option("--host", options.host, "Address to listen on")
        ->capture_default_str()
        ->group("Network");
    command
        .add_option("--allow-host", options.allowed_hosts,
                    "Names it may be called by beside localhost and addresses (the Host header); * for any")
        ->delimiter(',')
        ->group("Network");
    command
        .add_option("--allow-origin", options.allowed_origins,
                    "Web pages that may call it (https://app.example); all, when none is given")
        ->delimiter(',')
        ->group("Network");
    command
        .add_option("--rpc-evm-timeout", options.evm_timeout,
                    "The longest that one eth_call, estimate or simulation may run: 5s, 300ms; 0 for no "
                    "bound of its own, only the 30 s of a message")
        ->capture_default_str()
        ->group("Network");
}

void add_chain_options(CLI::App& command, DevOptions& options) {
    command.add_option("--chain-id", options.chain_id, "Chain id")
        ->check(CLI::Range(std::uint64_t{1}, kMostChainId))
        ->capture_default_str()
        ->group("Chain");
    command
        .add_option("--genesis", options.genesis_file,
                    "Genesis file (geth's format) instead of the dev genesis")
        ->group("Chain");
    command
        .add_option("--beacon-key", options.beacon_key_file,
                    "File of the key that signs blocks' randomness (valence beacon-key); everybody knows "
                    "that of development")
        ->group("Chain");
    command.add_option("--gas-limit", options.gas_limit, "Gas of a block (1,000,000,000)")
        ->check(CLI::Range(kLeastGasLimit, kMostGasLimit))
        ->group("Chain");
    command.add_option("--base-fee", options.base_fee, "First base fee, in wei (1,000,000,000)")
        ->group("Chain");
}

void add_account_options(CLI::App& command, DevOptions& options) {
    command.add_option("-a,--accounts", options.accounts, "Number of funded accounts")
        ->capture_default_str()
        ->check(CLI::Range(0, 10'000))
        ->group("Accounts");
    command.add_option("--balance", options.balance, "Ether of each")
        ->capture_default_str()
        ->group("Accounts");
    command.add_option("-m,--mnemonic", options.mnemonic, "Where their keys come from")->group("Accounts");
}

void add_mining_options(CLI::App& command, DevOptions& options) {
    auto* interval =
        command
            .add_option("-b,--block-time", options.block_time,
                        "A block every so often: 250 (ms), 250ms or 2s; without it a block for every "
                        "transaction, at once")
            ->group("Mining");
    command.add_flag("--no-mining", options.no_mining, "Blocks only on request (evm_mine)")
        ->excludes(interval)
        ->group("Mining");
}

void add_state_options(CLI::App& command, DevOptions& options) {
    command
        .add_option("--state", options.state_folder, "Folder that survives restarts; in memory without it")
        ->group("State");
    command.add_flag("--sync", options.sync, "Sync each block to the disk: survives a power cut")
        ->group("State");
    auto* history =
        command.add_option("--history", options.history, "Blocks whose state can be read and reverted to")
            ->capture_default_str()
            ->group("State");
    command.add_flag("--archive", options.archive, "Keep the state of all blocks")
        ->excludes(history)
        ->group("State");
}

void add_model_options(CLI::App& command, DevOptions& options) {
    constexpr std::uint64_t kMostGiB = 1 << 20;
    command
        .add_option("--models", options.model_folder,
                    "Folder of the models' files; with the state, or gone at the end, without it")
        ->group("Models");
    command.add_option("--model-disk", options.model_disk, "GiB of models kept on the disk")
        ->check(CLI::Range(std::uint64_t{1}, kMostGiB))
        ->capture_default_str()
        ->group("Models");
    command.add_option("--model-memory", options.model_memory, "GiB of models kept in memory")
        ->check(CLI::Range(std::uint64_t{1}, kMostGiB))
        ->capture_default_str()
        ->group("Models");
}

void add_compute_options(CLI::App& command, DevOptions& options) {
    command
        .add_option("--compute-nodes", options.compute_nodes,
                    "Compute nodes in this process; with none the sequencer computes")
        ->capture_default_str()
        ->check(CLI::Range(0, 64))
        ->group("Compute");
    command
        .add_option("--lying-compute-nodes", options.lying_compute_nodes,
                    "How many of them, the last ones, answer wrongly: for seeing what becomes of that")
        ->capture_default_str()
        ->check(CLI::Range(0, 64))
        ->group("Compute");
}

void add_da_options(CLI::App& command, DevOptions& options) {
    command
        .add_option("--da", options.da,
                    "Post every block: to a layer in this process (embedded), or to one at this URL")
        ->group("Data availability");
    command.add_option("--da-port", options.da_port, "Port of the embedded layer's API; 0 picks a free one")
        ->capture_default_str()
        ->group("Data availability");
    command.add_option("--da-token", options.da_token, "Bearer token of the layer")
        ->group("Data availability");
    command
        .add_option(
            "--da-settling", options.da_settling,
            "The layer's blocks after which what was sent to a URL and never answered for is sent again")
        ->check(CLI::Range(1, 1'000))
        ->capture_default_str()
        ->group("Data availability");
    command
        .add_option("--da-most-lag", options.da_most_lag,
                    "Blocks that may wait to be posted; with more no block is built until they are")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str()
        ->group("Data availability");
}

void add_output_options(CLI::App& command, DevOptions& options) {
    command.add_flag("-q,--silent,--quiet", options.silent, "Print nothing but errors")->group("Output");
    command.add_option("--log-level", options.log_level, "error, warn (blocks), info (transactions), debug")
        ->check(CLI::IsMember({"error", "warn", "info", "debug"}, CLI::ignore_case))
        ->capture_default_str()
        ->group("Output");
}

}  // namespace

void add_dev_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("dev", "Run a chain for developing contracts, all in one process");
    const auto options = std::make_shared<DevOptions>();
    add_network_options(*command, *options);
    add_chain_options(*command, *options);
    add_account_options(*command, *options);
    add_mining_options(*command, *options);
    add_state_options(*command, *options);
    add_model_options(*command, *options);
    add_compute_options(*command, *options);
    add_da_options(*command, *options);
    add_output_options(*command, *options);
    command->callback([options, &exit_code] { exit_code = exit_status(run_dev(*options)); });
}

}  // namespace valence::cmd
