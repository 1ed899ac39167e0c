// Parameters: the positional parameters of one request. Each accessor decodes the parameter at an index or
// says, in geth's words, what is wrong with it; a JSON null counts as not given.
#pragma once

#include <optional>

#include <boost/json/fwd.hpp>

#include "valence/rpc/error.hpp"
#include "valence/rpc/parameters/block_id.hpp"
#include "valence/rpc/parameters/decode.hpp"

namespace valence::rpc {

class Parameters {
public:
    /// `items` may be null: no parameters.
    explicit Parameters(const boost::json::array* items) : items_(items) {}

    std::size_t size() const;
    /// Null when it is absent or null.
    const boost::json::value* find(std::size_t index) const;
    bool given(std::size_t index) const { return find(index) != nullptr; }
    /// missing_argument when it is absent or null.
    Answer<const boost::json::value*> require(std::size_t index) const;

    Answer<Address> address(std::size_t index) const { return decode(index, decode_address); }
    Answer<Hash> hash(std::size_t index) const { return decode(index, decode_hash); }
    Answer<Bytes> data(std::size_t index) const {
        return decode(index, [](const boost::json::value& v) { return decode_data(v); });
    }
    Answer<std::uint64_t> quantity(std::size_t index) const {
        return decode(index, [](const boost::json::value& v) { return decode_quantity(v); });
    }
    Answer<U256> big_quantity(std::size_t index) const {
        return decode(index, [](const boost::json::value& v) { return decode_big_quantity(v); });
    }
    Answer<bool> boolean(std::size_t index) const { return decode(index, decode_boolean); }
    Answer<bool> boolean_or(std::size_t index, bool otherwise) const;
    Answer<std::string> string(std::size_t index) const { return decode(index, decode_string); }

    /// A number or a tag.
    Answer<BlockId> block_number(std::size_t index) const { return decode(index, decode_block_number); }
    /// A number, a tag or a hash; `otherwise` when it is not given.
    Answer<BlockId> block_or(std::size_t index, BlockTag otherwise) const;
    Answer<BlockId> block(std::size_t index) const { return decode(index, decode_block_id); }

    /// For dev helpers: numbers, decimal and hexadecimal text.
    Answer<U256> lenient_number(std::size_t index) const { return decode(index, decode_lenient_number); }
    Answer<std::uint64_t> lenient_u64(std::size_t index) const { return decode(index, decode_lenient_u64); }
    Answer<Hash> lenient_word(std::size_t index) const { return decode(index, decode_lenient_word); }

    /// Decodes with any function from a JSON value to a Decoded.
    template <typename Decoder>
    auto decode(std::size_t index, Decoder&& decoder) const
        -> Answer<std::decay_t<decltype(decoder(std::declval<const boost::json::value&>()).value())>> {
        BOOST_OUTCOME_TRY(const auto* value, require(index));
        auto decoded = decoder(*value);
        if (decoded.has_error()) return invalid_argument(index, decoded.error().message());
        return std::move(decoded).value();
    }

private:
    const boost::json::array* items_;
};

}  // namespace valence::rpc
