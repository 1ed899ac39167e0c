#include "valence/outcome/settled.hpp"

#include "valence/crypto/keccak.hpp"
#include "valence/crypto/merkle_root.hpp"
#include "valence/outcome/outcome_error.hpp"

namespace valence::outcome {
namespace {

Result<Settled> read_settled(codec::RlpReader fields) {
    Settled entry;
    BOOST_OUTCOME_TRY(const auto job, fields.list());
    BOOST_OUTCOME_TRY(entry.job, read_job(job));
    BOOST_OUTCOME_TRY(const auto output, fields.bytes());
    BOOST_OUTCOME_TRY(entry.outcome.output, decode_integers(output));
    BOOST_OUTCOME_TRY(entry.outcome.payee, fields.fixed<Address>());
    BOOST_OUTCOME_TRY(const auto evidence, fields.list());
    BOOST_OUTCOME_TRY(entry.outcome.evidence, read_evidence(evidence));
    BOOST_OUTCOME_TRYV(fields.finish());
    return entry;
}

}  // namespace

std::size_t proof_bytes(const Outcome& outcome) {
    const auto* evidence = std::get_if<ZkEvidence>(&outcome.evidence);
    return evidence == nullptr ? 0 : evidence->proof.size();
}

Bytes encode_settled(std::span<const Settled> list) {
    codec::RlpWriter w;
    w.list([&] {
        for (const auto& [job, outcome] : list) {
            w.list([&] {
                write_job(w, job);
                w.bytes(encode_integers(outcome.output)).bytes(outcome.payee);
                write_evidence(w, outcome.evidence);
            });
        }
    });
    return w.take();
}

Result<std::vector<Settled>> decode_settled(BytesView bytes) {
    BOOST_OUTCOME_TRY(auto items, codec::RlpReader::of_list(bytes));
    std::vector<Settled> list;
    while (!items.at_end()) {
        BOOST_OUTCOME_TRY(const auto fields, items.list());
        BOOST_OUTCOME_TRY(auto entry, read_settled(fields));
        list.push_back(std::move(entry));
    }
    return list;
}

Hash outcome_leaf(const JobId& job, const Outcome& outcome) {
    return crypto::Keccak256{}
        .update(job)
        .update(integers_hash(outcome.output))
        .update(outcome.payee)
        .update(crypto::keccak256(encode_evidence(outcome.evidence)))
        .finish();
}

Hash outcomes_root(std::span<const Settled> list) {
    std::vector<Hash> leaves;
    leaves.reserve(list.size());
    for (const auto& [job, outcome] : list)
        leaves.push_back(outcome_leaf(job_id(job), outcome));
    return crypto::merkle_root(leaves);
}

}  // namespace valence::outcome
