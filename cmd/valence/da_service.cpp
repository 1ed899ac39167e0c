#include "cmd/valence/da_service.hpp"

#include <cstdio>

#include "cmd/valence/dev_options.hpp"
#include "cmd/valence/failure.hpp"
#include <fmt/format.h>

#include "valence/chain/beacon.hpp"
#include "valence/da/layer/embedded_layer.hpp"
#include "valence/da/rpc/layer_client.hpp"

namespace valence::cmd {
namespace {

/// Of chains that try things out: a century, in seconds, and blocks of the layer.
constexpr std::uint64_t kDevDrift = std::uint64_t{100} * 365 * 86'400;
constexpr std::uint64_t kDevForcedDelay = 20;

/// How often one is told how far the layer is read.
constexpr std::chrono::seconds kReading{5};

}  // namespace

Result<std::unique_ptr<da::Layer>> layer_at(const std::string& url, const std::string& token) {
    BOOST_OUTCOME_TRY(auto parsed, client::parse_url(url));
    return std::unique_ptr<da::Layer>(
        std::make_unique<da::LayerClient>(da::LayerClientOptions{std::move(parsed), token}));
}

Result<OpenedLayer> open_layer(const DaServiceOptions& options, std::uint64_t chain_id) {
    OpenedLayer opened;
    if (options.folder) {
        // A failure shows when the layer or the record is opened.
        std::error_code ignored;
        std::filesystem::create_directories(*options.folder, ignored);
    }
    if (!options.url.empty()) {
        BOOST_OUTCOME_TRY(opened.layer, layer_at(options.url, options.token));
        opened.url = options.url;
        return opened;
    }
    da::EmbeddedOptions embedded;
    if (options.folder) embedded.folder = *options.folder / "layer";
    embedded.chain_id = fmt::format("valence-{}", chain_id);
    embedded.durability = options.durability;
    BOOST_OUTCOME_TRY(auto layer, da::EmbeddedLayer::open(std::move(embedded)));
    auto started = da::LayerServer::start(options.serving, *layer);
    if (!started) return with_other_port(started.error(), "--da-port");
    opened.server = std::move(started).value();
    opened.url = fmt::format("http://{}:{}", options.serving.host, opened.server->port());
    opened.layer = std::move(layer);
    return opened;
}

Result<chain::LayerRules> dev_layer_rules(da::Layer& layer) {
    BOOST_OUTCOME_TRY(const auto head, layer.head());
    if (!chain::is_layer_name(head.chain_id))
        return Error{OptionError::value, "--da: a genesis cannot name a layer called " + head.chain_id};
    chain::LayerRules rules;
    rules.name = head.chain_id;
    rules.start = {head.height, head.hash(), head.seconds()};
    // Tests of contracts move the chain's time by years.
    rules.drift = kDevDrift;
    rules.forced_delay = kDevForcedDelay;
    return rules;
}

node::LayerFollowerOptions telling(node::DeriverOptions deriver) {
    node::LayerFollowerOptions following;
    following.deriver = std::move(deriver);
    following.found = [](const derive::Finding& finding) {
        // Anybody may write into a namespace.
        if (finding.kind == derive::FindingKind::foreign_blob) return;
        const auto number = finding.number ? fmt::format("block {}, ", *finding.number) : std::string{};
        fmt::print(stderr, "  data availability: {}: {}in the layer's block {}: {}\n",
                   derive::finding_name(finding.kind), number, finding.place.height, finding.text);
    };
    following.troubled = [told = std::optional<Error>{}](const Error& error) mutable {
        if (told != error) fmt::print(stderr, "  cannot derive: {}; trying again\n", error.message());
        told = error;
    };
    return following;
}

Result<std::unique_ptr<DaService>> DaService::start(node::Node& node, const DaServiceOptions& options,
                                                    OpenedLayer opened,
                                                    std::shared_ptr<node::LayerRecord> record) {
    auto service = std::make_unique<DaService>();
    service->opened_ = std::move(opened);
    auto& layer = *service->opened_.layer;
    node::PosterOptions posting{options.key ? *options.key : chain::development_beacon_key(), {}};
    if (options.folder) posting.record = *options.folder / "posted";
    posting.most_lag = options.most_lag;
    // The embedded layer has no pool that outlives a crash.
    if (!options.url.empty()) posting.settling = options.settling;
    posting.on_trouble = [](const std::optional<Error>& trouble) {
        const auto text = trouble ? "cannot post: " + trouble->message() + "; trying again" : "posting again";
        std::fprintf(stderr, "  data availability: %s\n", text.c_str());
    };
    BOOST_OUTCOME_TRY(service->poster_, node::BatchPoster::start(node, layer, std::move(posting)));
    if (node.is_derived()) {
        BOOST_OUTCOME_TRY(const auto newest, layer.head());
        const node::DeriverOptions deriving{{}, std::move(record), node::DeriverOptions::Role::sequences};
        BOOST_OUTCOME_TRY(service->follower_, node::LayerFollower::start(node, layer, telling(deriving)));
        while (!service->follower_->wait_for(newest.height, kReading))
            fmt::print(stderr, "  data availability: read up to block {} of {}\n",
                       service->follower_->status().height, newest.height);
    }
    service->access_ = std::make_shared<const node::DaAccess>(
        node, layer, service->url(),
        [poster = service->poster_.get()] { return node::DaAccess::Status{poster->status()}; });
    return service;
}

}  // namespace valence::cmd
