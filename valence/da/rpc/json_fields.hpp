// Fields of JSON objects from anybody: each there and of its type, or LayerError::malformed with its name.
// For the sources of this folder.
#pragma once

#include "valence/base/hex.hpp"
#include "valence/da/rpc/shapes.hpp"

namespace valence::da {

/// Items of a list: rows of the largest extended square.
inline constexpr std::size_t kMostItems = 2 * 2 * kMaxSquareWidth;

inline Error malformed(std::string_view what) { return {LayerError::malformed, std::string(what)}; }

/// The field; null when there is none, or no object.
inline const json::value* field(const json::value& value, std::string_view name) {
    const auto* object = value.if_object();
    return object != nullptr ? object->if_contains(json::string_view{name.data(), name.size()}) : nullptr;
}

inline Result<const json::value*> require(const json::value& value, std::string_view name) {
    const auto* found = field(value, name);
    if (found == nullptr) return malformed(name);
    return found;
}

/// 0 where it is left out, as Go does.
inline Result<std::uint64_t> number_field(const json::value& value, std::string_view name) {
    const auto* found = field(value, name);
    return found == nullptr ? Result<std::uint64_t>{0} : number_of(*found);
}

inline Result<std::string_view> text_field(const json::value& value, std::string_view name) {
    const auto* found = field(value, name);
    if (found == nullptr || !found->is_string()) return malformed(name);
    const auto& text = found->get_string();
    return std::string_view{text.data(), text.size()};
}

template <typename T>
Result<T> fixed_of(const json::value& value) {
    BOOST_OUTCOME_TRY(const auto bytes, bytes_of(value));
    if (bytes.size() != T::kSize) return malformed("bytes of another length");
    return base::from_exact<T>(bytes);
}

/// A list of base64 texts; no list where it is null or left out.
template <typename T>
Result<std::vector<T>> list_of(const json::value& value, std::string_view name) {
    std::vector<T> out;
    const auto* found = field(value, name);
    if (found == nullptr || found->is_null()) return out;
    const auto* list = found->if_array();
    if (list == nullptr || list->size() > kMostItems) return malformed(name);
    for (const auto& item : *list) {
        BOOST_OUTCOME_TRY(const auto one, fixed_of<T>(item));
        out.push_back(one);
    }
    return out;
}

template <typename T>
json::array list_json(const std::vector<T>& list) {
    json::array out;
    for (const auto& one : list)
        out.push_back(base64_of(one));
    return out;
}

/// A hash in a header: hexadecimal in capitals; empty for none.
inline std::string capitals(BytesView bytes) {
    auto text = base::to_hex(bytes);
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return text;
}

template <typename T>
Result<T> hex_field(const json::value& value, std::string_view name) {
    BOOST_OUTCOME_TRY(const auto text, text_field(value, name));
    if (text.empty()) return T{};
    const auto bytes = base::from_hex(text);
    if (!bytes || bytes->size() != T::kSize) return malformed(name);
    return base::from_exact<T>(*bytes);
}

}  // namespace valence::da
