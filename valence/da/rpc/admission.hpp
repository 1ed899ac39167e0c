// Admission: who may ask the layer's server, by the header of his request alone.
#pragma once

#include <variant>

#include <boost/beast/http.hpp>

#include "valence/da/rpc/answer.hpp"

namespace valence::da {

/// Who asks; or why there is no answer.
using Admission = std::variant<Caller, boost::beast::http::status>;

/// `token`: what callers must show; anybody may do anything when it is empty. Total.
Admission admit(const boost::beast::http::request_header<>& header, std::string_view token);

}  // namespace valence::da
