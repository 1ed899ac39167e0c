// Module crypto: hashes, signatures and curves, as plain functions of their inputs.
//
//   keccak.hpp         Keccak-256, Ethereum's hash
//   sha256.hpp, ripemd160.hpp, blake2b.hpp
//                      the other hashes that precompiles offer
//   blake3.hpp         the hash of proofs: transcript and Merkle trees
//   keccak_batch.hpp, blake3_batch.hpp
//                      many messages at once, side by side in vector registers
//   secp256k1.hpp      account keys: signing, addresses, recovering the signer
//   p256.hpp           ECDSA verification on NIST P-256
//   modexp.hpp         modular exponentiation of numbers of any length
//   bn254/             the curve of EIP-196 and EIP-197, by hand
//   bls12_381.hpp      the curve of EIP-2537
//   kzg.hpp            point evaluation proofs of EIP-4844
//   arithmetic/        256-bit kernels that the curves by hand are built on
//
// docs/crypto.md says which of these are by hand, which come from a library, why, and how fast they are.
#pragma once

#include "valence/crypto/keccak.hpp"
#include "valence/crypto/secp256k1.hpp"
