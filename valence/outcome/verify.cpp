#include "valence/outcome/verify.hpp"

#include "valence/crypto/keccak.hpp"
#include "valence/outcome/outcome_error.hpp"
#include "valence/outcome/replay.hpp"
#include "valence/zk/verifier/verify.hpp"

namespace valence::outcome {
namespace {

/// The salt and the operator that the job's mode asks for.
Result<void> verify_form(const Job& job) {
    const bool salted = facts(job.mode).sharing == Sharing::each_its_own;
    if (job.salt.is_zero() == salted)
        return Error{OutcomeError::wrong_salt, std::string{mode_name(job.mode)}};
    if (job.operator_address.is_zero() == (job.mode == Mode::operator_signed))
        return Error{OutcomeError::malformed, "operator"};
    return success();
}

/// Names everything that a proof's verdict depends on: the chain, and the leaf, in which are the job (with
/// model and input), the output, the payee and the proof.
Hash proof_name(const Settled& entry, std::uint64_t chain_id) {
    return crypto::Keccak256{}
        .update(U256{chain_id}.to_hash())
        .update(outcome_leaf(job_id(entry.job), entry.outcome))
        .finish();
}

struct Verifier {
    const Settled& entry;
    const VerifyContext& context;
    const Job& job = entry.job;
    const Outcome& outcome = entry.outcome;

    Result<void> operator()(const ReplayEvidence&) const {
        BOOST_OUTCOME_TRY(const auto model, context.models.load(job.model));
        BOOST_OUTCOME_TRY(const auto output, replay(*model, job.input, context.threads));
        if (output != outcome.output) return Error{OutcomeError::wrong_output};
        return success();
    }

    Result<void> operator()(const SignedEvidence& e) const {
        if (context.block_number > e.expiry_block)
            return Error{OutcomeError::expired, "block " + std::to_string(e.expiry_block)};
        // One signature has one form (as EIP-2 has it).
        if (e.signature.s > crypto::kSecp256k1HalfOrder) return Error{OutcomeError::malformed, "high s"};
        const auto digest =
            signed_digest(context.chain_id, job_id(job), integers_hash(outcome.output), e.expiry_block);
        const auto signer = crypto::recover_address(digest, e.signature.r, e.signature.s, e.signature.y_odd);
        if (signer != job.operator_address) return Error{OutcomeError::wrong_signature};
        return success();
    }

    Result<void> operator()(const ZkEvidence& e) const {
        const auto provable = context.provable.provable(job.model);
        if (provable == nullptr) return Error{OutcomeError::not_provable};
        if (e.proof.size() > std::min<std::uint64_t>(provable->cost.most_bytes, kMaxProofBytes))
            return Error{OutcomeError::wrong_proof, std::to_string(e.proof.size()) + " bytes"};
        if (!is_of_priced_profile(e.proof)) return Error{OutcomeError::wrong_proof, "another profile"};
        const auto name = proof_name(entry, context.chain_id);
        if (context.verified != nullptr && context.verified->contains(name)) return success();
        const auto& model = provable->model;
        BOOST_OUTCOME_TRY(const auto inputs, input_tensors(*model.graph, job.input));
        BOOST_OUTCOME_TRY(const auto outputs, output_tensors(*model.graph, outcome.output));
        const auto bound_to = proof_context(context.chain_id, job_id(job), outcome.payee);
        if (const auto verdict = zk::verify(model, {model.id, inputs, outputs, bound_to}, e.proof,
                                            provable->cost.most_touched);
            !verdict)
            return Error{OutcomeError::wrong_proof, verdict.error().message()};
        if (context.verified != nullptr) context.verified->add(name);
        return success();
    }

    Result<void> operator()(const Unavailable&) const {
        if (facts(job.mode).may_fail == MayFail::no)
            return Error{OutcomeError::wrong_evidence, "REPLAY is always available"};
        if (!outcome.output.empty() || !outcome.payee.is_zero())
            return Error{OutcomeError::malformed, "an unavailable outcome with an output or a payee"};
        return success();
    }
};

/// Whether evidence of this kind is what the mode asks for.
bool is_evidence_of(Mode mode, const Evidence& evidence) {
    if (std::holds_alternative<ReplayEvidence>(evidence)) return mode == Mode::replay;
    if (std::holds_alternative<ZkEvidence>(evidence)) return mode == Mode::zk;
    if (std::holds_alternative<SignedEvidence>(evidence)) return mode == Mode::operator_signed;
    return true;
}

}  // namespace

bool is_of_priced_profile(BytesView proof) {
    // Behind its version.
    return proof.size() >= 2 && proof[1] == zk::profile_byte(zk::kProfile100);
}

Result<void> verify(const Settled& entry, const VerifyContext& context) {
    const auto& [job, outcome] = entry;
    if (facts(job.mode).available == Available::no)
        return Error{OutcomeError::mode_unsupported, std::string{mode_name(job.mode)}};
    BOOST_OUTCOME_TRYV(verify_form(job));
    if (!is_evidence_of(job.mode, outcome.evidence)) return Error{OutcomeError::wrong_evidence};
    return std::visit(Verifier{entry, context}, outcome.evidence);
}

}  // namespace valence::outcome
