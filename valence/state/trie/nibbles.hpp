// Nibbles: the path of a trie node, half bytes from the root down, and the hex-prefix encoding nodes write it
// in.
#pragma once

#include <boost/container/static_vector.hpp>

#include "valence/base/base.hpp"

namespace valence::state {

/// Nibble `i` of a key, the high half of a byte first.
inline std::uint8_t nibble_at(BytesView key, std::size_t i) {
    return i % 2 == 0 ? key[i / 2] >> 4 : key[i / 2] & 0x0f;
}

/// How many nibbles two keys share, counted from nibble `from` (which both have).
inline std::size_t shared_nibbles(BytesView a, BytesView b, std::size_t from) {
    const auto end = 2 * std::min(a.size(), b.size());
    auto i = from;
    while (i < end && nibble_at(a, i) == nibble_at(b, i))
        ++i;
    return i - from;
}

/// A path of at most 64 nibbles, one a byte.
using Nibbles = boost::container::static_vector<std::uint8_t, 64>;

/// Hex-prefix encoding (Yellow Paper, appendix C) of nibbles `from` to `to` of a key: a flag nibble that says
/// whether their number is odd and whether the node is a leaf, then the nibbles, two a byte. Appends to
/// `out`, which is anything with push_back.
template <typename Out>
void append_hex_prefix(Out& out, BytesView key, std::size_t from, std::size_t to, std::uint8_t leaf_flag) {
    const bool odd = (to - from) % 2 != 0;
    out.push_back(static_cast<std::uint8_t>(leaf_flag << 4 | (odd ? 0x10 | nibble_at(key, from) : 0)));
    for (auto i = from + (odd ? 1 : 0); i < to; i += 2) {
        out.push_back(static_cast<std::uint8_t>(nibble_at(key, i) << 4 | nibble_at(key, i + 1)));
    }
}

/// The flag of append_hex_prefix.
inline constexpr std::uint8_t kLeafFlag = 2;
inline constexpr std::uint8_t kExtensionFlag = 0;

}  // namespace valence::state
