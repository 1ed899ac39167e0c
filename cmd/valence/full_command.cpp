// `valence full`: a node that follows another one's chain, verifies all of it, and serves it.
#include <cstdio>

#include "cmd/valence/commands.hpp"
#include "cmd/valence/da_service.hpp"
#include "cmd/valence/dev_options.hpp"
#include "cmd/valence/failure.hpp"
#include "cmd/valence/signals.hpp"
#include "cmd/valence/terminal.hpp"
#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "valence/base/hex.hpp"
#include "valence/client/json_rpc_client.hpp"
#include "valence/compute/model_store/model_peer.hpp"
#include "valence/node/da/da_access.hpp"
#include "valence/node/follower.hpp"
#include "valence/node/snapshot/import_snapshot.hpp"
#include "valence/rpc/server.hpp"

namespace valence::cmd {
namespace {

struct FullOptions {
    std::string join;
    /// URL of the layer that the chain is derived from; not from there when empty.
    std::string da;
    std::string da_token;
    std::string genesis_file;
    std::string folder;
    std::string snapshot;
    /// Given, if empty: whoever writes --trust means to trust nobody else.
    std::optional<std::string> trusted_hash;
    std::string host = "127.0.0.1";
    std::uint16_t port = 8545;
    std::vector<std::string> allowed_hosts;
    std::vector<std::string> allowed_origins;
    bool silent = false;
};

/// The genesis given, or what the joined node says it is.
Result<std::string> genesis_text(const FullOptions& options, const client::Url& upstream) {
    if (!options.genesis_file.empty()) return read_file(options.genesis_file);
    client::JsonRpcClient client(upstream);
    BOOST_OUTCOME_TRY(const auto answer, client.call("valence_getGenesis"));
    return boost::json::serialize(answer);
}

/// The hash that a snapshot's block must have: what was given, or what the joined node says.
Result<Hash> trusted_hash(const FullOptions& options, const client::Url& upstream, std::uint64_t number) {
    auto text = options.trusted_hash.value_or("");
    if (!options.trusted_hash) {
        client::JsonRpcClient client(upstream);
        BOOST_OUTCOME_TRY(const auto answer,
                          client.call("eth_getHeaderByNumber", fmt::format(R"(["{:#x}"])", number)));
        const auto* header = answer.if_object();
        const auto* hash = header != nullptr ? header->if_contains("hash") : nullptr;
        if (hash == nullptr || !hash->is_string())
            return Error{OptionError::value,
                         fmt::format("--snapshot: {} has no block {}", upstream.text(), number)};
        text = hash->get_string();
    }
    const auto hash = base::fixed_from_hex<Hash>(text);
    if (!hash) return Error{OptionError::value, "--trust " + text + ": write a block's hash"};
    return *hash;
}

/// Makes the folder from the snapshot, unless it has a chain already: then that goes on.
Result<void> begin_with_snapshot(const FullOptions& options, const chain::Genesis& genesis,
                                 const client::Url& upstream) {
    if (options.folder.empty())
        return Error{OptionError::value, "--snapshot needs --state, the folder that it begins"};
    BOOST_OUTCOME_TRY(const auto info, node::read_snapshot_info(options.snapshot));
    BOOST_OUTCOME_TRY(const auto hash, trusted_hash(options, upstream, info.number));
    const auto imported = node::import_snapshot(genesis, options.folder, options.snapshot, hash);
    if (!imported && imported.error() == Error{node::SnapshotError::folder_in_use}) return success();
    if (!imported) return imported.error();
    if (!options.silent)
        fmt::print("Starting from block {}, {}\n", info.number, base::to_hex_prefixed(info.hash));
    return success();
}

/// Whether the joined node follows the same chain, as far as it can be asked. Error: value.
Result<void> check_upstream(const client::Url& upstream, const Hash& genesis_hash) {
    client::JsonRpcClient client(upstream);
    const auto answer = client.call("eth_getHeaderByNumber", R"(["0x0"])");
    const auto* header = answer ? answer.value().if_object() : nullptr;
    const auto* hash = header != nullptr ? header->if_contains("hash") : nullptr;
    // A node that is away may come back: the follower waits for it.
    if (hash == nullptr || !hash->is_string()) return success();
    const std::string theirs(hash->get_string());
    if (theirs == base::to_hex_prefixed(genesis_hash)) return success();
    return Error{OptionError::value,
                 fmt::format("{} is of another chain: its genesis is {}, the one given {}", upstream.text(),
                             theirs, base::to_hex_prefixed(genesis_hash))};
}

void tell(const node::FollowStatus& status, const Painter& paint) {
    if (status.refused) {
        std::fprintf(stderr, "%s %s\nNothing more is taken from there.\n",
                     paint(Colour::red, "REFUSED").c_str(), status.refused->message().c_str());
    } else if (status.unreachable) {
        std::fprintf(stderr, "cannot follow: %s\n", status.unreachable->message().c_str());
    }
}

/// What the chain is derived from, and what it is known by.
struct Deriving {
    std::unique_ptr<da::Layer> layer;
    std::unique_ptr<node::LayerFollower> follower;
    std::shared_ptr<const node::DaAccess> access;
};

Result<Deriving> derive_from(const FullOptions& options, node::Node& node,
                             std::shared_ptr<node::LayerRecord> record) {
    Deriving out;
    BOOST_OUTCOME_TRY(out.layer, layer_at(options.da, options.da_token));
    const node::DeriverOptions deriving{{}, std::move(record), node::DeriverOptions::Role::reads};
    auto following = telling(deriving);
    following.found_nothing = [genesis = node.chain().block_hash(0)](std::uint64_t height) {
        fmt::print(stderr,
                   "  data availability: nothing of the chain with genesis {} up to the layer's block {}. ",
                   base::to_hex_prefixed(genesis.value_or(Hash{})), height);
        fmt::print(stderr, "Unless the chain is new, the genesis file or the layer is another chain's.\n");
    };
    BOOST_OUTCOME_TRY(out.follower, node::LayerFollower::start(node, *out.layer, std::move(following)));
    out.access = std::make_shared<const node::DaAccess>(
        node, *out.layer, options.da,
        [follower = out.follower.get()] { return node::DaAccess::Status{follower->status()}; });
    return out;
}

Result<void> run_full(const FullOptions& options) {
    hold_signals();
    allow_many_files();
    const Painter paint(terminal_has_colour() ? Painter::Use::coloured : Painter::Use::plain);
    const bool has_upstream = !options.join.empty();
    if (!has_upstream && (options.da.empty() || options.genesis_file.empty()))
        return Error{OptionError::value, "--join URL is missing, or --da URL with --genesis FILE"};
    client::Url upstream;
    if (has_upstream) {
        BOOST_OUTCOME_TRY(upstream, client::parse_url(options.join));
    }
    BOOST_OUTCOME_TRY(const auto text, genesis_text(options, upstream));

    node::NodeConfig config;
    BOOST_OUTCOME_TRY(config.genesis, chain::parse_genesis(text));
    config.mining = node::ManualMining{};
    if (!options.snapshot.empty()) {
        BOOST_OUTCOME_TRYV(begin_with_snapshot(options, config.genesis, upstream));
    }
    if (!options.folder.empty()) config.folder = options.folder;
    if (has_upstream) config.model_peers = {std::make_shared<compute::RpcPeer>(upstream)};
    std::shared_ptr<node::LayerRecord> record;
    const auto& rules = config.genesis.rules;
    if (!options.da.empty() && rules.system && rules.system->layer)
        config.layer = record = std::make_shared<node::LayerRecord>(rules);
    BOOST_OUTCOME_TRY(const auto node, node::Node::open(std::move(config)));

    if (has_upstream) {
        BOOST_OUTCOME_TRYV(check_upstream(upstream, node->chain().block_hash(0).value_or(Hash{})));
    }
    Deriving deriving;
    if (!options.da.empty()) {
        BOOST_OUTCOME_TRY(deriving, derive_from(options, *node, std::move(record)));
    }
    // With both: the newest blocks from the node, and the last word from the layer.
    std::optional<node::Follower> follower;
    if (options.da.empty() || (has_upstream && node->is_derived())) {
        follower.emplace(*node, node::FollowOptions{upstream, std::chrono::milliseconds{100}});
        follower->on_change([&](const node::FollowStatus& status) { tell(status, paint); });
    }
    rpc::ServerConfig serving;
    serving.da = deriving.access;
    if (follower) serving.syncing = [&follower] { return follower->progress(); };
    serving.allowed_hosts.insert(serving.allowed_hosts.end(), options.allowed_hosts.begin(),
                                 options.allowed_hosts.end());
    if (!options.allowed_origins.empty()) serving.cors_origins = options.allowed_origins;
    serving.host = options.host;
    serving.port = options.port;
    serving.client_version = "valence/v" VALENCE_VERSION "/linux/c++20";
    serving.genesis_json = text;
    auto started = rpc::Server::start(std::move(serving), *node);
    if (!started) return with_other_port(started.error(), "--port");
    const auto server = std::move(started).value();
    if (!options.silent) {
        fmt::print("Full node at http://{}:{}, of chain {}, following {}\n", options.host, server->port(),
                   node->chain_id(), options.da.empty() ? upstream.text() : options.da);
        std::fflush(stdout);
    }
    wait_for_signal();
    return success();
}

}  // namespace

void add_full_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("full", "Follow a chain, verify everything in it, and serve it");
    const auto options = std::make_shared<FullOptions>();
    command->add_option("--join", options->join, "URL of a node of the chain");
    command->add_option(
        "--da", options->da,
        "URL of a data-availability layer (celestia-node's API): the chain is derived from it, "
        "and nobody else is trusted for it; with --join, blocks that are not there yet come from that node");
    command->add_option("--da-token", options->da_token, "Bearer token for it");
    command->add_option("--genesis", options->genesis_file,
                        "The chain's genesis file; without it, what the joined node says it is");
    command->add_option("--state,--data", options->folder,
                        "Folder that survives restarts; in memory without it");
    auto* snapshot = command->add_option(
        "--snapshot", options->snapshot,
        "Start a new folder from this file (valence snapshot) instead of from the genesis");
    const auto trusted = std::make_shared<std::string>();
    const auto* trust =
        command
            ->add_option("--trust", *trusted, "Hash of the snapshot's block; without it, the joined node's")
            ->needs(snapshot);
    command->add_option("--host", options->host, "Address to listen on")->capture_default_str();
    command->add_option("-p,--port", options->port, "Port of HTTP and WebSocket; 0 picks a free one")
        ->capture_default_str();
    command
        ->add_option("--allow-host", options->allowed_hosts,
                     "Names it may be called by beside localhost and addresses (the Host header); * for any")
        ->delimiter(',');
    command
        ->add_option("--allow-origin", options->allowed_origins,
                     "Web pages that may call it (https://app.example); all, when none is given")
        ->delimiter(',');
    command->add_flag("-q,--silent,--quiet", options->silent, "Print nothing but errors");
    command->callback([options, trusted, trust, &exit_code] {
        if (trust->count() > 0) options->trusted_hash = *trusted;
        exit_code = exit_status(run_full(*options));
    });
}

}  // namespace valence::cmd
