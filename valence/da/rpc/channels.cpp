#include "valence/da/rpc/channels.hpp"

#include "valence/da/rpc/json_fields.hpp"

namespace valence::da {

std::string notification(std::string_view method, json::array parameters) {
    return json::serialize(
        json::object{{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(parameters)}});
}

std::optional<std::string> Channels::take(std::string_view message, Caller caller, std::uint64_t newest) {
    if (message.size() > kMostRequest) return std::nullopt;
    boost::system::error_code error;
    const auto request = json::parse({message.data(), message.size()}, error);
    const auto* method = error ? nullptr : field(request, "method");
    if (method == nullptr || !method->is_string()) return std::nullopt;
    const std::string_view name{method->get_string().data(), method->get_string().size()};
    const auto* parameters = field(request, "params");
    const auto* given = parameters != nullptr ? parameters->if_array() : nullptr;
    if (name == "xrpc.cancel")
        return given != nullptr && !given->empty() ? close((*given)[0]) : std::string{};
    const bool is_blobs = name == "blob.Subscribe";
    if (!is_blobs && name != "header.Subscribe") return std::nullopt;
    const auto* given_id = field(request, "id");
    const auto id = given_id != nullptr ? *given_id : json::value(nullptr);
    if (caller == Caller::unknown)
        return json::serialize(
            failed(id, kMethodFailed, "missing permission to invoke 'Subscribe' (need 'read')"));
    if (!is_blobs) return open({}, id, newest);
    const auto wanted = given != nullptr && given->size() == 1 ? namespace_of((*given)[0])
                                                               : Result<Namespace>{malformed("a namespace")};
    if (!wanted) return json::serialize(failed(id, kInvalidParameters, wanted.error().message()));
    return open(wanted.value(), id, newest);
}

std::string Channels::open(std::optional<Namespace> name, const json::value& request, std::uint64_t newest) {
    if (list.size() == kMost)
        return json::serialize(failed(request, kMethodFailed, "too many channels on one connection"));
    list.push_back({next_++, request, name, newest});
    return json::serialize(json::object{{"jsonrpc", "2.0"}, {"id", request}, {"result", list.back().id}});
}

std::string Channels::close(const json::value& request) {
    const auto found = std::ranges::find(list, request, &Channel::request);
    if (found == list.end()) return {};
    auto told = notification("xrpc.ch.close", {found->id});
    list.erase(found);
    return told;
}

}  // namespace valence::da
