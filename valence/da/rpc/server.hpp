// LayerServer: the embedded layer as a node of celestia's would serve it: JSON-RPC over HTTP on one path,
// with a bearer token.
#pragma once

#include <memory>
#include <string>

#include "valence/da/layer/embedded_layer.hpp"

namespace valence::da {

struct LayerServerConfig {
    std::string host = "127.0.0.1";
    /// celestia-node's; 0 picks a free one.
    std::uint16_t port = 26'658;
    /// What callers must show; anybody may do anything when empty.
    std::string token;
    /// Of one request: a submission of the largest batch that is posted at once, in base64.
    std::size_t request_bytes = std::size_t{64} << 20;
    std::size_t connections = 256;
    std::size_t workers = 16;
};

class LayerServer {
public:
    /// Listens and serves. Fails when the address cannot be bound. `layer` outlives the server.
    static Result<std::unique_ptr<LayerServer>> start(LayerServerConfig config, EmbeddedLayer& layer);
    ~LayerServer();
    LayerServer(const LayerServer&) = delete;
    LayerServer& operator=(const LayerServer&) = delete;

    std::uint16_t port() const;

private:
    class Impl;
    explicit LayerServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace valence::da
