// Reading fixtures: JSON values as the numbers, byte strings and states they stand for.
#pragma once

#include <stdexcept>

#include <boost/json.hpp>

#include "valence/base/base.hpp"
#include "valence/chain/block.hpp"
#include "valence/state/memory_state.hpp"

namespace valence::conformance {

namespace json = boost::json;

/// The file is not what its kind of test looks like. Caught where a file is run; its case fails.
class BadFixture : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

const json::value& member(const json::value& object, std::string_view key);
/// Null when there is no such member or it is null.
const json::value* find(const json::value& object, std::string_view key);
std::string_view text_of(const json::value& value);
const json::object& object_of(const json::value& value);
const json::array& array_of(const json::value& value);

Bytes bytes_of(const json::value& value);
/// Hexadecimal with 0x, decimal, or a JSON number.
U256 number_of(const json::value& value);
/// Nothing when it has more than 256 bits, or is marked as such ("0x:bigint …").
std::optional<U256> bounded_number_of(const json::value& value);
std::uint64_t u64_of(const json::value& value);
Address address_of(const json::value& value);
Hash hash_of(const json::value& value);

/// The state a "pre", "alloc" or "postState" object describes.
state::MemoryState state_of(const json::value& accounts);

/// Where two states differ, for people; empty when they are equal.
std::string difference(const state::MemoryState& expected, const state::MemoryState& actual);

std::string hex(BytesView bytes);

}  // namespace valence::conformance
