// DaService: the data availability of a sequencer in this process: a layer embedded here and served, or one
// at a URL, and the poster that puts every block into it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "valence/da/rpc/server.hpp"
#include "valence/node/da/da_access.hpp"
#include "valence/node/da/layer_follower.hpp"

namespace valence::cmd {

/// Says on the console what a node finds in its layer.
node::LayerFollowerOptions telling(node::DeriverOptions deriver);

/// A layer at a URL behind celestia-node's API. Error: ClientError::bad_url.
Result<std::unique_ptr<da::Layer>> layer_at(const std::string& url, const std::string& token);

struct DaServiceOptions {
    /// URL of a layer; embedded here when empty.
    std::string url;
    std::string token;
    /// Of the embedded layer's API.
    da::LayerServerConfig serving;
    /// Where the embedded layer and the poster's record are kept; in memory when absent.
    std::optional<std::filesystem::path> folder;
    da::LayerDurability durability = da::LayerDurability::process;
    /// What batches are signed with; the development key when absent.
    std::optional<crypto::bls::SecretKey> key;
    /// Blocks that may wait to be posted before no more are built.
    std::uint64_t most_lag = 4'096;
    /// Blocks of the layer after which a submission whose answer was lost is not expected any more: as long
    /// as a layer's pool may hold one.
    std::uint64_t settling = 12;
};

/// A layer, and the server of its API where it is embedded here.
struct OpenedLayer {
    std::string url;
    std::unique_ptr<da::Layer> layer;
    std::unique_ptr<da::LayerServer> server;
};

/// The layer of a chain with this id.
Result<OpenedLayer> open_layer(const DaServiceOptions& options, std::uint64_t chain_id);

/// What a genesis says of the layer whose newest block this is, for chains that try things out. Error:
/// OptionError::value for a layer without a plain name.
Result<chain::LayerRules> dev_layer_rules(da::Layer& layer);

class DaService {
public:
    /// `node` outlives it. Where its genesis names the layer, the node follows it too, `record` being what
    /// the node knows of it; the layer has been read when this answers.
    static Result<std::unique_ptr<DaService>> start(node::Node& node, const DaServiceOptions& options,
                                                    OpenedLayer opened,
                                                    std::shared_ptr<node::LayerRecord> record);

    const std::string& url() const { return opened_.url; }
    const node::BatchPoster& poster() const { return *poster_; }
    /// What RPC tells of it; not to be used after this.
    std::shared_ptr<const node::DaAccess> access() const { return access_; }

private:
    // Ended in the opposite order: nobody posts into what is gone.
    OpenedLayer opened_;
    std::unique_ptr<node::BatchPoster> poster_;
    std::unique_ptr<node::LayerFollower> follower_;
    std::shared_ptr<const node::DaAccess> access_;
};

}  // namespace valence::cmd
