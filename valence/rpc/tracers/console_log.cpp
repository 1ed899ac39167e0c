#include "valence/rpc/tracers/console_log.hpp"

#include <unordered_map>

#include <fmt/format.h>

#include "valence/codec/abi.hpp"
#include "valence/crypto/keccak.hpp"
#include "valence/rpc/json_writer.hpp"

namespace valence::rpc::tracers {

namespace {

using codec::AbiType;
using codec::AbiValue;

constexpr std::size_t kSelectorSize = 4;

std::uint32_t selector_of(BytesView bytes) {
    return static_cast<std::uint32_t>(bytes[0]) << 24 | static_cast<std::uint32_t>(bytes[1]) << 16 |
           static_cast<std::uint32_t>(bytes[2]) << 8 | bytes[3];
}

std::uint32_t selector_of_signature(std::string_view signature) {
    return selector_of(crypto::keccak256(base::as_bytes(signature)).bytes);
}

/// Argument types of every overload, as a tuple, by selector.
using Overloads = std::unordered_map<std::uint32_t, std::string>;

void add(Overloads& overloads, std::string_view function, std::string_view selector_types,
         std::string_view decoded_types) {
    overloads.emplace(selector_of_signature(fmt::format("{}({})", function, selector_types)),
                      fmt::format("({})", decoded_types));
}

/// log(T1, …) for every choice of types; `legacy` writes uint256 as `uint` in the selector, as console.sol
/// did before version 2.12 by mistake.
void add_permutations(Overloads& overloads, std::size_t arguments, const std::string& selector_types = {},
                      const std::string& legacy_types = {}) {
    if (arguments == 0) {
        add(overloads, "log", selector_types, selector_types);
        if (legacy_types != selector_types) add(overloads, "log", legacy_types, selector_types);
        return;
    }
    for (const std::string_view type : {"uint256", "string", "bool", "address"}) {
        const auto* const comma = selector_types.empty() ? "" : ",";
        add_permutations(overloads, arguments - 1, fmt::format("{}{}{}", selector_types, comma, type),
                         fmt::format("{}{}{}", legacy_types, comma, type == "uint256" ? "uint" : type));
    }
}

Overloads make_overloads() {
    Overloads overloads;
    constexpr std::size_t kMaxArguments = 4;
    for (std::size_t n = 0; n <= kMaxArguments; ++n)
        add_permutations(overloads, n);
    for (const auto* const name : {"log", "logInt"}) {
        add(overloads, name, "int256", "int256");
        add(overloads, name, "int", "int256");
    }
    add(overloads, "log", "string,int256", "string,int256");
    add(overloads, "log", "string,int", "string,int256");
    add(overloads, "logUint", "uint256", "uint256");
    add(overloads, "logUint", "uint", "uint256");
    add(overloads, "logString", "string", "string");
    add(overloads, "logBool", "bool", "bool");
    add(overloads, "logAddress", "address", "address");
    for (const auto* const name : {"log", "logBytes"})
        add(overloads, name, "bytes", "bytes");
    for (std::size_t n = 1; n <= 32; ++n) {
        const auto type = fmt::format("bytes{}", n);
        add(overloads, "log", type, type);
        add(overloads, fmt::format("logBytes{}", n), type, type);
    }
    return overloads;
}

const Overloads& overloads() {
    static const Overloads table = make_overloads();
    return table;
}

std::string signed_decimal(const U256& word) {
    return word.is_negative() ? "-" + (-word).to_decimal() : word.to_decimal();
}

std::string print(const AbiType& type, const AbiValue& value) {
    switch (type.kind) {
        case AbiType::Kind::uint:
            return value.word().to_decimal();
        case AbiType::Kind::sint:
            return signed_decimal(value.word());
        case AbiType::Kind::boolean:
            return value.word().is_zero() ? "false" : "true";
        case AbiType::Kind::address:
            return checksummed_address(value.word().to_address());
        case AbiType::Kind::string:
            return std::string{base::as_text(value.bytes())};
        default:
            return base::to_hex_prefixed(value.bytes());
    }
}

/// One value where the format asks for %d, %i, %o, %x or %s.
std::string print_as(char verb, const AbiType& type, const AbiValue& value) {
    const bool is_number = type.kind == AbiType::Kind::uint || type.kind == AbiType::Kind::sint;
    switch (verb) {
        case 'd':
        case 'i':
            if (is_number) return print(type, value);
            if (type.kind == AbiType::Kind::boolean) return value.word().is_zero() ? "0" : "1";
            return type.kind == AbiType::Kind::address ? value.word().to_decimal() : "NaN";
        case 'x':
            return is_number ? value.word().to_hex() : print(type, value);
        case 'o':
            return type.kind == AbiType::Kind::string ? "'" + print(type, value) + "'" : print(type, value);
        default:
            return print(type, value);
    }
}

bool is_verb(char c) { return c == 's' || c == 'd' || c == 'i' || c == 'o' || c == 'x'; }

std::string print_line(const AbiType& types, const std::vector<AbiValue>& values) {
    std::string line;
    std::size_t next = 0;
    const bool has_format = values.size() > 1 && types.parts[0].kind == AbiType::Kind::string;
    if (has_format) {
        const auto format = base::as_text(values[0].bytes());
        next = 1;
        for (std::size_t i = 0; i < format.size(); ++i) {
            const char verb = format[i] == '%' && i + 1 < format.size() ? format[i + 1] : '\0';
            if (verb == '%') {
                line += '%';
                ++i;
            } else if (is_verb(verb) && next < values.size()) {
                line += print_as(verb, types.parts[next], values[next]);
                ++next;
                ++i;
            } else {
                line += format[i];
            }
        }
    }
    for (; next < values.size(); ++next) {
        if (next > 0) line += ' ';
        line += print(types.parts[next], values[next]);
    }
    return line;
}

}  // namespace

std::optional<std::string> console_line(BytesView calldata) {
    if (calldata.size() < kSelectorSize) return std::nullopt;
    const auto found = overloads().find(selector_of(calldata));
    if (found == overloads().end()) return std::nullopt;
    const auto types = AbiType::parse(found->second);
    if (types.has_error()) return std::nullopt;
    const auto values = codec::abi_decode(types.value(), calldata.subspan(kSelectorSize));
    if (values.has_error()) return std::nullopt;
    return print_line(types.value(), values.value().items());
}

void ConsoleTracer::on_enter(const evm::Message& message, evm::Host&) {
    if (message.code_address != kConsoleAddress || lines_.size() >= kMaxLines) return;
    if (bytes_ >= kMaxBytes || message.input.size() > kMaxBytes) return;
    bytes_ += message.input.size();
    if (auto line = console_line(message.input)) lines_.push_back(std::move(*line));
}

}  // namespace valence::rpc::tracers
