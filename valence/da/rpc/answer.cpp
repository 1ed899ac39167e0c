#include "valence/da/rpc/answer.hpp"

#include <fmt/format.h>

namespace valence::da {
namespace {

constexpr std::size_t kDepth = 32;
constexpr std::size_t kMostRequests = 64;

json::object failed(const json::value& id, int code, std::string_view message) {
    return {{"jsonrpc", "2.0"},
            {"id", id},
            {"error", json::object{{"code", code}, {"message", std::string(message)}}}};
}

/// "Submit" of "blob.Submit", as celestia-node names it in messages.
std::string_view short_name(std::string_view name) { return name.substr(name.find('.') + 1); }

json::object answer_request(EmbeddedLayer& layer, const json::value& request, Caller caller) {
    const auto* object = request.if_object();
    const auto* id = object != nullptr ? object->if_contains("id") : nullptr;
    const json::value the_id = id != nullptr ? *id : json::value(nullptr);
    const auto* name = object != nullptr ? object->if_contains("method") : nullptr;
    if (name == nullptr || !name->is_string()) return failed(the_id, kInvalidRequest, "invalid request");
    const std::string_view text{name->get_string().data(), name->get_string().size()};
    const auto* method = find_layer_method(text);
    if (method == nullptr)
        return failed(the_id, kMethodNotFound, fmt::format("method '{}' not found", text.substr(0, 64)));
    if (caller == Caller::unknown) {
        return failed(the_id, kMethodFailed,
                      fmt::format("missing permission to invoke '{}' (need '{}')", short_name(text),
                                  method->permission == Permission::read ? "read" : "write"));
    }
    static const json::array kNone;
    const auto* given = object->if_contains("params");
    const bool is_none = given == nullptr || given->is_null();
    if (!is_none && !given->is_array())
        return failed(the_id, kInvalidParameters, "parameters by position expected");
    const auto& parameters = is_none ? kNone : given->get_array();
    if (parameters.size() < method->least || parameters.size() > method->most) {
        return failed(
            the_id, kInvalidParameters,
            fmt::format("wrong param count (method '{}'): {} != {}", text, parameters.size(), method->most));
    }
    if (method->handler == nullptr) {
        return failed(the_id, kMethodNotFound,
                      fmt::format("method '{}' not supported in this mode (no out channel support)", text));
    }
    auto answer = method->handler(layer, parameters);
    if (!answer) return failed(the_id, kMethodFailed, answer.error().message());
    return {{"jsonrpc", "2.0"}, {"id", the_id}, {"result", std::move(answer).value()}};
}

/// Whether an answer is due: it is not to a notification.
bool wants_answer(const json::value& request) {
    const auto* object = request.if_object();
    return object == nullptr || object->contains("id") || !object->contains("method");
}

}  // namespace

std::string answer_message(EmbeddedLayer& layer, std::string_view message, Caller caller) {
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = kDepth;
    const auto parsed = json::parse({message.data(), message.size()}, error, {}, options);
    if (error) return json::serialize(failed(nullptr, kParseError, "unmarshaling request"));
    const auto* batch = parsed.if_array();
    if (batch == nullptr) {
        const auto answer = answer_request(layer, parsed, caller);
        return wants_answer(parsed) ? json::serialize(answer) : std::string{};
    }
    if (batch->empty() || batch->size() > kMostRequests)
        return json::serialize(failed(nullptr, kInvalidRequest, "invalid batch"));
    json::array answers;
    for (const auto& request : *batch) {
        auto answer = answer_request(layer, request, caller);
        if (wants_answer(request)) answers.push_back(std::move(answer));
    }
    return answers.empty() ? std::string{} : json::serialize(answers);
}

}  // namespace valence::da
