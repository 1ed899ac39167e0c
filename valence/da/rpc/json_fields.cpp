#include "valence/da/rpc/json_fields.hpp"

#include <charconv>

#include "valence/base/base64.hpp"

namespace valence::da {

json::string base64_of(BytesView bytes) {
    const auto text = base::to_base64(bytes);
    return json::string(text.data(), text.size());
}

Result<Bytes> bytes_of(const json::value& value) {
    const auto* text = value.if_string();
    if (text == nullptr) return malformed("base64 expected");
    auto bytes = base::from_base64({text->data(), text->size()});
    if (!bytes) return malformed("base64 expected");
    return *std::move(bytes);
}

Result<Namespace> namespace_of(const json::value& value) {
    BOOST_OUTCOME_TRY(const auto bytes, bytes_of(value));
    return parse_namespace(bytes);
}

Result<std::uint64_t> number_of(const json::value& value) {
    if (value.is_int64() && value.get_int64() >= 0) return static_cast<std::uint64_t>(value.get_int64());
    if (value.is_uint64()) return value.get_uint64();
    const auto* text = value.if_string();
    if (text == nullptr || text->empty()) return malformed("a number expected");
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc{} || end != text->data() + text->size()) return malformed("a number expected");
    return number;
}

}  // namespace valence::da
