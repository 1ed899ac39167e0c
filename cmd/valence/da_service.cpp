#include "cmd/valence/da_service.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "valence/chain/beacon.hpp"
#include "valence/da/rpc/layer_client.hpp"

namespace valence::cmd {

Result<std::unique_ptr<da::Layer>> layer_at(const std::string& url, const std::string& token) {
    BOOST_OUTCOME_TRY(auto parsed, client::parse_url(url));
    return std::unique_ptr<da::Layer>(
        std::make_unique<da::LayerClient>(da::LayerClientOptions{std::move(parsed), token}));
}

Result<std::unique_ptr<DaService>> DaService::start(node::Node& node, const DaServiceOptions& options) {
    auto service = std::make_unique<DaService>();
    if (options.folder) {
        // A failure shows when the layer or the record is opened.
        std::error_code ignored;
        std::filesystem::create_directories(*options.folder, ignored);
    }
    if (options.url.empty()) {
        da::EmbeddedOptions embedded;
        if (options.folder) embedded.folder = *options.folder / "layer";
        embedded.chain_id = fmt::format("valence-{}", node.chain_id());
        embedded.durability = options.durability;
        BOOST_OUTCOME_TRY(auto layer, da::EmbeddedLayer::open(std::move(embedded)));
        BOOST_OUTCOME_TRY(service->server_, da::LayerServer::start(options.serving, *layer));
        service->url_ = fmt::format("http://{}:{}", options.serving.host, service->server_->port());
        service->layer_ = std::move(layer);
    } else {
        BOOST_OUTCOME_TRY(service->layer_, layer_at(options.url, options.token));
        service->url_ = options.url;
    }
    node::PosterOptions posting{options.key ? *options.key : chain::development_beacon_key(), {}};
    if (options.folder) posting.record = *options.folder / "posted";
    posting.most_lag = options.most_lag;
    // The embedded layer has no pool that outlives a crash.
    if (!options.url.empty()) posting.settling = options.settling;
    posting.on_trouble = [](const std::optional<Error>& trouble) {
        const auto text = trouble ? "cannot post: " + trouble->message() + "; trying again" : "posting again";
        std::fprintf(stderr, "  data availability: %s\n", text.c_str());
    };
    BOOST_OUTCOME_TRY(service->poster_, node::BatchPoster::start(node, *service->layer_, std::move(posting)));
    service->access_ = std::make_shared<const node::DaAccess>(
        node, *service->layer_, service->url_,
        [poster = service->poster_.get()] { return node::DaAccess::Status{poster->status()}; });
    return service;
}

}  // namespace valence::cmd
