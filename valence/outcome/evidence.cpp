#include "valence/outcome/evidence.hpp"

#include "valence/crypto/keccak.hpp"
#include "valence/outcome/outcome_error.hpp"

namespace valence::outcome {
namespace {

using codec::RlpReader;
using codec::RlpWriter;

constexpr std::uint64_t kUnavailable = 0;
constexpr auto kReplay = static_cast<std::uint64_t>(Mode::replay);
constexpr auto kZk = static_cast<std::uint64_t>(Mode::zk);
constexpr auto kSigned = static_cast<std::uint64_t>(Mode::operator_signed);

struct Writer {
    RlpWriter& to;
    void operator()(const ReplayEvidence&) { to.u64(kReplay); }
    void operator()(const SignedEvidence& e) {
        to.u64(kSigned).u256(e.signature.r).u256(e.signature.s).u64(e.signature.y_odd ? 1 : 0);
        to.u64(e.expiry_block);
    }
    void operator()(const ZkEvidence& e) { to.u64(kZk).bytes(e.proof); }
    void operator()(const Unavailable& e) { to.u64(kUnavailable).u64(static_cast<std::uint64_t>(e.reason)); }
};

Result<Evidence> read_signed(RlpReader& fields) {
    SignedEvidence e;
    BOOST_OUTCOME_TRY(e.signature.r, fields.u256());
    BOOST_OUTCOME_TRY(e.signature.s, fields.u256());
    BOOST_OUTCOME_TRY(const auto parity, fields.u64());
    if (parity > 1) return Error{OutcomeError::malformed, "parity"};
    e.signature.y_odd = parity == 1;
    BOOST_OUTCOME_TRY(e.expiry_block, fields.u64());
    return Evidence{e};
}

Result<Evidence> read_proof(RlpReader& fields) {
    BOOST_OUTCOME_TRY(const auto proof, fields.bytes());
    if (proof.size() > kMaxProofBytes)
        return Error{OutcomeError::malformed, "a proof of " + std::to_string(proof.size()) + " bytes"};
    return Evidence{ZkEvidence{base::to_bytes(proof)}};
}

Result<Evidence> read_unavailable(RlpReader& fields) {
    BOOST_OUTCOME_TRY(const auto reason, fields.u64());
    if (reason < 1 || reason > static_cast<std::uint64_t>(UnavailableReason::asked_anew))
        return Error{OutcomeError::malformed, "reason " + std::to_string(reason)};
    return Evidence{Unavailable{static_cast<UnavailableReason>(reason)}};
}

Result<Evidence> read_kind(std::uint64_t kind, RlpReader& fields) {
    switch (kind) {
        case kUnavailable:
            return read_unavailable(fields);
        case kReplay:
            return Evidence{ReplayEvidence{}};
        case kZk:
            return read_proof(fields);
        case kSigned:
            return read_signed(fields);
        default:
            return Error{OutcomeError::mode_unsupported, "evidence of kind " + std::to_string(kind)};
    }
}

}  // namespace

void write_evidence(RlpWriter& to, const Evidence& evidence) {
    to.list([&] { std::visit(Writer{to}, evidence); });
}

Bytes encode_evidence(const Evidence& evidence) {
    RlpWriter w;
    write_evidence(w, evidence);
    return w.take();
}

Result<Evidence> read_evidence(RlpReader fields) {
    BOOST_OUTCOME_TRY(const auto kind, fields.u64());
    BOOST_OUTCOME_TRY(auto evidence, read_kind(kind, fields));
    BOOST_OUTCOME_TRYV(fields.finish());
    return evidence;
}

Hash signed_digest(std::uint64_t chain_id, const JobId& job, const Hash& output, std::uint64_t expiry_block) {
    RlpWriter w;
    w.list([&] {
        w.bytes(base::as_bytes("valence outcome")).u64(chain_id).bytes(job).bytes(output).u64(expiry_block);
    });
    return crypto::keccak256(w.view());
}

Bytes proof_context(std::uint64_t chain_id, const JobId& job, const Address& payee) {
    Bytes context;
    base::append(context, U256{chain_id}.to_hash());
    base::append(context, job.bytes);
    base::append(context, U256::from_address(payee).to_hash());
    return context;
}

}  // namespace valence::outcome
