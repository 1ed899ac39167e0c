// One WebSocket connection: requests in, answers and notifications out.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "valence/rpc/transport/shared.hpp"

namespace valence::rpc {

/// Takes over a connection whose upgrade request was read, and serves it until it closes.
boost::asio::awaitable<void> serve_websocket(
    Shared& shared, Stream stream, boost::beast::http::request<boost::beast::http::string_body> upgrade);

}  // namespace valence::rpc
