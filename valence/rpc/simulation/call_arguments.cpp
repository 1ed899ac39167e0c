#include "valence/rpc/simulation/call_arguments.hpp"

#include "valence/rpc/simulation/object_reader.hpp"

namespace valence::rpc::simulation {

namespace json = boost::json;

namespace {

constexpr std::string_view kType = "TransactionArgs";

/// More than any block has room for.
constexpr std::size_t kMaxListed = 100'000;

Decoded<chain::AccessListEntry> decode_access(const json::value& value) {
    BOOST_OUTCOME_TRY(const auto fields, ObjectReader::of(value, "AccessTuple"));
    std::optional<Address> address;
    std::optional<std::vector<Hash>> keys;
    BOOST_OUTCOME_TRY(fields.read("address", address));
    BOOST_OUTCOME_TRY(fields.read_list("storageKeys", keys, kMaxListed, decode_hash));
    if (!address) return DecodeError{"missing required field 'address' for AccessTuple", {}};
    if (!keys) return DecodeError{"missing required field 'storageKeys' for AccessTuple", {}};
    return chain::AccessListEntry{*address, std::move(*keys)};
}

Decoded<chain::Authorization> decode_authorization(const json::value& value) {
    BOOST_OUTCOME_TRY(const auto fields, ObjectReader::of(value, "SetCodeAuthorization"));
    std::optional<U256> chain_id;
    std::optional<Address> address;
    std::optional<std::uint64_t> nonce;
    std::optional<std::uint64_t> y_parity;
    std::optional<U256> r;
    std::optional<U256> s;
    BOOST_OUTCOME_TRY(fields.read("chainId", chain_id, decode_lenient_number));
    BOOST_OUTCOME_TRY(fields.read("address", address));
    BOOST_OUTCOME_TRY(fields.read("nonce", nonce));
    BOOST_OUTCOME_TRY(fields.read("yParity", y_parity));
    BOOST_OUTCOME_TRY(fields.read("r", r, decode_lenient_number));
    BOOST_OUTCOME_TRY(fields.read("s", s, decode_lenient_number));
    if (!address) return DecodeError{"missing required field 'address' for SetCodeAuthorization", {}};
    if (y_parity.value_or(0) > 0xff) return DecodeError{"yParity is larger than uint8", {}};
    return chain::Authorization{chain_id.value_or(U256{}), *address,
                                nonce.value_or(0),         static_cast<std::uint8_t>(y_parity.value_or(0)),
                                r.value_or(U256{}),        s.value_or(U256{})};
}

}  // namespace

BytesView CallArguments::calldata() const {
    if (input) return *input;
    return data ? BytesView{*data} : BytesView{};
}

Decoded<chain::AccessList> decode_access_list(const json::value& value) {
    const auto* list = value.if_array();
    if (list == nullptr) return DecodeError{std::string{kind_name(value)}, "types.AccessList"};
    if (list->size() > kMaxListed) return DecodeError{"access list is too long", {}};
    chain::AccessList out;
    for (const auto& item : *list) {
        BOOST_OUTCOME_TRY(auto entry, decode_access(item));
        out.push_back(std::move(entry));
    }
    return out;
}

Decoded<CallArguments> decode_call_arguments(const json::value& value) {
    BOOST_OUTCOME_TRY(const auto fields, ObjectReader::of(value, kType));
    CallArguments out;
    BOOST_OUTCOME_TRY(fields.read("from", out.from));
    BOOST_OUTCOME_TRY(fields.read("to", out.to));
    BOOST_OUTCOME_TRY(fields.read("gas", out.gas));
    BOOST_OUTCOME_TRY(fields.read("gasPrice", out.gas_price));
    BOOST_OUTCOME_TRY(fields.read("maxFeePerGas", out.max_fee_per_gas));
    BOOST_OUTCOME_TRY(fields.read("maxPriorityFeePerGas", out.max_priority_fee_per_gas));
    BOOST_OUTCOME_TRY(fields.read("value", out.value));
    BOOST_OUTCOME_TRY(fields.read("nonce", out.nonce));
    BOOST_OUTCOME_TRY(fields.read("data", out.data));
    BOOST_OUTCOME_TRY(fields.read("input", out.input));
    BOOST_OUTCOME_TRY(fields.read("accessList", out.access_list, decode_access_list));
    BOOST_OUTCOME_TRY(fields.read("chainId", out.chain_id));
    BOOST_OUTCOME_TRY(fields.read("maxFeePerBlobGas", out.max_fee_per_blob_gas));
    BOOST_OUTCOME_TRY(fields.read_list("blobVersionedHashes", out.blob_hashes, kMaxListed, decode_hash));
    BOOST_OUTCOME_TRY(
        fields.read_list("authorizationList", out.authorizations, kMaxListed, decode_authorization));
    return out;
}

}  // namespace valence::rpc::simulation
