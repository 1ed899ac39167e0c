// Module crypto: hashes, signatures and curves, as plain functions of their inputs.
//
//   keccak.hpp      Keccak-256, Ethereum's hash
//   secp256k1.hpp   account keys: signing, addresses, recovering the signer
//
// docs/crypto.md says which of these are by hand, which come from a library, why, and how fast they are.
#pragma once

#include "valence/crypto/keccak.hpp"
#include "valence/crypto/secp256k1.hpp"
