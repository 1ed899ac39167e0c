// The file of a sequencer's beacon key: the secret in hexadecimal, readable by its owner only.
#pragma once

#include <string>

#include "valence/base/base.hpp"
#include "valence/crypto/bls_signature.hpp"

namespace valence::cmd {

/// Errors name the file, never what is in it.
Result<crypto::bls::SecretKey> read_beacon_key(const std::string& path);

/// Makes a key of the system's randomness, in a file that was not there.
Result<crypto::bls::SecretKey> make_beacon_key(const std::string& path);

}  // namespace valence::cmd
