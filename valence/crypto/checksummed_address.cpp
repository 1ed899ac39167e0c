#include "valence/crypto/checksummed_address.hpp"

#include "valence/crypto/keccak.hpp"

namespace valence::crypto {

std::string checksummed_address(const Address& address) {
    auto text = base::to_hex(address.bytes);
    const auto digest = keccak256(base::as_bytes(text));
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto nibble = i % 2 == 0 ? digest[i / 2] >> 4 : digest[i / 2] & 15;
        if (nibble >= 8 && text[i] >= 'a') text[i] = static_cast<char>(text[i] - 'a' + 'A');
    }
    return "0x" + text;
}

}  // namespace valence::crypto
