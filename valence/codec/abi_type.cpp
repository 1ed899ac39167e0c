#include <charconv>

#include "valence/codec/abi.hpp"

namespace valence::codec {
namespace {

using Kind = AbiType::Kind;

constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMaxFixedLength = 1 << 20;

class AbiErrorCategory final : public std::error_category {
public:
    const char* name() const noexcept override { return "abi"; }
    std::string message(int code) const override {
        switch (static_cast<AbiError>(code)) {
            case AbiError::bad_type:
                return "abi: unknown type";
            case AbiError::out_of_bounds:
                return "abi: offset or length outside the data";
            case AbiError::bad_padding:
                return "abi: improperly encoded word";
            case AbiError::mismatch:
                return "abi: value does not fit its type";
            case AbiError::too_large:
                return "abi: too many values or nested too deeply";
        }
        return "abi: unknown error";
    }
};

std::optional<std::size_t> parse_number(std::string_view digits) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size() || digits.front() == '0')
        return std::nullopt;
    return value;
}

std::optional<AbiType> elementary(std::string_view name) {
    const auto sized = [&](std::string_view prefix, Kind kind, std::size_t unit,
                           std::size_t most) -> std::optional<AbiType> {
        if (!name.starts_with(prefix) || name.size() == prefix.size()) return std::nullopt;
        const auto size = parse_number(name.substr(prefix.size()));
        if (!size || *size % unit != 0 || *size > most) return std::nullopt;
        return AbiType{kind, *size, {}, {}};
    };
    if (name == "address") return AbiType{Kind::address, 160, {}, {}};
    if (name == "bool") return AbiType{Kind::boolean, 1, {}, {}};
    if (name == "bytes") return AbiType{Kind::bytes, 0, {}, {}};
    if (name == "string") return AbiType{Kind::string, 0, {}, {}};
    if (name == "uint") return AbiType{Kind::uint, 256, {}, {}};
    if (name == "int") return AbiType{Kind::sint, 256, {}, {}};
    if (auto t = sized("uint", Kind::uint, 8, 256)) return t;
    if (auto t = sized("int", Kind::sint, 8, 256)) return t;
    return sized("bytes", Kind::fixed_bytes, 1, 32);
}

/// Recursive descent over a type's name.
struct TypeParser {
    std::string_view rest;

    std::optional<AbiType> type(std::size_t depth) {
        if (depth > kMaxDepth || rest.empty()) return std::nullopt;
        std::optional<AbiType> result = rest.front() == '(' ? tuple(depth) : word();
        while (result && rest.starts_with('[')) {
            const auto end = rest.find(']');
            if (end == std::string_view::npos || ++depth > kMaxDepth) return std::nullopt;
            AbiType array{AbiType::Kind::array, 0, {}, {}};
            if (end > 1) {
                array.length = parse_number(rest.substr(1, end - 1));
                if (!array.length || *array.length > kMaxFixedLength) return std::nullopt;
            }
            array.parts.push_back(std::move(*result));
            result = std::move(array);
            rest.remove_prefix(end + 1);
        }
        return result;
    }

    std::optional<AbiType> word() {
        const auto end = std::min(rest.find_first_of("[],()"), rest.size());
        const auto name = rest.substr(0, end);
        rest.remove_prefix(end);
        return elementary(name);
    }

    std::optional<AbiType> tuple(std::size_t depth) {
        AbiType result;
        rest.remove_prefix(1);
        while (!rest.starts_with(')')) {
            if (!result.parts.empty()) {
                if (!rest.starts_with(',')) return std::nullopt;
                rest.remove_prefix(1);
            }
            auto part = type(depth + 1);
            if (!part) return std::nullopt;
            result.parts.push_back(std::move(*part));
        }
        rest.remove_prefix(1);
        return result;
    }
};

}  // namespace

std::error_code make_error_code(AbiError e) {
    static const AbiErrorCategory category;
    return {static_cast<int>(e), category};
}

Result<AbiType> AbiType::parse(std::string_view name) {
    TypeParser parser{name};
    auto type = parser.type(0);
    if (!type || !parser.rest.empty()) return Error{AbiError::bad_type, std::string{name}};
    return std::move(*type);
}

bool AbiType::is_dynamic() const {
    switch (kind) {
        case Kind::bytes:
        case Kind::string:
            return true;
        case Kind::array:
            return !length || parts[0].is_dynamic();
        case Kind::tuple:
            return std::any_of(parts.begin(), parts.end(), [](auto& p) { return p.is_dynamic(); });
        default:
            return false;
    }
}

std::size_t AbiType::head_size() const {
    if (is_dynamic()) return 32;
    if (kind == Kind::array) return *length * parts[0].head_size();
    if (kind != Kind::tuple) return 32;
    std::size_t total = 0;
    for (const auto& part : parts)
        total += part.head_size();
    return total;
}

std::string AbiType::name() const {
    switch (kind) {
        case Kind::uint:
            return "uint" + std::to_string(size);
        case Kind::sint:
            return "int" + std::to_string(size);
        case Kind::address:
            return "address";
        case Kind::boolean:
            return "bool";
        case Kind::fixed_bytes:
            return "bytes" + std::to_string(size);
        case Kind::bytes:
            return "bytes";
        case Kind::string:
            return "string";
        case Kind::array:
            return parts[0].name() + "[" + (length ? std::to_string(*length) : "") + "]";
        case Kind::tuple:
            break;
    }
    std::string text = "(";
    for (const auto& part : parts)
        text += (text.size() > 1 ? "," : "") + part.name();
    return text + ")";
}

}  // namespace valence::codec
