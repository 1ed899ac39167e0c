#include "valence/ml/graph/text.hpp"

#include <cstdint>

namespace valence::ml {
namespace {

/// A code point's first byte says how many follow, and the least that so many bytes may stand for.
struct Lead {
    int more;
    std::uint32_t bits;
    std::uint32_t least;
};

Lead lead(std::uint8_t byte) {
    if (byte < 0x80) return {0, byte, 0};
    if (byte >= 0xc0 && byte < 0xe0) return {1, byte & 0x1fU, 0x80};
    if (byte >= 0xe0 && byte < 0xf0) return {2, byte & 0x0fU, 0x800};
    if (byte >= 0xf0 && byte < 0xf8) return {3, byte & 0x07U, 0x10000};
    return {-1, 0, 0};
}

bool is_allowed(std::uint32_t point) {
    const bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
    const bool surrogate = point >= 0xd800 && point < 0xe000;
    return !control && !surrogate && point < 0x110000;
}

}  // namespace

bool is_plain_text(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const Lead first = lead(static_cast<std::uint8_t>(text[at++]));
        if (first.more < 0) return false;
        std::uint32_t point = first.bits;
        for (int k = 0; k < first.more; ++k) {
            if (at == text.size()) return false;
            const auto next = static_cast<std::uint8_t>(text[at++]);
            if ((next & 0xc0U) != 0x80) return false;
            point = point << 6 | (next & 0x3fU);
        }
        if (point < first.least || !is_allowed(point)) return false;
    }
    return true;
}

}  // namespace valence::ml
