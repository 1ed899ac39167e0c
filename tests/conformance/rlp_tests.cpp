// RLP tests: values and their encoding, and bytes that are or are not one.
#include "suites.hpp"
#include <fmt/core.h>

#include "valence/codec/rlp.hpp"

namespace valence::conformance {
namespace {

constexpr std::size_t kDepth = 2'000;

/// A decimal number of any size as big-endian bytes: some cases have more than 256 bits.
Bytes big_integer(std::string_view digits) {
    Bytes bytes;
    for (const auto digit : digits) {
        if (digit < '0' || digit > '9') throw BadFixture("not a decimal number");
        unsigned carry = static_cast<unsigned>(digit - '0');
        for (auto at = bytes.rbegin(); at != bytes.rend(); ++at) {
            const unsigned value = *at * 10u + carry;
            *at = static_cast<std::uint8_t>(value);
            carry = value >> 8;
        }
        if (carry != 0) bytes.insert(bytes.begin(), static_cast<std::uint8_t>(carry));
    }
    return bytes;
}

void encode(codec::RlpWriter& to, const json::value& value) {
    if (const auto* array = value.if_array()) {
        to.list([&] {
            for (const auto& item : *array)
                encode(to, item);
        });
    } else if (value.is_string() && text_of(value).starts_with('#')) {
        to.bytes(big_integer(text_of(value).substr(1)));
    } else if (value.is_string()) {
        to.bytes(base::as_bytes(text_of(value)));
    } else {
        to.u256(number_of(value));
    }
}

std::string check_rlp(const json::value& test) {
    const auto encoded = bytes_of(member(test, "out"));
    const auto decoded = codec::rlp_check(encoded, kDepth);
    const auto& in = member(test, "in");
    if (in.is_string() && text_of(in) == "INVALID") {
        return decoded ? "expected to be refused, was decoded" : "";
    }
    if (!decoded) return "expected to be decoded, refused: " + decoded.error().message();
    if (in.is_string() && text_of(in) == "VALID") return {};
    codec::RlpWriter writer;
    encode(writer, in);
    if (writer.view() == encoded) return {};
    return fmt::format("expected {}, actual {}", hex(encoded), hex(writer.view()));
}

}  // namespace

void run_rlp_tests(const Fixture& f, FileReport& report) {
    for (const auto& [name, test] : object_of(f.root))
        report.add(std::string{std::string_view{name}}, check_rlp(test));
}

}  // namespace valence::conformance
