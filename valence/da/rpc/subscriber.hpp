// Subscriber: one WebSocket connection to the embedded layer: requests as over HTTP, and channels of new
// blocks as celestia-node has them (github.com/filecoin-project/go-jsonrpc):
//
//     → {"id":1,"method":"blob.Subscribe","params":[namespace]}      ← {"id":1,"result":channel}
//     ← {"method":"xrpc.ch.val","params":[channel,{"Blobs":[…],"Height":n}]}        for every block from now
//     on → {"method":"xrpc.cancel","params":[1]}                        ←
//     {"method":"xrpc.ch.close","params":[channel]}
#pragma once

#include <atomic>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "valence/da/rpc/answer.hpp"

namespace valence::da {

using LayerStream = boost::beast::basic_stream<boost::asio::ip::tcp, boost::asio::any_io_executor>;
using LayerRequest = boost::beast::http::request<boost::beast::http::string_body>;

struct SubscriberContext {
    EmbeddedLayer& layer;
    /// Where methods run.
    boost::asio::thread_pool& workers;
    const std::atomic<bool>& stopping;
    /// Of one message.
    std::size_t request_bytes;
    Caller caller;
};

/// Until the connection ends. `upgrade` asked for it. On the stream's strand.
boost::asio::awaitable<void> serve_subscriber(SubscriberContext context, LayerStream stream,
                                              LayerRequest upgrade);

}  // namespace valence::da
