// The front of a .vmodel file: all before the weights, some kilobytes, from which the model's id follows.
// Whoever receives a file checks it as soon as the front is there, and not after gigabytes of weights.
#pragma once

#include "valence/base/base.hpp"
#include "valence/ml/model/verifying_key.hpp"
#include "valence/ml/model/vmodel.hpp"

namespace valence::compute {

struct ModelFront {
    ml::ModelHeader header;
    /// Its graph's weights have types and shapes only.
    ml::VerifyingKey key;
    ml::ModelId id;
};

/// Bytes of the front.
inline std::uint64_t front_bytes(const ml::ModelHeader& header) {
    return header.file_bytes() - header.weight_bytes;
}

/// From the first front_bytes() bytes of a file. Of the graph only its structure is validated, and the
/// names are not read. Error: StoreError::invalid.
Result<ModelFront> decode_front(BytesView front);

}  // namespace valence::compute
