#include "valence/codec/rlp.hpp"

#include <string>
#include <vector>

namespace valence::codec {
namespace {

constexpr std::uint8_t kShortString = 0x80;
constexpr std::uint8_t kLongString = 0xb7;
constexpr std::uint8_t kShortList = 0xc0;
constexpr std::uint8_t kLongList = 0xf7;
constexpr std::size_t kShortLimit = 55;

class RlpErrorCategory final : public std::error_category {
public:
    const char* name() const noexcept override { return "rlp"; }
    std::string message(int code) const override {
        switch (static_cast<RlpError>(code)) {
            case RlpError::truncated:
                return "rlp: value size exceeds available input length";
            case RlpError::trailing_bytes:
                return "rlp: input contains more than one value";
            case RlpError::non_canonical:
                return "rlp: non-canonical size information";
            case RlpError::expected_string:
                return "rlp: expected string or byte";
            case RlpError::expected_list:
                return "rlp: expected list";
            case RlpError::leading_zero:
                return "rlp: non-canonical integer (leading zero bytes)";
            case RlpError::integer_too_large:
                return "rlp: input string too long for integer";
            case RlpError::wrong_length:
                return "rlp: string of wrong length";
            case RlpError::too_few_items:
                return "rlp: too few elements";
            case RlpError::too_deep:
                return "rlp: lists nested too deeply";
        }
        return "rlp: unknown error";
    }
};

/// Writes the prefix of a string or list to `to`, which has room for 9 bytes; answers its length.
std::size_t put_prefix(std::uint8_t* to, std::size_t size, std::uint8_t short_base, std::uint8_t long_base) {
    if (size <= kShortLimit) {
        to[0] = static_cast<std::uint8_t>(short_base + size);
        return 1;
    }
    std::size_t width = 0;
    for (auto s = size; s != 0; s >>= 8)
        ++width;
    to[0] = static_cast<std::uint8_t>(long_base + width);
    for (std::size_t i = 0; i < width; ++i)
        to[1 + i] = static_cast<std::uint8_t>(size >> (8 * (width - 1 - i)));
    return 1 + width;
}

}  // namespace

std::error_code make_error_code(RlpError e) {
    static const RlpErrorCategory category;
    return {static_cast<int>(e), category};
}

Result<RlpItem> rlp_first(BytesView input) {
    if (input.empty()) return Error{RlpError::truncated};
    const auto prefix = input[0];
    RlpItem item;
    if (prefix < kShortString) {
        item.payload = item.encoded = input.first(1);
        return item;
    }
    item.kind = prefix < kShortList ? RlpItem::Kind::string : RlpItem::Kind::list;
    const auto short_base = item.is_list() ? kShortList : kShortString;
    const auto long_base = item.is_list() ? kLongList : kLongString;

    std::size_t header = 1;
    std::size_t size = 0;
    if (prefix <= long_base) {
        size = static_cast<std::size_t>(prefix - short_base);
    } else {
        const auto width = static_cast<std::size_t>(prefix - long_base);
        if (input.size() - 1 < width) return Error{RlpError::truncated};
        if (input[1] == 0) return Error{RlpError::non_canonical};
        for (std::size_t i = 0; i < width; ++i)
            size = size << 8 | input[1 + i];
        if (size <= kShortLimit) return Error{RlpError::non_canonical};
        header += width;
    }
    if (input.size() - header < size) return Error{RlpError::truncated};
    item.payload = input.subspan(header, size);
    item.encoded = input.first(header + size);
    if (!item.is_list() && size == 1 && item.payload[0] < kShortString) return Error{RlpError::non_canonical};
    return item;
}

Result<RlpItem> rlp_only(BytesView input) {
    BOOST_OUTCOME_TRY(const auto item, rlp_first(input));
    if (item.encoded.size() != input.size()) return Error{RlpError::trailing_bytes};
    return item;
}

Result<void> rlp_check(BytesView input, std::size_t max_depth) {
    BOOST_OUTCOME_TRY(const auto root, rlp_only(input));
    if (!root.is_list()) return success();
    std::vector<BytesView> open;
    if (max_depth == 0) return Error{RlpError::too_deep};
    open.push_back(root.payload);
    while (!open.empty()) {
        if (open.back().empty()) {
            open.pop_back();
            continue;
        }
        BOOST_OUTCOME_TRY(const auto item, rlp_first(open.back()));
        open.back() = open.back().subspan(item.encoded.size());
        if (!item.is_list()) continue;
        if (open.size() == max_depth) return Error{RlpError::too_deep};
        open.push_back(item.payload);
    }
    return success();
}

Result<std::uint64_t> rlp_u64(BytesView payload) {
    if (!payload.empty() && payload[0] == 0) return Error{RlpError::leading_zero};
    if (payload.size() > 8) return Error{RlpError::integer_too_large, "more than 64 bits"};
    std::uint64_t value = 0;
    for (const auto byte : payload)
        value = value << 8 | byte;
    return value;
}

Result<U256> rlp_u256(BytesView payload) {
    if (!payload.empty() && payload[0] == 0) return Error{RlpError::leading_zero};
    if (payload.size() > 32) return Error{RlpError::integer_too_large, "more than 256 bits"};
    return U256::from_be(payload);
}

Result<RlpReader> RlpReader::of_list(BytesView input) {
    BOOST_OUTCOME_TRY(const auto item, rlp_only(input));
    if (!item.is_list()) return Error{RlpError::expected_list};
    return RlpReader{item.payload};
}

Result<RlpItem> RlpReader::item() {
    if (rest_.empty()) return Error{RlpError::too_few_items};
    BOOST_OUTCOME_TRY(const auto item, rlp_first(rest_));
    rest_ = rest_.subspan(item.encoded.size());
    return item;
}

Result<BytesView> RlpReader::bytes() {
    BOOST_OUTCOME_TRY(const auto next, item());
    if (next.is_list()) return Error{RlpError::expected_string};
    return next.payload;
}

Result<RlpReader> RlpReader::list() {
    BOOST_OUTCOME_TRY(const auto next, item());
    if (!next.is_list()) return Error{RlpError::expected_list};
    return RlpReader{next.payload};
}

Result<std::uint64_t> RlpReader::u64() {
    BOOST_OUTCOME_TRY(const auto payload, bytes());
    return rlp_u64(payload);
}

Result<U256> RlpReader::u256() {
    BOOST_OUTCOME_TRY(const auto payload, bytes());
    return rlp_u256(payload);
}

Result<BytesView> RlpReader::bytes_of(std::size_t size) {
    BOOST_OUTCOME_TRY(const auto payload, bytes());
    if (payload.size() != size) {
        return Error{RlpError::wrong_length,
                     "want " + std::to_string(size) + " bytes, have " + std::to_string(payload.size())};
    }
    return payload;
}

Result<void> RlpReader::finish() const {
    if (!rest_.empty()) return Error{RlpError::trailing_bytes, "list has more items than expected"};
    return success();
}

Result<std::size_t> rlp_count(BytesView payload) {
    std::size_t count = 0;
    for (RlpReader reader{payload}; !reader.at_end(); ++count) {
        BOOST_OUTCOME_TRYV(reader.item());
    }
    return count;
}

std::size_t rlp_size_with_prefix(std::size_t payload_size) {
    std::uint8_t prefix[9];
    return put_prefix(prefix, payload_size, kShortList, kLongList) + payload_size;
}

RlpWriter& RlpWriter::bytes(BytesView value) {
    if (value.size() == 1 && value[0] < kShortString) {
        out_.push_back(value[0]);
        return *this;
    }
    std::uint8_t prefix[9];
    base::append(out_, {prefix, put_prefix(prefix, value.size(), kShortString, kLongString)});
    base::append(out_, value);
    return *this;
}

RlpWriter& RlpWriter::u64(std::uint64_t value) {
    std::uint8_t big_endian[8];
    std::size_t width = 0;
    for (auto v = value; v != 0; v >>= 8)
        big_endian[7 - width++] = static_cast<std::uint8_t>(v);
    return bytes({big_endian + 8 - width, width});
}

RlpWriter& RlpWriter::u256(const U256& value) {
    const auto word = value.to_hash();
    return bytes(BytesView{word}.last(value.byte_width()));
}

RlpWriter& RlpWriter::raw(BytesView encoded) {
    base::append(out_, encoded);
    return *this;
}

void RlpWriter::close_list(std::size_t start) {
    std::uint8_t prefix[9];
    const auto width = put_prefix(prefix, out_.size() - start, kShortList, kLongList);
    out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(start), prefix, prefix + width);
}

Bytes rlp_encode_bytes(BytesView value) { return RlpWriter{}.bytes(value).take(); }
Bytes rlp_encode_u64(std::uint64_t value) { return RlpWriter{}.u64(value).take(); }
Bytes rlp_encode_u256(const U256& value) { return RlpWriter{}.u256(value).take(); }

}  // namespace valence::codec
