#include "valence/da/rpc/admission.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

namespace valence::da {

namespace http = boost::beast::http;

namespace {

constexpr std::string_view kBearer = "Bearer ";

/// In a time that does not tell how far it was right.
bool same_secret(std::string_view a, std::string_view b) {
    std::size_t different = a.size() ^ b.size();
    for (std::size_t i = 0; i < a.size(); ++i)
        different |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i % b.size()]);
    return different == 0;
}

/// A page of another site must not reach the layer under a name of its own (DNS rebinding).
bool is_allowed_host(std::string_view host) {
    const auto name = host.substr(0, host.rfind(':'));
    boost::system::error_code not_an_address;
    boost::asio::ip::make_address(name, not_an_address);
    return host.empty() || name == "localhost" || !not_an_address || host.front() == '[';
}

std::string_view field_of(const http::request_header<>& header, http::field name) {
    const auto value = header[name];
    return {value.data(), value.size()};
}

}  // namespace

Admission admit(const http::request_header<>& header, std::string_view token) {
    if (!is_allowed_host(field_of(header, http::field::host))) return http::status::forbidden;
    // Pages of other sites send one with whatever they ask, programs do not.
    if (header.find(http::field::origin) != header.end()) return http::status::forbidden;
    if (header.method() != http::verb::post && !boost::beast::websocket::is_upgrade(header))
        return http::status::method_not_allowed;
    if (token.empty()) return Caller::trusted;
    const auto shown = field_of(header, http::field::authorization);
    if (shown.empty()) return Caller::unknown;
    if (!shown.starts_with(kBearer)) return http::status::unauthorized;
    if (!same_secret(shown.substr(kBearer.size()), token)) return http::status::unauthorized;
    return Caller::trusted;
}

}  // namespace valence::da
