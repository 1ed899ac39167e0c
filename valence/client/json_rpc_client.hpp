// JsonRpcClient: JSON-RPC 2.0 over HTTP/1.1. Each call waits for its answer; the connection is kept for the
// next and made anew when the node has closed it. For one thread at a time.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "valence/client/client_error.hpp"
#include "valence/client/url.hpp"

namespace valence::client {

struct ClientLimits {
    /// From the request to the whole answer, each.
    std::chrono::seconds time{60};
    /// Of one answer.
    std::size_t answer_bytes = std::size_t{16} << 20;
};

class JsonRpcClient {
public:
    /// `token` is shown as a bearer token, when not empty.
    explicit JsonRpcClient(Url url, ClientLimits limits = {}, std::string token = {});
    ~JsonRpcClient();
    JsonRpcClient(JsonRpcClient&&) noexcept;
    JsonRpcClient& operator=(JsonRpcClient&&) noexcept;

    const Url& url() const;

    /// The answer's "result". `parameters` is the JSON text of an array. A request whose connection broke
    /// before anything came back is sent once more, so what is asked must bear being asked twice. Errors:
    /// ClientError; error_answer carries the node's message, its code in
    /// parentheses, and the data that a contract reverted with.
    Result<boost::json::value> call(std::string_view method, std::string_view parameters = "[]");

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace valence::client
