// ABI tests: arguments and their encoding, both ways.
#include "suites.hpp"
#include <fmt/core.h>

#include "valence/codec/abi.hpp"

namespace valence::conformance {
namespace {

using codec::AbiType;
using codec::AbiValue;
using Kind = AbiType::Kind;

AbiValue value_of(const AbiType& type, const json::value& value) {
    switch (type.kind) {
        case Kind::array:
        case Kind::tuple: {
            std::vector<AbiValue> items;
            for (const auto& item : array_of(value)) {
                items.push_back(
                    value_of(type.kind == Kind::array ? type.parts[0] : type.parts.at(items.size()), item));
            }
            return items;
        }
        case Kind::fixed_bytes:
        case Kind::bytes:
        case Kind::string: {
            const auto text = text_of(value);
            if (text.starts_with("0x")) return bytes_of(value);
            return base::to_bytes(base::as_bytes(text));
        }
        case Kind::boolean:
            return value.is_bool() ? U256{value.get_bool() ? 1u : 0u} : number_of(value);
        default:
            if (value.is_int64() && value.get_int64() < 0) {
                return -U256{static_cast<std::uint64_t>(-value.get_int64())};
            }
            return number_of(value);
    }
}

std::string check_abi(const json::value& test) {
    std::string name = "(";
    for (const auto& type : array_of(member(test, "types"))) {
        name += (name.size() > 1 ? "," : "") + std::string{text_of(type)};
    }
    const auto type = AbiType::parse(name + ")");
    if (!type) return type.error().message();
    const auto value = value_of(type.value(), member(test, "args"));
    const auto want = bytes_of(member(test, "result"));
    const auto encoded = codec::abi_encode(type.value(), value);
    if (!encoded) return encoded.error().message();
    if (encoded.value() != want)
        return fmt::format("expected {}, actual {}", hex(want), hex(encoded.value()));
    const auto decoded = codec::abi_decode(type.value(), want);
    if (!decoded) return decoded.error().message();
    return decoded.value() == value ? "" : "decoding gives another value";
}

}  // namespace

void run_abi_tests(const Fixture& f, FileReport& report) {
    for (const auto& [name, test] : object_of(f.root))
        report.add(std::string{std::string_view{name}}, check_abi(test));
}

}  // namespace valence::conformance
