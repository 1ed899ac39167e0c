// Recovering many signers at once, the work that bounds how fast transactions come in.
#pragma once

#include <optional>
#include <span>

#include "valence/crypto/secp256k1.hpp"

namespace valence::crypto {

struct RecoverRequest {
    Hash digest;
    Signature signature;
};

/// `recover_address` of every request, into the place of the same index; both spans have the same length.
/// Faster than one by one, since inversions are shared. For public data only: takes time that depends on it.
void recover_addresses(std::span<const RecoverRequest> requests, std::span<std::optional<Address>> addresses);

}  // namespace valence::crypto
