// Evidence: why an outcome is to be believed, one alternative for each mode that exists and one for none.
#pragma once

#include <variant>

#include "valence/crypto/secp256k1.hpp"
#include "valence/outcome/job.hpp"

namespace valence::outcome {

/// REPLAY: whoever doubts runs the model.
struct ReplayEvidence {
    bool operator==(const ReplayEvidence&) const = default;
};

/// SIGNED: a signature over signed_digest().
struct SignedEvidence {
    crypto::Signature signature;
    /// The last block that may use it.
    std::uint64_t expiry_block = 0;
    bool operator==(const SignedEvidence&) const = default;
};

/// ZK: a proof of the inference, bound to proof_context().
struct ZkEvidence {
    Bytes proof;
    bool operator==(const ZkEvidence&) const = default;
};

/// No proof in a block is longer; what one may be follows from its model besides (zk::ProofCost).
inline constexpr std::size_t kMaxProofBytes = std::size_t{1} << 20;

/// Why there is no answer.
enum class UnavailableReason : std::uint8_t {
    /// No node that could serve the job answered in time.
    timed_out = 1,
    /// No node can serve the job.
    no_capable_node = 2,
    /// The transaction went on asking for other jobs than those it had asked for.
    asked_anew = 3,
};

/// The call fails; never for REPLAY.
struct Unavailable {
    UnavailableReason reason = UnavailableReason::timed_out;
    bool operator==(const Unavailable&) const = default;
};

using Evidence = std::variant<ReplayEvidence, SignedEvidence, Unavailable, ZkEvidence>;

/// rlp([kind, fields…]); kinds are numbered as modes are, and 0 is Unavailable.
void write_evidence(codec::RlpWriter& to, const Evidence& evidence);
Bytes encode_evidence(const Evidence& evidence);
/// Errors: malformed, mode_unsupported.
Result<Evidence> read_evidence(codec::RlpReader fields);

/// What an operator signs: keccak256(rlp(["valence outcome", chain id, job id, keccak256(output), expiry])).
Hash signed_digest(std::uint64_t chain_id, const JobId& job, const Hash& output, std::uint64_t expiry_block);

/// What a proof is bound to besides model, inputs and outputs: abi.encode(chain id, job id, payee). So it is
/// worth nothing on another chain, for another job, or to whoever copies it.
Bytes proof_context(std::uint64_t chain_id, const JobId& job, const Address& payee);

}  // namespace valence::outcome
