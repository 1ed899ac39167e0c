#include "valence/rpc/parameters/log_filter.hpp"

#include <boost/json.hpp>

namespace valence::rpc {

namespace json = boost::json;

namespace {

const json::value* find(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(json::string_view(name.data(), name.size()));
    return value == nullptr || value->is_null() ? nullptr : value;
}

/// An address of a filter is decoded as plain bytes by geth, with words of its own.
Decoded<Address> decode_filter_address(const json::value& value) {
    if (!value.is_string()) return DecodeError{"non-string address", {}};
    auto address = decode_address(value);
    if (address.has_error()) return DecodeError{"invalid address: " + address.error().text, {}};
    return address;
}

Decoded<std::vector<Address>> decode_addresses(const json::value& value, std::size_t limit) {
    std::vector<Address> addresses;
    if (const auto* list = value.if_array()) {
        if (list->size() > limit) return DecodeError{"exceed max addresses", {}};
        for (const auto& item : *list) {
            BOOST_OUTCOME_TRY(const auto address, decode_filter_address(item));
            addresses.push_back(address);
        }
        return addresses;
    }
    if (!value.is_string()) return DecodeError{"invalid addresses in query", {}};
    BOOST_OUTCOME_TRY(const auto address, decode_filter_address(value));
    addresses.push_back(address);
    return addresses;
}

Decoded<Hash> decode_topic(const json::value& value) {
    if (!value.is_string()) return DecodeError{"invalid topic(s)", {}};
    return decode_hash(value);
}

/// One position: null for anything, a topic, or a list of alternatives of which a null makes it anything
/// again.
Decoded<std::vector<Hash>> decode_position(const json::value& value, std::size_t limit) {
    std::vector<Hash> alternatives;
    if (value.is_null()) return alternatives;
    if (const auto* list = value.if_array()) {
        if (list->size() > limit) return DecodeError{"exceed max topics", {}};
        for (const auto& item : *list) {
            if (item.is_null()) return std::vector<Hash>{};
            BOOST_OUTCOME_TRY(const auto topic, decode_topic(item));
            alternatives.push_back(topic);
        }
        return alternatives;
    }
    BOOST_OUTCOME_TRY(const auto topic, decode_topic(value));
    alternatives.push_back(topic);
    return alternatives;
}

}  // namespace

bool LogFilter::matches(const evm::Log& log) const {
    if (!addresses.empty() && std::find(addresses.begin(), addresses.end(), log.address) == addresses.end())
        return false;
    if (topics.size() > log.topics.size()) return false;
    for (std::size_t i = 0; i < topics.size(); ++i) {
        const auto& wanted = topics[i];
        if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), log.topics[i]) == wanted.end())
            return false;
    }
    return true;
}

BloomBits BloomBits::of(BytesView item) {
    chain::Bloom bloom;
    bloom.add(item);
    BloomBits out;
    std::size_t found = 0;
    for (std::size_t i = 0; i < bloom.bytes.size(); ++i) {
        // Bits that share a byte are one entry; what is left of the three asks for nothing.
        if (bloom.bytes[i] != 0) out.bits[found++] = {static_cast<std::uint8_t>(i), bloom.bytes[i]};
    }
    return out;
}

bool LogFilter::may_match(const chain::Bloom& bloom) const {
    return std::all_of(wanted_.begin(), wanted_.end(), [&](const auto& alternatives) {
        return std::any_of(alternatives.begin(), alternatives.end(),
                           [&](const BloomBits& bits) { return bits.may_be_in(bloom); });
    });
}

void LogFilter::prepare() {
    wanted_.clear();
    const auto add = [this](const auto& items) {
        if (items.empty()) return;
        auto& alternatives = wanted_.emplace_back();
        for (const auto& item : items)
            alternatives.push_back(BloomBits::of(item.bytes));
    };
    add(addresses);
    for (const auto& position : topics)
        add(position);
}

std::size_t LogFilter::weight() const {
    auto weight = addresses.size();
    for (const auto& position : topics)
        weight += position.size();
    return weight;
}

Decoded<LogFilter> decode_log_filter(const json::value& value, const Limits& limits) {
    const auto* object = value.if_object();
    if (object == nullptr) return DecodeError{std::string(kind_name(value)), "filters.input"};
    LogFilter filter;
    const auto* from = find(*object, "fromBlock");
    const auto* to = find(*object, "toBlock");
    if (const auto* hash = find(*object, "blockHash")) {
        if (from != nullptr || to != nullptr) {
            return DecodeError{"cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other",
                               {}};
        }
        BOOST_OUTCOME_TRY(filter.block_hash, decode_hash(*hash));
    }
    if (from != nullptr) {
        BOOST_OUTCOME_TRY(filter.from, decode_block_number(*from));
    }
    if (to != nullptr) {
        BOOST_OUTCOME_TRY(filter.to, decode_block_number(*to));
    }
    if (const auto* address = find(*object, "address")) {
        BOOST_OUTCOME_TRY(filter.addresses, decode_addresses(*address, limits.log_addresses));
    }
    if (const auto* topics = find(*object, "topics")) {
        const auto* list = topics->if_array();
        if (list == nullptr) return DecodeError{std::string(kind_name(*topics)), "[]interface {}"};
        if (list->size() > 4) return DecodeError{"exceed max topics", {}};
        for (const auto& position : *list) {
            BOOST_OUTCOME_TRY(auto alternatives, decode_position(position, limits.log_topics));
            filter.topics.push_back(std::move(alternatives));
        }
    }
    filter.prepare();
    return filter;
}

}  // namespace valence::rpc
