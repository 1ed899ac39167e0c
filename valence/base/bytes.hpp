// Byte strings: Bytes (owned), BytesView (borrowed), and the fixed-size Address and Hash.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "valence/base/hash_secret.hpp"

namespace valence::base {

/// 128-bit arithmetic, as g++ and clang have it.
__extension__ using UInt128 = unsigned __int128;

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

/// The bytes of a text, borrowed.
inline BytesView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The text whose bytes these are, borrowed.
inline std::string_view as_text(BytesView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// An owned copy.
inline Bytes to_bytes(BytesView bytes) { return {bytes.begin(), bytes.end()}; }

inline bool equal(BytesView a, BytesView b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

inline void append(Bytes& to, BytesView from) { to.insert(to.end(), from.begin(), from.end()); }

/// Exactly N bytes, ordered lexicographically. A base for named types; zero by default.
template <std::size_t N>
struct FixedBytes {
    static constexpr std::size_t kSize = N;
    std::array<std::uint8_t, N> bytes{};

    constexpr FixedBytes() = default;
    constexpr explicit FixedBytes(const std::array<std::uint8_t, N>& b) : bytes(b) {}

    constexpr auto operator<=>(const FixedBytes&) const = default;
    constexpr bool operator==(const FixedBytes&) const = default;

    constexpr std::uint8_t& operator[](std::size_t i) { return bytes[i]; }
    constexpr const std::uint8_t& operator[](std::size_t i) const { return bytes[i]; }
    constexpr auto begin() { return bytes.begin(); }
    constexpr auto end() { return bytes.end(); }
    constexpr auto begin() const { return bytes.begin(); }
    constexpr auto end() const { return bytes.end(); }
    constexpr std::uint8_t* data() { return bytes.data(); }
    constexpr const std::uint8_t* data() const { return bytes.data(); }
    static constexpr std::size_t size() { return N; }
    constexpr bool is_zero() const {
        return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
    }
};

/// An account's address.
struct Address : FixedBytes<20> {
    using FixedBytes::FixedBytes;
    constexpr auto operator<=>(const Address&) const = default;
};

/// A 32-byte digest, or anything else of that size: block hashes, roots, topics, salts.
struct Hash : FixedBytes<32> {
    using FixedBytes::FixedBytes;
    constexpr auto operator<=>(const Hash&) const = default;
};

/// The address whose last bytes are `n`, as precompiles are numbered.
constexpr Address address_from_number(std::uint64_t n) {
    Address a;
    for (std::size_t i = 0; i < 8; ++i)
        a.bytes[19 - i] = static_cast<std::uint8_t>(n >> (8 * i));
    return a;
}

/// Copies the right-most N bytes of `from`, zero-extended on the left when it is shorter.
template <typename T>
T from_right_aligned(BytesView from) {
    T out;
    const auto n = std::min(from.size(), T::kSize);
    if (n != 0) std::memcpy(out.data() + T::kSize - n, from.data() + from.size() - n, n);
    return out;
}

/// Copies exactly T::kSize bytes; the caller has checked the length.
template <typename T>
T from_exact(BytesView from) {
    T out;
    std::memcpy(out.data(), from.data(), T::kSize);
    return out;
}

/// A well-mixed 64-bit hash of two words, another in each process: for hash tables only (never consensus).
inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    const auto product = static_cast<UInt128>(a ^ kHashSecret.first) * (b ^ kHashSecret.second);
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

template <std::size_t N>
std::size_t hash_value(const FixedBytes<N>& value) {
    static_assert(N >= 16);
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    std::uint64_t last = 0;
    std::memcpy(&first, value.data(), 8);
    std::memcpy(&second, value.data() + 8, 8);
    std::memcpy(&last, value.data() + N - 8, 8);
    return mix(mix(first, second), last);
}

}  // namespace valence::base

template <>
struct std::hash<valence::base::Address> {
    using is_avalanching = void;
    std::size_t operator()(const valence::base::Address& a) const noexcept { return hash_value(a); }
};

template <>
struct std::hash<valence::base::Hash> {
    using is_avalanching = void;
    std::size_t operator()(const valence::base::Hash& h) const noexcept { return hash_value(h); }
};

namespace valence {
using base::Address;
using base::Bytes;
using base::BytesView;
using base::Hash;
}  // namespace valence
