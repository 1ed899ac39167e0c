#include "valence/rpc/parameters/block_id.hpp"

#include <limits>

#include <boost/json.hpp>

namespace valence::rpc {

namespace json = boost::json;

namespace {

struct NamedTag {
    std::string_view name;
    BlockTag tag;
};
constexpr NamedTag kTags[] = {{"earliest", BlockTag::earliest},
                              {"latest", BlockTag::latest},
                              {"pending", BlockTag::pending},
                              {"safe", BlockTag::safe},
                              {"finalized", BlockTag::finalized}};

Decoded<BlockId> decode_number_text(std::string_view text) {
    for (const auto& [name, tag] : kTags) {
        if (text == name) return BlockId{tag};
    }
    BOOST_OUTCOME_TRY(const auto number, parse_quantity(text));
    if (number > std::numeric_limits<std::int64_t>::max())
        return DecodeError{"block number larger than int64", {}};
    return BlockId{number};
}

Decoded<BlockId> decode_object(const json::object& object) {
    const auto* hash = object.if_contains("blockHash");
    const auto* number = object.if_contains("blockNumber");
    if (hash != nullptr && hash->is_null()) hash = nullptr;
    if (number != nullptr && number->is_null()) number = nullptr;
    if (hash != nullptr && number != nullptr) {
        return DecodeError{"cannot specify both BlockHash and BlockNumber, choose one or the other", {}};
    }
    if (number != nullptr) return decode_block_number(*number);
    if (hash == nullptr) return DecodeError{"invalid arguments; neither block nor hash specified", {}};
    BlockByHash by_hash;
    BOOST_OUTCOME_TRY(by_hash.hash, decode_hash(*hash));
    if (const auto* canonical = object.if_contains("requireCanonical");
        canonical != nullptr && !canonical->is_null()) {
        BOOST_OUTCOME_TRY(by_hash.require_canonical, decode_boolean(*canonical));
    }
    return BlockId{by_hash};
}

}  // namespace

Decoded<BlockId> decode_block_number(const json::value& value) {
    if (value.is_string()) return decode_number_text({value.get_string().data(), value.get_string().size()});
    return decode_number_text(json::serialize(value));
}

Decoded<BlockId> decode_block_id(const json::value& value) {
    if (value.is_object()) return decode_object(value.get_object());
    if (value.is_string() && value.get_string().size() == 66) {
        BOOST_OUTCOME_TRY(const auto hash, decode_hash(value));
        return BlockId{BlockByHash{hash, false}};
    }
    return decode_block_number(value);
}

}  // namespace valence::rpc
