#include "valence/client/rpc_answer.hpp"

#include <fmt/format.h>

namespace valence::client {

namespace json = boost::json;

namespace {

/// Of an answer, as deep as any of ours.
constexpr std::size_t kDepth = 64;
/// Characters of an error's data that are passed on.
constexpr std::size_t kMostData = 1024;

/// "message (code)", and what a contract reverted with.
std::string describe(const json::object& error) {
    const auto* message = error.if_contains("message");
    const auto* code = error.if_contains("code");
    const auto* data = error.if_contains("data");
    std::string text = message != nullptr && message->is_string() ? std::string(message->get_string())
                                                                  : std::string("no message");
    if (code != nullptr && code->is_int64()) text += fmt::format(" ({})", code->get_int64());
    if (data != nullptr && data->is_string())
        text += " " + std::string(data->get_string()).substr(0, kMostData);
    return text;
}

}  // namespace

Result<json::value> read_answer(std::string_view body) {
    boost::system::error_code failed;
    json::parse_options options;
    options.max_depth = kDepth;
    json::value answer = json::parse({body.data(), body.size()}, failed, {}, options);
    if (failed || !answer.is_object()) return Error{ClientError::bad_answer};
    auto& object = answer.get_object();
    if (const auto* error = object.if_contains("error"); error != nullptr && error->is_object()) {
        return Error{ClientError::error_answer, describe(error->get_object())};
    }
    auto* result = object.if_contains("result");
    if (result == nullptr) return Error{ClientError::bad_answer, "neither result nor error"};
    return std::move(*result);
}

}  // namespace valence::client
