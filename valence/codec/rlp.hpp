// Recursive Length Prefix (Ethereum yellow paper, appendix B), canonical forms only.
//
//     RlpReader fields = …;                                    // over the payload of a list
//     BOOST_OUTCOME_TRY(const auto nonce, fields.u64());
//     BOOST_OUTCOME_TRY(const auto to, fields.fixed<Address>());
//     BOOST_OUTCOME_TRYV(fields.finish());                     // nothing may follow
//
//     RlpWriter w;
//     w.list([&] { w.u64(nonce).bytes(to).u256(value); });
//     Bytes encoded = w.take();
#pragma once

#include <cstdint>
#include <utility>

#include "valence/base/base.hpp"

namespace valence::codec {

enum class RlpError {
    /// The input ends before the item does.
    truncated = 1,
    /// Bytes follow what should be the last item.
    trailing_bytes,
    /// A longer form was used than the value needs.
    non_canonical,
    /// A list where a string was expected, or the reverse.
    expected_string,
    expected_list,
    /// An integer with leading zeros.
    leading_zero,
    /// An integer with more bits than its type has.
    integer_too_large,
    /// A string of another length than its type has.
    wrong_length,
    /// A list with fewer items than expected.
    too_few_items,
    /// Lists nested deeper than allowed.
    too_deep,
};

std::error_code make_error_code(RlpError);

/// One item: a string or a list. Views into the decoded input.
struct RlpItem {
    enum class Kind : std::uint8_t { string, list };
    Kind kind = Kind::string;
    /// The string, or the concatenated items of the list.
    BytesView payload;
    /// The item with its prefix.
    BytesView encoded;

    bool is_list() const { return kind == Kind::list; }
};

/// The first item of `input`, whatever follows it.
Result<RlpItem> rlp_first(BytesView input);

/// The only item of `input`.
Result<RlpItem> rlp_only(BytesView input);

/// Checks that `input` is one item whose whole tree is canonical, with lists nested at most `max_depth` deep.
Result<void> rlp_check(BytesView input, std::size_t max_depth);

/// The number a canonical big-endian string stands for.
Result<std::uint64_t> rlp_u64(BytesView payload);
Result<U256> rlp_u256(BytesView payload);

/// Reads the items of a list one after the other.
class RlpReader {
public:
    RlpReader() = default;
    /// Over the payload of a list.
    explicit RlpReader(BytesView payload) : rest_(payload) {}
    /// Over the items of the list that `input` is, nothing following it.
    static Result<RlpReader> of_list(BytesView input);

    bool at_end() const { return rest_.empty(); }
    /// What has not been read yet.
    BytesView rest() const { return rest_; }

    /// Next item of any kind; too_few_items at the end.
    Result<RlpItem> item();
    /// Next item, which must be a string.
    Result<BytesView> bytes();
    /// Next item, which must be a list.
    Result<RlpReader> list();
    Result<std::uint64_t> u64();
    Result<U256> u256();
    /// A string of exactly T::kSize bytes (Address, Hash, …).
    template <typename T>
    Result<T> fixed() {
        BOOST_OUTCOME_TRY(const auto payload, bytes_of(T::kSize));
        return base::from_exact<T>(payload);
    }
    /// Error unless everything was read.
    Result<void> finish() const;

private:
    Result<BytesView> bytes_of(std::size_t size);

    BytesView rest_;
};

/// Number of items in the payload of a list, which need not be canonical inside.
Result<std::size_t> rlp_count(BytesView payload);

/// Bytes an item with a payload of this size takes, when it is a list or a string that is not its own
/// encoding.
std::size_t rlp_size_with_prefix(std::size_t payload_size);

/// Appends encodings to a byte string.
class RlpWriter {
public:
    RlpWriter& bytes(BytesView value);
    RlpWriter& u64(std::uint64_t value);
    RlpWriter& u256(const U256& value);
    /// An item that is encoded already.
    RlpWriter& raw(BytesView encoded);

    /// A list whose items `fill` writes to this writer.
    template <typename Fill>
    RlpWriter& list(Fill&& fill) {
        const auto start = out_.size();
        std::forward<Fill>(fill)();
        close_list(start);
        return *this;
    }

    void reserve(std::size_t size) { out_.reserve(size); }
    const Bytes& view() const { return out_; }
    Bytes take() { return std::move(out_); }

private:
    void close_list(std::size_t start);

    Bytes out_;
};

Bytes rlp_encode_bytes(BytesView value);
Bytes rlp_encode_u64(std::uint64_t value);
Bytes rlp_encode_u256(const U256& value);

}  // namespace valence::codec

template <>
struct std::is_error_code_enum<valence::codec::RlpError> : std::true_type {};
