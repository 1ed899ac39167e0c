// Decoding of single JSON values into the types of Ethereum's JSON-RPC, with geth's words for what is wrong:
// callers and test suites compare them.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>
#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/policy/terminate.hpp>
#include <boost/outcome/try.hpp>

#include "valence/base/base.hpp"

namespace valence::rpc {

/// Why a value could not be decoded. With a type it reads "json: cannot unmarshal TEXT into Go value of type
/// TYPE", within an object "… into Go struct field OBJECT.FIELD of type TYPE"; without one it is the text
/// alone.
struct DecodeError {
    std::string text;
    std::string type;

    std::string message() const;
    std::string message_in(std::string_view object, std::string_view field) const;
};

template <typename T>
using Decoded = boost::outcome_v2::basic_result<T, DecodeError, boost::outcome_v2::policy::terminate>;

// ---- As geth decodes them: quantities are "0x" and digits without leading zeros, data is "0x" and an even
// number.

Decoded<std::uint64_t> decode_quantity(const boost::json::value& value,
                                       std::string_view type = "hexutil.Uint64");
Decoded<U256> decode_big_quantity(const boost::json::value& value, std::string_view type = "hexutil.Big");
Decoded<Bytes> decode_data(const boost::json::value& value, std::string_view type = "hexutil.Bytes");
Decoded<Address> decode_address(const boost::json::value& value);
Decoded<Hash> decode_hash(const boost::json::value& value);
Decoded<bool> decode_boolean(const boost::json::value& value);
Decoded<std::string> decode_string(const boost::json::value& value);

/// Text of a quantity, without the type in its errors.
Decoded<std::uint64_t> parse_quantity(std::string_view text);

/// At most 32 bytes of hexadecimal, right-aligned, as eth_getStorageAt takes a slot; `digits` tells how many
/// were given.
struct StorageKey {
    U256 key;
    std::size_t bytes = 0;
};
Decoded<StorageKey> decode_storage_key(std::string_view text);

// ---- As dev tools send them: a JSON number, decimal text, or hexadecimal text with or without leading
// zeros.

Decoded<U256> decode_lenient_number(const boost::json::value& value);
Decoded<std::uint64_t> decode_lenient_u64(const boost::json::value& value);
/// Hexadecimal of up to 32 bytes, or a number.
Decoded<Hash> decode_lenient_word(const boost::json::value& value);

/// What a JSON value is, in Go's words: "string", "number", "object", "array", "bool".
std::string_view kind_name(const boost::json::value& value);

}  // namespace valence::rpc
