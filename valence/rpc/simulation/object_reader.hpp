// ObjectReader: the fields of a JSON object, each decoded or complained about in the words of Go's decoder,
// which name the struct geth decodes into. Fields that are absent or null are not set; unknown ones are
// ignored.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "valence/rpc/parameters/decode.hpp"

namespace valence::rpc::simulation {

class ObjectReader {
public:
    /// `type_name` as in "Go struct field TransactionArgs.from".
    static Decoded<ObjectReader> of(const boost::json::value& value, std::string_view type_name) {
        if (const auto* object = value.if_object()) return ObjectReader{*object, type_name};
        return DecodeError{std::string{kind_name(value)}, std::string{type_name}};
    }

    /// Null when the field is absent or null.
    const boost::json::value* find(std::string_view name) const {
        const auto* value = object_.if_contains(name);
        return value == nullptr || value->is_null() ? nullptr : value;
    }

    template <typename T, typename Decoder>
    Decoded<void> read(std::string_view name, std::optional<T>& out, Decoder&& decode) const {
        const auto* value = find(name);
        if (value == nullptr) return base::success();
        auto decoded = decode(*value);
        if (decoded.has_error()) return DecodeError{decoded.error().message_in(type_name_, name), {}};
        out = std::move(decoded).value();
        return base::success();
    }

    Decoded<void> read(std::string_view name, std::optional<std::uint64_t>& out) const {
        return read(name, out, [](const boost::json::value& v) { return decode_quantity(v); });
    }
    Decoded<void> read(std::string_view name, std::optional<U256>& out) const {
        return read(name, out, [](const boost::json::value& v) { return decode_big_quantity(v); });
    }
    Decoded<void> read(std::string_view name, std::optional<Bytes>& out) const {
        return read(name, out, [](const boost::json::value& v) { return decode_data(v); });
    }
    Decoded<void> read(std::string_view name, std::optional<Address>& out) const {
        return read(name, out, decode_address);
    }
    Decoded<void> read(std::string_view name, std::optional<Hash>& out) const {
        return read(name, out, decode_hash);
    }
    Decoded<void> read(std::string_view name, bool& out) const {
        std::optional<bool> value;
        BOOST_OUTCOME_TRY(read(name, value, decode_boolean));
        out = value.value_or(out);
        return base::success();
    }

    /// A list whose items `decode` reads; at most `limit` of them.
    template <typename T, typename Decoder>
    Decoded<void> read_list(std::string_view name, std::optional<std::vector<T>>& out, std::size_t limit,
                            Decoder&& decode) const {
        const auto* value = find(name);
        if (value == nullptr) return base::success();
        const auto* list = value->if_array();
        if (list == nullptr) {
            return DecodeError{
                DecodeError{std::string{kind_name(*value)}, "[]" + std::string{name}}.message_in(type_name_,
                                                                                                 name),
                {}};
        }
        if (list->size() > limit) {
            return DecodeError{std::string{name} + ": more than " + std::to_string(limit) + " entries", {}};
        }
        out.emplace();
        for (const auto& item : *list) {
            auto decoded = decode(item);
            if (decoded.has_error()) return DecodeError{decoded.error().message_in(type_name_, name), {}};
            out->push_back(std::move(decoded).value());
        }
        return base::success();
    }

private:
    ObjectReader(const boost::json::object& object, std::string_view type_name)
        : object_(object), type_name_(type_name) {}

    const boost::json::object& object_;
    std::string_view type_name_;
};

}  // namespace valence::rpc::simulation
