// Why a node could not be asked, or did not answer.
#pragma once

#include <system_error>

namespace valence::client {

enum class ClientError {
    /// Not "http://host[:port][/path]".
    bad_url = 1,
    /// Nobody there, or the connection ended.
    unreachable,
    /// No answer in time.
    timed_out,
    /// An HTTP status other than 200.
    refused_by_http,
    /// No JSON-RPC, or more bytes than allowed.
    bad_answer,
    /// An answer with an error in it, whose message this carries.
    error_answer,
};
std::error_code make_error_code(ClientError);

}  // namespace valence::client

template <>
struct std::is_error_code_enum<valence::client::ClientError> : std::true_type {};
