// The contract ABI (Solidity specification, "Contract ABI Specification"): values to and from bytes, by type.
//
//     const auto type = AbiType::parse("(uint256,address[])");
//     const Bytes data = abi_encode(type, value);
//     const Result<AbiValue> back = abi_decode(type, data);
//
// Arguments of a call are a tuple; the four bytes of a selector are the caller's business.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "valence/base/base.hpp"

namespace valence::codec {

enum class AbiError {
    /// Not the name of a type this codec knows.
    bad_type = 1,
    /// An offset or length that points outside the data.
    out_of_bounds,
    /// A word with bits set that its type does not have.
    bad_padding,
    /// The value's shape is not the type's.
    mismatch,
    /// More values than the data can justify, or types nested too deeply.
    too_large,
};

std::error_code make_error_code(AbiError);

/// A type of the ABI.
struct AbiType {
    enum class Kind : std::uint8_t { uint, sint, address, boolean, fixed_bytes, bytes, string, array, tuple };
    Kind kind = Kind::tuple;
    /// Bits of uintN and intN, bytes of bytesN.
    std::size_t size = 0;
    /// Of an array T[k]; nothing for T[].
    std::optional<std::size_t> length;
    /// The element of an array, the components of a tuple.
    std::vector<AbiType> parts;

    /// From its canonical name, e.g. "uint256", "bytes32[2][]", "(address,(bool,string)[])".
    static Result<AbiType> parse(std::string_view name);

    /// Encoded behind an offset.
    bool is_dynamic() const;
    /// Bytes of its part in the head of the enclosing tuple.
    std::size_t head_size() const;
    /// The canonical name.
    std::string name() const;
};

/// A value: a word (integers in two's complement, addresses, booleans), a byte string (bytesN, bytes, string)
/// or a sequence (arrays, tuples).
struct AbiValue {
    std::variant<U256, Bytes, std::vector<AbiValue>> value;

    AbiValue() = default;
    AbiValue(const U256& word) : value(word) {}         // NOLINT: conversions read well in tests
    AbiValue(Bytes bytes) : value(std::move(bytes)) {}  // NOLINT
    AbiValue(std::vector<AbiValue> items) : value(std::move(items)) {}  // NOLINT

    const U256& word() const { return std::get<U256>(value); }
    const Bytes& bytes() const { return std::get<Bytes>(value); }
    const std::vector<AbiValue>& items() const { return std::get<std::vector<AbiValue>>(value); }
    bool operator==(const AbiValue&) const = default;
};

/// Error mismatch when the value does not have the type's shape or does not fit it.
Result<Bytes> abi_encode(const AbiType& type, const AbiValue& value);

/// Decodes strictly as to padding of words and bounds; bytes after the value are ignored, as Solidity does.
Result<AbiValue> abi_decode(const AbiType& type, BytesView data);

/// What a revert says, when its data is Solidity's Error(string) or Panic(uint256), e.g. "out of funds" or
/// "arithmetic underflow or overflow"; nothing for anything else.
std::optional<std::string> abi_revert_reason(BytesView data);

}  // namespace valence::codec

template <>
struct std::is_error_code_enum<valence::codec::AbiError> : std::true_type {};
