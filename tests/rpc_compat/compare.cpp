#include "compare.hpp"

#include <boost/json.hpp>

namespace valence::rpc_compat {

namespace json = boost::json;

namespace {

std::string text(const json::value& value) {
    auto out = json::serialize(value);
    if (out.size() > 200) out = out.substr(0, 200) + "…";
    return out;
}

/// 0 and 0.0 are the same JSON number.
bool equal_atoms(const json::value& a, const json::value& b) {
    if (a.is_number() && b.is_number()) return a.to_number<double>() == b.to_number<double>();
    return a == b;
}

std::string compare(const std::string& path, const json::value& expected, const json::value& actual) {
    if (expected.is_object() && actual.is_object()) {
        for (const auto& [key, value] : expected.get_object()) {
            const auto* other = actual.get_object().if_contains(key);
            const auto inner = path + '.' + std::string(key);
            if (other == nullptr) return inner + " is missing";
            if (auto found = compare(inner, value, *other); !found.empty()) return found;
        }
        for (const auto& [key, value] : actual.get_object()) {
            if (!expected.get_object().contains(key))
                return path + '.' + std::string(key) + " is not expected";
        }
        return {};
    }
    if (expected.is_array() && actual.is_array()) {
        const auto& a = expected.get_array();
        const auto& b = actual.get_array();
        for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
            if (auto found = compare(path + '[' + std::to_string(i) + ']', a[i], b[i]); !found.empty())
                return found;
        }
        if (a.size() == b.size()) return {};
        return path + " has " + std::to_string(b.size()) + " items, not " + std::to_string(a.size());
    }
    if (equal_atoms(expected, actual)) return {};
    return path + " is " + text(actual) + ", not " + text(expected);
}

/// Names of fields, as opposed to the addresses and hashes that some answers have as names.
bool is_field(std::string_view key) { return !key.starts_with("0x"); }

}  // namespace

std::string difference(const json::value& expected, const json::value& actual) {
    return compare("", expected, actual);
}

std::string shape_difference(const json::value& expected, const json::value& actual) {
    for (const auto* part : {"result", "error"}) {
        const auto* wanted = expected.as_object().if_contains(part);
        const auto* given = actual.is_object() ? actual.get_object().if_contains(part) : nullptr;
        if ((wanted == nullptr) != (given == nullptr))
            return std::string(part) + (wanted == nullptr ? " is not expected" : " is missing");
        if (wanted == nullptr) continue;
        if (wanted->kind() != given->kind()) return std::string(part) + " is of another type";
        if (!wanted->is_object()) continue;
        for (const auto& [key, value] : wanted->get_object()) {
            if (is_field(key) && !given->get_object().contains(key))
                return std::string(part) + '.' + std::string(key) + " is missing";
        }
    }
    return {};
}

}  // namespace valence::rpc_compat
