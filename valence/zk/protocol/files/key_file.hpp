// The file of what a model's proofs are verified with: kilobytes, where the model may have gigabytes.
//
//     8 bytes    "vkey", 0, 0, 0, version (1)
//     u64, verifying key         its length, then ml/model/verifying_key.hpp
//     public weights             the bytes of each weight in public_weights(), in order; sizes follow from
//                                the key's graph
//     narrow, wide               for each of the two commitments of weights: 0, or 1 and its root
// Integers are little endian. A key has one file and a file one key.
//
// Whoever verifies with a key believes its author that the roots are those of a valid model's weights, as
// everybody who has the weights can find out (ProvingModel::commit).
#pragma once

#include "valence/zk/protocol/proof_format.hpp"

namespace valence::zk {

/// A model as its key describes it: the graph has passed validate_structure(), its public weights
/// check_public_weights(), and no others have bytes; `digest` is of all of it.
Result<ProvableModel> decode_key_file(BytesView bytes);

/// Of a model that was committed or decoded from its key. `verifying_key`: ml::encode_verifying_key() of it.
Bytes encode_key_file(const ProvableModel& model, BytesView verifying_key);

/// Whether the bytes begin as such a file does, of any version.
bool is_key_file(BytesView bytes);

}  // namespace valence::zk
