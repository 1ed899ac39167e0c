// valence_*: what contracts asked models, and what it is based on.
#include <algorithm>

#include <fmt/format.h>

#include "valence/base/hex.hpp"
#include "valence/chain/inference/fees.hpp"
#include "valence/chain/inference/registry_view.hpp"
#include "valence/outcome/verify.hpp"
#include "valence/rpc/context.hpp"
#include "valence/rpc/lookup.hpp"
#include "valence/rpc/methods/find_transaction.hpp"
#include "valence/rpc/methods/handlers.hpp"
#include "valence/rpc/methods/replay.hpp"

namespace valence::rpc {

namespace {

struct EvidenceWriter {
    JsonWriter& out;
    const outcome::Settled& settled;

    void operator()(const outcome::ReplayEvidence&) const { out.key("kind").string("replay"); }
    void operator()(const outcome::SignedEvidence& e) const {
        out.key("kind").string("signed");
        out.key("operator").checksummed(settled.job.operator_address);
        out.key("expiryBlock").quantity(e.expiry_block);
    }
    void operator()(const outcome::ZkEvidence& e) const {
        out.key("kind").string("proof");
        out.key("proof").data(e.proof);
    }
    void operator()(const outcome::Unavailable& e) const {
        out.key("kind").string("unavailable");
        out.key("reason").number(static_cast<std::uint64_t>(e.reason));
    }
};

void write_integers(JsonWriter& out, const outcome::Integers& integers) {
    out.begin_array();
    for (const auto value : integers)
        out.number(std::int64_t{value});
    out.end_array();
}

/// Fields of an object that was begun.
void write_settled(JsonWriter& out, const outcome::Settled& settled) {
    const auto& [job, result] = settled;
    out.key("job").data(outcome::job_id(job).bytes);
    out.key("model").data(job.model.bytes);
    out.key("mode").string(outcome::mode_name(job.mode));
    // Everywhere it is shown: nobody checked such an answer.
    out.key("verified").boolean(job.mode != outcome::Mode::operator_signed && result.is_available());
    out.key("trust").string(outcome::facts(job.mode).trust);
    out.key("input");
    write_integers(out, job.input);
    out.key("output");
    write_integers(out, result.output);
    out.key("payee").checksummed(result.payee);
    out.key("evidence").begin_object();
    std::visit(EvidenceWriter{out, settled}, result.evidence);
    out.key("bytes").quantity(outcome::encode_evidence(result.evidence).size());
    out.end_object();
}

Answer<FoundBlock> optional_block(const Call& call) {
    BOOST_OUTCOME_TRY(const auto id, call.parameters.block(0));
    return find_block(call.context.node, id);
}

}  // namespace

Answer<void> valence_get_block_body(Call& call) {
    BOOST_OUTCOME_TRY(const auto found, optional_block(call));
    auto& out = call.result;
    if (!found || found.sealing == Sealing::pending) {
        out.null();
        return success();
    }
    out.begin_object();
    out.key("hash").data(found.block->hash);
    out.key("block").data(chain::encode_block(found.block->block));
    out.key("outcomes").data(outcome::encode_settled(found.block->outcomes));
    out.key("beacon").data_or_null(found.block->beacon);
    out.end_object();
    return success();
}

Answer<void> valence_get_outcomes(Call& call) {
    BOOST_OUTCOME_TRY(const auto found, optional_block(call));
    auto& out = call.result;
    if (!found) {
        out.null();
        return success();
    }
    out.begin_array();
    for (const auto& settled : found.block->outcomes) {
        out.begin_object();
        write_settled(out, settled);
        out.end_object();
    }
    out.end_array();
    return success();
}

Answer<void> valence_verify_proofs(Call& call) {
    BOOST_OUTCOME_TRY(const auto found, optional_block(call));
    auto& out = call.result;
    if (!found || found.sealing == Sealing::pending) {
        out.null();
        return success();
    }
    const node::Node& node = call.context.node;
    const Deadline deadline(call.context.limits.message_time, &call.context.stopping);
    outcome::NoModels no_files;
    chain::ProvableOfState provable(node.model_catalogue(), [&] { return node.chain().head().state; });
    const outcome::VerifyContext context{node.chain_id(), found.block->number(), no_files, provable};
    out.begin_array();
    for (const auto& settled : found.block->outcomes) {
        if (outcome::proof_bytes(settled.outcome) == 0) continue;
        if (deadline.over()) return deadline.aborted();
        const auto start = std::chrono::steady_clock::now();
        const auto verdict = outcome::verify(settled, context);
        const auto took = std::chrono::steady_clock::now() - start;
        out.begin_object();
        out.key("job").data(outcome::job_id(settled.job).bytes);
        out.key("proofBytes").quantity(outcome::proof_bytes(settled.outcome));
        out.key("microseconds")
            .number(std::int64_t{std::chrono::duration_cast<std::chrono::microseconds>(took).count()});
        out.key("valid").boolean(verdict.has_value());
        if (!verdict) out.key("error").string(verdict.error().message());
        out.end_object();
    }
    out.end_array();
    return success();
}

Answer<void> valence_get_transaction_outcomes(Call& call) {
    BOOST_OUTCOME_TRY(const auto hash, call.parameters.hash(0));
    auto& out = call.result;
    const auto found = find_transaction(call.context.node, hash);
    if (!found.block) {
        out.null();
        return success();
    }
    const auto& outcomes = found.block->outcomes;
    if (outcomes.empty()) {
        out.begin_array();
        out.end_array();
        return success();
    }
    // A block says which jobs its transactions asked for, not which of them did.
    const Deadline deadline(call.context.limits.message_time, &call.context.stopping);
    BOOST_OUTCOME_TRY(const auto replay, Replay::of(call.context.node, found.block, deadline));
    BOOST_OUTCOME_TRY((*replay)->run_until(found.index));
    BOOST_OUTCOME_TRY(const auto result, (*replay)->run_next());
    out.begin_array();
    for (const auto& used : result.inference.used) {
        const auto settled = std::find_if(outcomes.begin(), outcomes.end(), [&](const auto& one) {
            return outcome::job_id(one.job) == used.id;
        });
        if (settled == outcomes.end()) continue;
        out.begin_object();
        write_settled(out, *settled);
        out.key("computeGas").quantity(used.compute_gas);
        out.end_object();
    }
    out.end_array();
    return success();
}

Answer<void> valence_job(Call& call) {
    BOOST_OUTCOME_TRY(const auto hash, call.parameters.hash(0));
    const auto explanation = call.context.node.explain_job(outcome::JobId{hash.bytes});
    explanation ? call.result.string(*explanation) : call.result.null();
    return success();
}

Answer<void> valence_modes(Call& call) {
    auto& out = call.result;
    out.begin_array();
    for (const auto& row : outcome::all_modes()) {
        out.begin_object();
        out.key("number").number(static_cast<std::uint64_t>(row.mode));
        out.key("name").string(row.name);
        out.key("available").boolean(row.available == outcome::Available::yes);
        out.key("trust").string(row.trust);
        out.end_object();
    }
    out.end_array();
    return success();
}

Answer<void> valence_quote(Call& call) {
    BOOST_OUTCOME_TRY(const auto hash, call.parameters.hash(0));
    BOOST_OUTCOME_TRY(const auto name, call.parameters.string(1));
    const auto& rules = call.context.node.config().genesis.rules.inference;
    const auto mode = outcome::mode_from_name(name);
    if (!rules) return server_error("this chain has no inferences");
    if (!mode || *mode == outcome::Mode::automatic)
        return server_error(fmt::format("no such mode: {}", name));
    const auto state = call.context.node.chain().head().state;
    state::JournaledState journal(*state);
    const ml::ModelId id{hash.bytes};
    const auto model = call.context.node.model_catalogue().find(journal, id);
    if (model == nullptr) return server_error(fmt::format("unknown model {}", base::to_hex_prefixed(hash)));
    const auto policy = chain::read_policy(journal, id);
    const auto gas = chain::inference_gas(rules->fees, *model, *mode);
    const bool is_allowed =
        outcome::contains(policy.modes, *mode) && outcome::facts(*mode).available == outcome::Available::yes;
    auto& out = call.result;
    out.begin_object();
    out.key("mode").string(outcome::mode_name(*mode));
    out.key("allowed").boolean(is_allowed);
    out.key("opensAt").quantity(policy.opens_at);
    out.key("gas").quantity(is_allowed ? gas.total() : 0);
    out.key("computeGas").quantity(is_allowed ? gas.compute : 0);
    out.end_object();
    return success();
}

Answer<void> valence_get_genesis(Call& call) {
    if (call.context.genesis_json.empty()) return server_error("this node does not serve its genesis");
    call.result.raw(call.context.genesis_json);
    return success();
}

}  // namespace valence::rpc
