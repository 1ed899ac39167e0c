#include "valence/client/url.hpp"

#include <charconv>

#include "valence/client/client_error.hpp"

namespace valence::client {
namespace {

bool is_port(std::string_view text) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && number >= 1 && number <= 65535;
}

bool is_plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127 && c != '@'; });
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
    const Error bad{ClientError::bad_url, std::string(text)};
    std::string_view rest = text;
    if (const auto scheme = rest.find("://"); scheme != std::string_view::npos) {
        if (rest.substr(0, scheme) != "http") return bad;
        rest.remove_prefix(scheme + 3);
    }
    if (!is_plain(rest)) return bad;
    Url url{"", "80", "/"};
    if (const auto path = rest.find('/'); path != std::string_view::npos) {
        url.target = rest.substr(path);
        rest = rest.substr(0, path);
    }
    if (rest.starts_with('[')) {
        const auto end = rest.find(']');
        if (end == std::string_view::npos) return bad;
        url.host = rest.substr(1, end - 1);
        rest.remove_prefix(end + 1);
        if (!rest.empty() && rest.front() != ':') return bad;
    } else {
        const auto end = std::min(rest.find(':'), rest.size());
        url.host = rest.substr(0, end);
        rest.remove_prefix(end);
    }
    if (!rest.empty()) {
        url.port = rest.substr(1);
        if (!is_port(url.port)) return bad;
    }
    if (url.host.empty()) return bad;
    return url;
}

}  // namespace valence::client
