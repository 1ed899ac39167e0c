#include "valence/chain/inference/proof_precompile.hpp"

#include "valence/chain/inference/call_abi.hpp"
#include "valence/chain/inference/fees.hpp"
#include "valence/chain/inference/job_input.hpp"
#include "valence/chain/inference/named_tensors.hpp"
#include "valence/chain/inference/registry_view.hpp"
#include "valence/outcome/tensors.hpp"
#include "valence/outcome/verify.hpp"
#include "valence/zk/verifier/verify.hpp"

namespace valence::chain {
namespace {

using codec::AbiValue;
using evm::PrecompileResult;
using evm::Status;
using Items = std::vector<AbiValue>;

constexpr std::string_view kSignature =
    "verify(bytes32,(string,uint32[],int256[])[],(string,uint32[],int256[])[],bytes,bytes)";

const codec::AbiType& arguments() {
    static const auto type = codec::AbiType::parse(kSignature.substr(kSignature.find('('))).value();
    return type;
}

bool calls_verify(BytesView input) {
    static const Selector selector = selector_of(kSignature);
    return input.size() >= 4 && ((Selector{input[0]} << 24) | (Selector{input[1]} << 16) |
                                 (Selector{input[2]} << 8) | input[3]) == selector;
}

/// Whether the proof holds; what is none of the model's outputs has no proof.
bool holds(const DescribedModel& model, std::span<const U256> inputs, std::span<const U256> outputs,
           BytesView context, BytesView proof) {
    const auto& [provable, cost] = *model.proofs;
    if (proof.size() > cost.most_bytes || !outcome::is_of_priced_profile(proof)) return false;
    const auto input = to_job_input(model, inputs);
    const auto output = to_job_output(model, outputs);
    if (!input || !output) return false;
    const auto given = outcome::input_tensors(*provable.graph, input.value());
    const auto claimed = outcome::output_tensors(*provable.graph, *output);
    if (!given || !claimed) return false;
    return zk::verify(provable, {provable.id, given.value(), claimed.value(), context}, proof,
                      cost.most_touched)
        .has_value();
}

}  // namespace

PrecompileResult run_proof_check(const evm::Message& message, const InferenceCall& call) {
    const auto& fees = call.environment.rules.fees;
    auto gas = message.gas;
    const auto charge = [&](std::uint64_t cost) {
        if (cost > static_cast<std::uint64_t>(gas)) return false;
        gas -= static_cast<evm::Gas>(cost);
        return true;
    };
    const auto revert = [&](CallError error, Items values = {}) {
        return PrecompileResult{Status::revert, gas, encode_error(error, std::move(values))};
    };
    const auto out_of_gas = [] { return PrecompileResult{Status::out_of_gas, 0, {}}; };

    if (message.kind != evm::CallKind::call) return revert(CallError::delegate_call_refused);
    if (!message.value.is_zero()) return revert(CallError::not_payable);
    if (!charge(fees.call + fees.input_word * (message.input.size() / 32 + 1))) return out_of_gas();
    if (!calls_verify(message.input)) return revert(CallError::malformed_call);
    const auto decoded = codec::abi_decode(arguments(), message.input.subspan(4));
    if (!decoded) return revert(CallError::malformed_call);
    const Items& values = decoded.value().items();

    const auto id = base::from_exact<ml::ModelId>(values[0].bytes());
    const auto key_size = stored_key_size(call.state, id);
    if (!call.record.read_keys.contains(id) && !charge(key_reading_gas(fees, key_size))) return out_of_gas();
    call.record.read_keys.insert(id);
    const auto model = key_size == 0 ? nullptr : call.environment.catalogue.find(call.state, id);
    if (model == nullptr) return revert(CallError::unknown_model, {values[0]});
    // Before it is opened nobody has seen that its commitment is that of its weights.
    if (const auto policy = read_policy(call.state, id); !policy.is_open(call.block_number))
        return revert(CallError::model_not_open, {values[0], U256{policy.opens_at}});
    if (model->proofs == nullptr)
        return revert(CallError::mode_unsupported, {U256{static_cast<std::uint64_t>(outcome::Mode::zk)}});
    if (!charge(proof_check_gas(fees, *model))) return out_of_gas();
    const auto inputs = inputs_by_name(*model, values[1].items());
    if (const auto* error = std::get_if<Bytes>(&inputs)) return {Status::revert, gas, *error};
    const auto outputs = outputs_by_name(*model, values[2].items());
    if (const auto* error = std::get_if<Bytes>(&outputs)) return {Status::revert, gas, *error};
    const bool verdict = holds(*model, std::get<std::vector<U256>>(inputs),
                               std::get<std::vector<U256>>(outputs), values[3].bytes(), values[4].bytes());
    return {Status::success, gas, base::to_bytes(U256{verdict ? 1U : 0U}.to_hash())};
}

}  // namespace valence::chain
