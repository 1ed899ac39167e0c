// Who may call: the Host header (against DNS rebinding) and the Origin header (CORS).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace valence::rpc {

/// Whether a request with this Host header may pass: no header, an IP address, a listed name, or "*" listed.
bool host_allowed(const std::vector<std::string>& allowed, std::string_view host);

/// What Access-Control-Allow-Origin is to say to a page of this origin; empty when it may not read the
/// answer.
std::string_view allowed_origin(const std::vector<std::string>& allowed, std::string_view origin);

/// Whether a Content-Type is one of JSON's, whatever its parameters.
bool is_json_content(std::string_view content_type);

}  // namespace valence::rpc
