#include "valence/rpc/transport/gate.hpp"

#include <algorithm>

#include <boost/asio/ip/address.hpp>

namespace valence::rpc {

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

/// The host without its port, and an IPv6 address without its brackets.
std::string_view without_port(std::string_view host) {
    if (!host.empty() && host.front() == '[') {
        const auto end = host.find(']');
        return end == std::string_view::npos ? host : host.substr(1, end - 1);
    }
    const auto colon = host.rfind(':');
    return colon == std::string_view::npos ? host : host.substr(0, colon);
}

bool contains(const std::vector<std::string>& list, std::string_view name) {
    return std::any_of(list.begin(), list.end(), [&](const auto& entry) { return lower(entry) == name; });
}

}  // namespace

bool host_allowed(const std::vector<std::string>& allowed, std::string_view host) {
    if (host.empty() || contains(allowed, "*")) return true;
    const auto name = lower(without_port(host));
    boost::system::error_code not_an_address;
    boost::asio::ip::make_address(name, not_an_address);
    return !not_an_address || contains(allowed, name);
}

std::string_view allowed_origin(const std::vector<std::string>& allowed, std::string_view origin) {
    if (origin.empty()) return {};
    if (contains(allowed, "*")) return "*";
    return contains(allowed, lower(origin)) ? origin : std::string_view{};
}

bool is_json_content(std::string_view content_type) {
    auto type = content_type.substr(0, content_type.find(';'));
    while (!type.empty() && type.back() == ' ')
        type.remove_suffix(1);
    const auto name = lower(type);
    return name == "application/json" || name == "application/json-rpc" || name == "application/jsonrequest";
}

}  // namespace valence::rpc
