#include "valence/codec/abi.hpp"

namespace valence::codec {
namespace {

using Kind = AbiType::Kind;
using Items = std::vector<AbiValue>;

void append_word(Bytes& out, const U256& word) { base::append(out, word.to_hash()); }

void append_padded(Bytes& out, BytesView bytes) {
    base::append(out, bytes);
    out.resize(out.size() + (32 - bytes.size() % 32) % 32);
}

/// Whether a word is a value of its type: zero- or sign-extended from the type's bits.
bool word_fits(const AbiType& type, const U256& word) {
    if (type.size == 256) return true;
    if (type.kind != Kind::sint) return word.bit_width() <= type.size;
    const auto magnitude = word.is_negative() ? ~word : word;
    return magnitude.bit_width() < type.size;
}

Result<void> encode(const AbiType& type, const AbiValue& value, Bytes& out);

/// Heads, then tails: static parts in place, dynamic ones behind offsets from the start of the sequence.
template <typename TypeOf>
Result<void> encode_sequence(const Items& items, const TypeOf& type_of, Bytes& out) {
    std::size_t heads = 0;
    for (std::size_t i = 0; i < items.size(); ++i)
        heads += type_of(i).head_size();
    Bytes tail;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const AbiType& type = type_of(i);
        if (type.is_dynamic()) {
            append_word(out, heads + tail.size());
            BOOST_OUTCOME_TRYV(encode(type, items[i], tail));
        } else {
            BOOST_OUTCOME_TRYV(encode(type, items[i], out));
        }
    }
    base::append(out, tail);
    return success();
}

Result<void> encode(const AbiType& type, const AbiValue& value, Bytes& out) {
    const auto mismatch = [&] { return Error{AbiError::mismatch, type.name()}; };
    switch (type.kind) {
        case Kind::uint:
        case Kind::sint:
        case Kind::address:
        case Kind::boolean: {
            const auto* word = std::get_if<U256>(&value.value);
            if (word == nullptr || !word_fits(type, *word)) return mismatch();
            append_word(out, *word);
            return success();
        }
        case Kind::fixed_bytes: {
            const auto* bytes = std::get_if<Bytes>(&value.value);
            if (bytes == nullptr || bytes->size() != type.size) return mismatch();
            append_padded(out, *bytes);
            return success();
        }
        case Kind::bytes:
        case Kind::string: {
            const auto* bytes = std::get_if<Bytes>(&value.value);
            if (bytes == nullptr) return mismatch();
            append_word(out, bytes->size());
            append_padded(out, *bytes);
            return success();
        }
        case Kind::array: {
            const auto* items = std::get_if<Items>(&value.value);
            if (items == nullptr || (type.length && *type.length != items->size())) return mismatch();
            if (!type.length) append_word(out, items->size());
            return encode_sequence(*items, [&](std::size_t) -> const AbiType& { return type.parts[0]; }, out);
        }
        case Kind::tuple:
            break;
    }
    const auto* items = std::get_if<Items>(&value.value);
    if (items == nullptr || items->size() != type.parts.size()) return mismatch();
    return encode_sequence(*items, [&](std::size_t i) -> const AbiType& { return type.parts[i]; }, out);
}

/// Decodes with a budget of values, so that offsets pointing at the same bytes over and over cannot multiply
/// the work.
class Decoder {
public:
    explicit Decoder(BytesView data) : budget_(4 * data.size() + 4096) {}

    /// `data` starts at the sequence the offsets are relative to; the value's head is at `at`.
    Result<AbiValue> value(const AbiType& type, BytesView data, std::size_t at) {
        BOOST_OUTCOME_TRYV(spend(32));
        if (type.is_dynamic()) {
            BOOST_OUTCOME_TRY(const auto offset, length_at(data, at));
            return dynamic(type, data.subspan(offset));
        }
        switch (type.kind) {
            case Kind::array:
            case Kind::tuple:
                return sequence(type, data, at, type.length.value_or(type.parts.size()));
            case Kind::fixed_bytes: {
                BOOST_OUTCOME_TRY(const auto word, word_at(data, at));
                const auto padding = word.subspan(type.size);
                if (std::any_of(padding.begin(), padding.end(), [](auto b) { return b != 0; })) {
                    return Error{AbiError::bad_padding, type.name()};
                }
                return AbiValue{base::to_bytes(word.first(type.size))};
            }
            default: {
                BOOST_OUTCOME_TRY(const auto bytes, word_at(data, at));
                const auto word = U256::from_be(bytes);
                if (!word_fits(type, word)) return Error{AbiError::bad_padding, type.name()};
                return AbiValue{word};
            }
        }
    }

    /// A value whose encoding, not its offset, starts `data`.
    Result<AbiValue> dynamic(const AbiType& type, BytesView data) {
        switch (type.kind) {
            case Kind::bytes:
            case Kind::string: {
                BOOST_OUTCOME_TRY(const auto size, length_at(data, 0));
                if (data.size() - 32 < size) return Error{AbiError::out_of_bounds};
                BOOST_OUTCOME_TRYV(spend(size));
                return AbiValue{base::to_bytes(data.subspan(32, size))};
            }
            case Kind::array: {
                if (type.length) return sequence(type, data, 0, *type.length);
                BOOST_OUTCOME_TRY(const auto count, length_at(data, 0));
                return sequence(type, data.subspan(32), 0, count);
            }
            default:
                return sequence(type, data, 0, type.parts.size());
        }
    }

private:
    Result<void> spend(std::size_t bytes) {
        if (budget_ < bytes) return Error{AbiError::too_large};
        budget_ -= bytes;
        return success();
    }

    Result<AbiValue> sequence(const AbiType& type, BytesView data, std::size_t at, std::size_t count) {
        if (count > budget_ / 32) return Error{AbiError::too_large};
        Items items;
        items.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            const auto& part = type.kind == Kind::tuple ? type.parts[i] : type.parts[0];
            BOOST_OUTCOME_TRY(auto item, value(part, data, at));
            items.push_back(std::move(item));
            at += part.head_size();
        }
        return AbiValue{std::move(items)};
    }

    static Result<BytesView> word_at(BytesView data, std::size_t at) {
        if (at > data.size() || data.size() - at < 32) return Error{AbiError::out_of_bounds};
        return data.subspan(at, 32);
    }

    /// An offset or length: at most the size of the data.
    static Result<std::size_t> length_at(BytesView data, std::size_t at) {
        BOOST_OUTCOME_TRY(const auto bytes, word_at(data, at));
        const auto word = U256::from_be(bytes);
        if (!word.fits_u64() || word.low_u64() > data.size()) return Error{AbiError::out_of_bounds};
        return static_cast<std::size_t>(word.low_u64());
    }

    std::size_t budget_;
};

constexpr std::uint8_t kErrorSelector[] = {0x08, 0xc3, 0x79, 0xa0};
constexpr std::uint8_t kPanicSelector[] = {0x4e, 0x48, 0x7b, 0x71};

/// Solidity documentation, "Panic via assert and Error via require"; texts as geth words them.
struct PanicReason {
    std::uint64_t code;
    std::string_view text;
};
constexpr PanicReason kPanicReasons[] = {
    {0x00, "generic panic"},
    {0x01, "assert(false)"},
    {0x11, "arithmetic underflow or overflow"},
    {0x12, "division or modulo by zero"},
    {0x21, "enum overflow"},
    {0x22, "invalid encoded storage byte array accessed"},
    {0x31, "out-of-bounds array access; popping on an empty array"},
    {0x32, "out-of-bounds access of an array or bytesN"},
    {0x41, "out of memory"},
    {0x51, "uninitialized function"},
};

}  // namespace

Result<Bytes> abi_encode(const AbiType& type, const AbiValue& value) {
    Bytes out;
    BOOST_OUTCOME_TRYV(encode(type, value, out));
    return out;
}

Result<AbiValue> abi_decode(const AbiType& type, BytesView data) {
    Decoder decoder{data};
    return type.is_dynamic() ? decoder.dynamic(type, data) : decoder.value(type, data, 0);
}

std::optional<std::string> abi_revert_reason(BytesView data) {
    if (data.size() < 4) return std::nullopt;
    const auto selector = data.first(4);
    if (base::equal(selector, kErrorSelector)) {
        static const auto type = AbiType::parse("(string)").value();
        const auto decoded = abi_decode(type, data.subspan(4));
        if (!decoded) return std::nullopt;
        return std::string{base::as_text(decoded.value().items()[0].bytes())};
    }
    if (base::equal(selector, kPanicSelector) && data.size() >= 36) {
        const auto code = U256::from_be(data.subspan(4, 32));
        for (const auto& reason : kPanicReasons) {
            if (code == U256{reason.code}) return std::string{reason.text};
        }
        return "unknown panic code: " + code.to_hex();
    }
    return std::nullopt;
}

}  // namespace valence::codec
