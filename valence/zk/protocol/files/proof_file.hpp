// The file of one proof: what it shows, and the proof. With the model's key (ml/model/verifying_key.hpp) or
// the model itself it can be verified anywhere.
//
//     8 bytes    "vproof", 0, version (1)
//     32 bytes   the model's id
//     inputs     tensor_codec.hpp
//     outputs    likewise
//     u64, context        its length, then the caller's bytes
//     u64, proof          its length, then proof_format.hpp
// Integers are little endian. A statement and its proof have one file and a file says one thing.
#pragma once

#include "valence/zk/protocol/argument/statement.hpp"

namespace valence::zk {

/// No larger file is read or made.
inline constexpr std::size_t kMaxProofFile = 64 << 20;
inline constexpr std::size_t kMaxContext = 1 << 16;

struct ProofFile {
    ml::ModelId model;
    std::vector<ml::Values> inputs;
    std::vector<ml::Values> outputs;
    Bytes context;
    Bytes proof;
    bool operator==(const ProofFile&) const = default;

    Statement statement() const { return {model, inputs, outputs, context}; }
};

/// Errors: ProofError::too_long for what would make a file that is not read.
Result<Bytes> encode_proof_file(const ProofFile& file);

/// From anyone: nothing is known of the tensors and the proof but their lengths. Takes memory of at most
/// thirty-two times the bytes. Errors: unknown_format, too_long, truncated, trailing_bytes, not_canonical.
Result<ProofFile> decode_proof_file(BytesView bytes);

/// Whether the bytes begin as such a file does, of any version.
bool is_proof_file(BytesView bytes);

}  // namespace valence::zk
