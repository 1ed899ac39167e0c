// Keccak-256: the original Keccak submission's padding (0x01), not that of FIPS 202's SHA3-256.
#pragma once

#include "valence/base/base.hpp"

namespace valence::crypto {

/// The Keccak-256 digest of `input`.
Hash keccak256(BytesView input);

/// Keccak-256 of a message that comes in pieces.
class Keccak256 {
public:
    Keccak256& update(BytesView piece);
    /// The digest of all pieces. The object may not be used afterwards.
    Hash finish();

private:
    static constexpr std::size_t kRate = 136;
    std::array<std::uint64_t, 25> state_{};
    std::array<std::uint8_t, kRate> buffer_;
    std::size_t buffered_ = 0;
};

/// keccak256 of nothing: the code hash of an account without code.
inline constexpr auto kEmptyKeccak =
    "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"_hash;

}  // namespace valence::crypto
