// `valence full`: a node that follows another one's chain, verifies all of it, and serves it.
#include <cstdio>
#include <mutex>
#include <thread>

#include "cmd/valence/commands.hpp"
#include "cmd/valence/da_service.hpp"
#include "cmd/valence/dev_options.hpp"
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

/// How long the next block of the layer is waited for at a time.
constexpr std::chrono::milliseconds kDaPatience{500};

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
                         fmt::format("--snapshot; {} has no block {}", upstream.text(), number)};
        text = hash->get_string();
    }
    const auto hash = base::fixed_from_hex<Hash>(text);
    if (!hash) return Error{OptionError::value, "--trust " + text + "; write a block's hash"};
    return *hash;
}

/// Makes the folder from the snapshot, unless it has a chain already: then that goes on.
Result<void> begin_with_snapshot(const FullOptions& options, const chain::Genesis& genesis,
                                 const client::Url& upstream) {
    if (options.folder.empty())
        return Error{OptionError::value, "--snapshot needs --data, where its state is kept"};
    BOOST_OUTCOME_TRY(const auto info, node::read_snapshot_info(options.snapshot));
    BOOST_OUTCOME_TRY(const auto hash, trusted_hash(options, upstream, info.number));
    const auto imported = node::import_snapshot(genesis, options.folder, options.snapshot, hash);
    if (!imported && imported.error() == Error{node::SnapshotError::folder_in_use}) return success();
    if (!imported) return imported.error();
    if (!options.silent)
        fmt::print("Starting from block {}, {}\n", info.number, base::to_hex_prefixed(info.hash));
    return success();
}

void tell(const node::FollowStatus& status, const Painter& paint) {
    if (status.refused) {
        std::fprintf(stderr, "%s %s\nNothing more is taken from there.\n",
                     paint(Colour::red, "REFUSED").c_str(), status.refused->message().c_str());
    } else if (status.unreachable) {
        std::fprintf(stderr, "cannot follow: %s\n", status.unreachable->message().c_str());
    }
}

/// Derives the chain from a layer on a thread of its own.
class LayerFollower {
public:
    static Result<std::unique_ptr<LayerFollower>> start(const FullOptions& options, node::Node& node) {
        auto out = std::make_unique<LayerFollower>();
        BOOST_OUTCOME_TRY(out->layer_, layer_at(options.da, options.da_token));
        BOOST_OUTCOME_TRY(out->deriver_, node::Deriver::create(node, *out->layer_));
        out->status_ = out->deriver_->status();
        out->access_ = std::make_shared<const node::DaAccess>(
            node, *out->layer_, options.da,
            [self = out.get()] { return node::DaAccess::Status{self->status()}; });
        out->thread_ = std::jthread([self = out.get()](const std::stop_token& stop) { self->loop(stop); });
        return out;
    }
    std::shared_ptr<const node::DaAccess> access() const { return access_; }

private:
    node::DeriverStatus status() const {
        const std::lock_guard guard(mutex_);
        return status_;
    }
    void loop(const std::stop_token& stop) {
        std::optional<Error> told;
        while (!stop.stop_requested()) {
            const auto step = deriver_->step(kDaPatience);
            if (!step && told != step.error())
                fmt::print(stderr, "cannot derive: {}; trying again\n", step.error().message());
            told = step ? std::nullopt : std::optional{step.error()};
            {
                const std::lock_guard guard(mutex_);
                status_ = deriver_->status();
            }
            for (const auto& finding : deriver_->take_findings()) {
                if (!derive::is_discrepancy(finding.kind)) continue;
                fmt::print(stderr, "{}, in the layer's block {}: {}\n", derive::finding_name(finding.kind),
                           finding.place.height, finding.text);
            }
            if (!step) std::this_thread::sleep_for(kDaPatience);
        }
    }

    std::unique_ptr<da::Layer> layer_;
    std::unique_ptr<node::Deriver> deriver_;
    mutable std::mutex mutex_;  // guards status_
    node::DeriverStatus status_;
    std::shared_ptr<const node::DaAccess> access_;
    std::jthread thread_;
};

Result<void> run_full(const FullOptions& options) {
    hold_signals();
    allow_many_files();
    const Painter paint(terminal_has_colour() ? Painter::Use::coloured : Painter::Use::plain);
    const bool has_upstream = !options.join.empty();
    if (!has_upstream && (options.da.empty() || options.genesis_file.empty()))
        return Error{OptionError::value, "--join URL is missing; or --da URL with --genesis FILE"};
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
    BOOST_OUTCOME_TRY(const auto node, node::Node::open(std::move(config)));

    std::unique_ptr<LayerFollower> deriving;
    if (!options.da.empty()) {
        BOOST_OUTCOME_TRY(deriving, LayerFollower::start(options, *node));
    }
    rpc::ServerConfig serving;
    if (deriving) serving.da = deriving->access();
    serving.host = options.host;
    serving.port = options.port;
    serving.client_version = "valence/v" VALENCE_VERSION "/linux/c++20";
    serving.genesis_json = text;
    BOOST_OUTCOME_TRY(const auto server, rpc::Server::start(std::move(serving), *node));
    if (!options.silent) {
        fmt::print("Full node at http://{}:{}, of chain {}, following {}\n", options.host, server->port(),
                   node->chain_id(), options.da.empty() ? upstream.text() : options.da);
        std::fflush(stdout);
    }
    if (deriving) {
        wait_for_signal();
        return success();
    }
    node::Follower follower(*node, {upstream, std::chrono::milliseconds{100}});
    follower.on_change([&](const node::FollowStatus& status) { tell(status, paint); });
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
        "and nobody else is trusted for it");
    command->add_option("--da-token", options->da_token, "Bearer token for it");
    command->add_option("--genesis", options->genesis_file,
                        "The chain's genesis file; without it, what the joined node says it is");
    command->add_option("--data", options->folder, "Where the chain is kept; in memory when absent");
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
    command->add_flag("--silent", options->silent, "Print nothing but trouble");
    command->callback([options, trusted, trust, &exit_code] {
        if (trust->count() > 0) options->trusted_hash = *trusted;
        const auto done = run_full(*options);
        if (done) return;
        std::fprintf(stderr, "error: %s\n", done.error().message().c_str());
        exit_code = 1;
    });
}

}  // namespace valence::cmd
