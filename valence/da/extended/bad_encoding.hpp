// Proofs that a block's producer committed to a row or column that is no codeword: enough of its shares, each
// proven, give another root than the one committed to. Who has the roots needs nothing else to refuse the
// block. Source: M. Al-Bassam, A. Sonnino, V. Buterin, "Fraud and data availability proofs", 2018,
// section 5.5; celestia-node, share/eds/byzantine.
#pragma once

#include "valence/da/extended/partial_square.hpp"

namespace valence::da {

struct BadEncodingProof {
    AxisIndex line;
    /// At different places on it, at least half of them; each proven along the line or across it.
    std::vector<Sample> samples;
};

/// What `repair` left in a partial square and the samples it was filled from show the wrong line with.
/// Errors: unrepairable when fewer than half of its shares can be proven.
Result<BadEncodingProof> prove_bad_encoding(const PartialSquare& partial, const SquareRoots& roots,
                                            AxisIndex line, std::span<const Sample> samples);

/// Success: the producer of the block with these roots cheated. Errors: bad_proof when the proof does not
/// show it. Total.
Result<void> verify_bad_encoding(const BadEncodingProof& proof, const SquareRoots& roots);

/// Errors: bad_message, and those of parse_sample.
Bytes encode_bad_encoding(const BadEncodingProof& proof);
Result<BadEncodingProof> parse_bad_encoding(BytesView bytes);

}  // namespace valence::da
