#include "valence/da/rpc/answer.hpp"

#include <fmt/format.h>

namespace valence::da {
namespace {

constexpr std::size_t kDepth = 32;
constexpr std::size_t kMostRequests = 64;
/// Characters of a batch's answers after which the rest of it is refused: one answer may be a whole square.
constexpr std::size_t kMostAnswered = std::size_t{64} << 20;

/// "Submit" of "blob.Submit", as celestia-node names it in messages.
std::string_view short_name(std::string_view name) { return name.substr(name.find('.') + 1); }

json::value id_of(const json::value& request) {
    const auto* object = request.if_object();
    const auto* id = object != nullptr ? object->if_contains("id") : nullptr;
    return id != nullptr ? *id : json::value(nullptr);
}

/// Whether the request is alone in its message, or one of a batch.
enum class Place : std::uint8_t { alone, in_batch };

json::object answer_request(EmbeddedLayer& layer, const json::value& request, Caller caller, Place place) {
    const auto* object = request.if_object();
    const auto the_id = id_of(request);
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
    // One after the other they would keep a thread for as long as all of them together wait.
    if (method->waits == Waits::yes && place == Place::in_batch)
        return failed(the_id, kMethodFailed,
                      fmt::format("'{}' is not answered in a batch", short_name(text)));
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

json::object failed(const json::value& id, int code, std::string_view message) {
    return {{"jsonrpc", "2.0"},
            {"id", id},
            {"error", json::object{{"code", code}, {"message", std::string(message)}}}};
}

std::string answer_message(EmbeddedLayer& layer, std::string_view message, Caller caller) {
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = kDepth;
    const auto parsed = json::parse({message.data(), message.size()}, error, {}, options);
    if (error) return json::serialize(failed(nullptr, kParseError, "unmarshaling request"));
    const auto* batch = parsed.if_array();
    if (batch == nullptr) {
        const auto answer = answer_request(layer, parsed, caller, Place::alone);
        return wants_answer(parsed) ? json::serialize(answer) : std::string{};
    }
    if (batch->empty() || batch->size() > kMostRequests)
        return json::serialize(failed(nullptr, kInvalidRequest, "invalid batch"));
    std::string answers;
    for (const auto& request : *batch) {
        const auto answer = answers.size() > kMostAnswered
                                ? failed(id_of(request), kMethodFailed, "too much for one batch")
                                : answer_request(layer, request, caller, Place::in_batch);
        if (!wants_answer(request)) continue;
        answers += answers.empty() ? '[' : ',';
        answers += json::serialize(answer);
    }
    if (!answers.empty()) answers += ']';
    return answers;
}

}  // namespace valence::da
