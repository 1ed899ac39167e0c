#include "valence/client/client_error.hpp"

#include <string>

namespace valence::client {
namespace {

class ClientCategory final : public std::error_category {
public:
    const char* name() const noexcept override { return "client"; }
    std::string message(int code) const override {
        switch (static_cast<ClientError>(code)) {
            case ClientError::bad_url:
                return "not a URL of the form http://host:port";
            case ClientError::unreachable:
                return "the node cannot be reached";
            case ClientError::timed_out:
                return "the node did not answer in time";
            case ClientError::refused_by_http:
                return "the node's HTTP server refused";
            case ClientError::bad_answer:
                return "the node's answer is not JSON-RPC";
            case ClientError::error_answer:
                return "the node answered an error";
        }
        return "unknown error";
    }
};

}  // namespace

std::error_code make_error_code(ClientError error) {
    static const ClientCategory category;
    return {static_cast<int>(error), category};
}

}  // namespace valence::client
