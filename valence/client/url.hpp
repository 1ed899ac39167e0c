// Url: where a node listens.
#pragma once

#include <string>

#include "valence/base/base.hpp"

namespace valence::client {

struct Url {
    std::string host;
    std::string port;
    /// With its leading slash.
    std::string target;

    std::string text() const { return "http://" + authority() + target; }
    /// "host:port"; an IPv6 address in brackets.
    std::string authority() const {
        return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
    }
    bool operator==(const Url&) const = default;
};

/// From "http://host[:port][/path]"; "http://" may be left out, the port is 80 then as always. Error:
/// ClientError::bad_url; https is refused too, since it is not spoken here.
Result<Url> parse_url(std::string_view text);

}  // namespace valence::client
