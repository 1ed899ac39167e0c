// Server: JSON-RPC over HTTP/1.1 and WebSocket on one port, beside GET /health and GET /metrics.
//
// A few threads do all network I/O as coroutines; methods run on a pool of workers, where blocking is fine,
// and those that may take seconds on another, of which nobody has more than half. The server stops cleanly
// when it is destroyed: no new requests, those that run finish, then every connection closes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "valence/rpc/context.hpp"
#include "valence/rpc/error.hpp"

namespace valence::rpc {

struct ServerConfig {
    std::string host = "127.0.0.1";
    /// 0 picks a free one.
    std::uint16_t port = 8545;
    Mode mode = Mode::open;
    /// Names by which the server may be called (the Host header), against DNS rebinding; IP addresses always
    /// pass, "*" lets everything pass. geth calls it --http.vhosts.
    std::vector<std::string> allowed_hosts{"localhost"};
    /// Origins of web pages that may call (CORS, and WebSocket's Origin); "*" is every page.
    std::vector<std::string> cors_origins{"*"};
    Limits limits;
    std::size_t io_threads = 2;
    std::size_t workers = 16;
    std::size_t patient_workers = 16;
    std::string client_version = "valence/v0.1.0/linux-amd64/c++20";
    /// The genesis file, for nodes that join; empty: it is not served.
    std::string genesis_json;
    /// Hears console.log in eth_call and eth_estimateGas; may be null.
    ConsoleSink console;
    /// What it tells of data availability; may be null.
    std::shared_ptr<const node::DaAccess> da;
    /// What eth_syncing asks; may be null.
    SyncSource syncing;
};

class Server {
public:
    /// Listens and serves. Fails when the address cannot be bound. `node` outlives the server.
    static Result<std::unique_ptr<Server>> start(ServerConfig config, node::Node& node);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// The port it listens on.
    std::uint16_t port() const;
    Context& context();

private:
    class Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace valence::rpc
