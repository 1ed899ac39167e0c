// MODEXP at 0x05: base^exponent mod modulus of any length (EIP-198), repriced by EIP-2565 (Berlin) and
// EIP-7883 (Osaka), bounded by EIP-7823 (Osaka).
#include "valence/crypto/modexp.hpp"

#include "valence/evm/precompiles/definition.hpp"

namespace valence::evm::precompiles {
namespace {

using base::UInt128;

constexpr std::size_t kHeaderSize = 96;

/// EIP-7823.
constexpr std::uint64_t kOsakaMaxLength = 1024;

/// Where lengths are cut off, so that the prices below, computed in 128 bits, cannot overflow. No frame can
/// pay for a base or modulus of 2^32 bytes (10^15 gas and more under every pricing), nor for an exponent of
/// 2^48 bytes unless base and modulus are empty.
constexpr std::uint64_t kMaxOperandLength = std::uint64_t{1} << 32;
constexpr std::uint64_t kMaxExponentLength = std::uint64_t{1} << 48;

/// Lengths in bytes, as the header gives them, cut off as above.
struct Lengths {
    std::uint64_t base;
    std::uint64_t exponent;
    std::uint64_t modulus;
};

Lengths lengths_of(BytesView input) {
    const auto cut = [&](std::size_t offset, std::uint64_t most) {
        return std::min(padded_word(input, offset).saturated_u64(), most);
    };
    return {cut(0, kMaxOperandLength), cut(32, kMaxExponentLength), cut(64, kMaxOperandLength)};
}

/// `size` bytes of the body from `offset` on, as far as the input has them.
BytesView present_part(BytesView body, std::uint64_t offset, std::uint64_t size) {
    if (offset >= body.size()) return {};
    return body.subspan(offset, std::min<std::uint64_t>(size, body.size() - offset));
}

BytesView body_of(BytesView input) { return input.subspan(std::min(input.size(), kHeaderSize)); }

/// How many squarings the exponent asks for: its bit length less one, as far as its first 32 bytes tell, and
/// `per_byte` for every byte after those.
UInt128 iterations(BytesView input, const Lengths& lengths, unsigned per_byte) {
    std::array<std::uint8_t, 32> head_bytes{};
    const auto head_size = std::min<std::uint64_t>(lengths.exponent, 32);
    const auto present = present_part(body_of(input), lengths.base, head_size);
    std::copy(present.begin(), present.end(),
              head_bytes.begin() + static_cast<std::ptrdiff_t>(32 - head_size));
    const auto bits = U256::from_be32(head_bytes.data()).bit_width();
    const UInt128 count = bits == 0 ? 0 : bits - 1;
    return count + UInt128{per_byte} * (lengths.exponent - head_size);
}

UInt128 eip198_price(BytesView input, const Lengths& lengths) {
    const UInt128 x = std::max(lengths.base, lengths.modulus);
    const auto complexity = x <= 64     ? x * x
                            : x <= 1024 ? x * x / 4 + 96 * x - 3072
                                        : x * x / 16 + 480 * x - 199'680;
    return complexity * std::max<UInt128>(iterations(input, lengths, 8), 1) / 20;
}

UInt128 words_squared(const Lengths& lengths) {
    const UInt128 words = (std::max(lengths.base, lengths.modulus) + 7) / 8;
    return words * words;
}

UInt128 eip2565_price(BytesView input, const Lengths& lengths) {
    const auto price = words_squared(lengths) * std::max<UInt128>(iterations(input, lengths, 8), 1) / 3;
    return std::max<UInt128>(price, 200);
}

UInt128 eip7883_price(BytesView input, const Lengths& lengths) {
    const auto complexity =
        std::max(lengths.base, lengths.modulus) <= 32 ? UInt128{16} : 2 * words_squared(lengths);
    const auto price = complexity * std::max<UInt128>(iterations(input, lengths, 16), 1);
    return std::max<UInt128>(price, 500);
}

Gas cost(BytesView input, Revision revision) {
    const auto lengths = lengths_of(input);
    if (revision >= Revision::osaka &&
        std::max({lengths.base, lengths.exponent, lengths.modulus}) > kOsakaMaxLength) {
        return kUnaffordable;
    }
    const auto longest_operand = std::max(lengths.base, lengths.modulus);
    if (longest_operand == kMaxOperandLength) return kUnaffordable;
    if (longest_operand != 0 && lengths.exponent == kMaxExponentLength) return kUnaffordable;
    const auto price = revision >= Revision::osaka    ? eip7883_price(input, lengths)
                       : revision >= Revision::berlin ? eip2565_price(input, lengths)
                                                      : eip198_price(input, lengths);
    return price < static_cast<UInt128>(kUnaffordable) ? static_cast<Gas>(price) : kUnaffordable;
}

/// A part of the body with the zeros that follow a short input. The price paid bounds its size.
Bytes padded_operand(BytesView body, std::uint64_t offset, std::uint64_t size) {
    auto operand = base::to_bytes(present_part(body, offset, size));
    operand.resize(size);
    return operand;
}

std::optional<Bytes> compute(BytesView input) {
    const auto lengths = lengths_of(input);
    // With an empty modulus the price bounds neither of the other lengths, so nothing is allocated for them.
    if (lengths.modulus == 0) return Bytes{};
    const auto body = body_of(input);
    const auto modulus = padded_operand(body, lengths.base + lengths.exponent, lengths.modulus);
    const auto exponent = padded_operand(body, lengths.base, lengths.exponent);
    return crypto::modexp(padded_operand(body, 0, lengths.base), exponent, modulus);
}

}  // namespace

PrecompileResult run_modexp(BytesView input, Gas gas, Revision revision) {
    return charged<cost, compute>(input, gas, revision);
}

}  // namespace valence::evm::precompiles
