#include "valence/chain/inference/registration.hpp"

#include "valence/chain/inference/model_bounds.hpp"
#include "valence/chain/inference/registry_view.hpp"
#include "valence/ml/model/verifying_key.hpp"
#include "valence/outcome/outcome_error.hpp"
#include "valence/zk/protocol/circuit/circuit_error.hpp"
#include "valence/zk/protocol/circuit/compile_work.hpp"

namespace valence::chain {
namespace {

CallFailure invalid_model(std::string_view why) {
    return reverted(CallError::invalid_model, {base::to_bytes(base::as_bytes(why))});
}

/// Of the circuits that price a model's proofs, two of them: 20 ns for each unit and circuit, which is what
/// nodes take that become most definitions (Normalise: some 70, in 50 to 100 µs).
std::uint64_t compiling_gas(const InferenceFees& fees, const ml::Graph& graph) {
    constexpr std::uint64_t kUnitsInAMillisecond = 25'000;
    return fees.table_millisecond * zk::compile_work(graph) / kUnitsInAMillisecond;
}

}  // namespace

CallAnswer<Bytes> register_model(CallContext& context, const Bytes& key) {
    const auto& rules = context.rules;
    const auto& fees = rules.fees;
    auto& catalogue = context.call.environment.catalogue;
    if (key.size() > rules.key_bytes)
        return invalid_model("verifying key of " + std::to_string(key.size()) + " bytes, at most " +
                             std::to_string(rules.key_bytes));
    if (!context.charge(fees.key_byte * key.size())) return out_of_gas();
    const auto tables = ml::table_microseconds(key);
    if (tables && !context.charge(fees.table_millisecond * tables.value() / 1'000)) return out_of_gas();
    // Not the message: what the reader of keys says, and which flaw it finds first, is not for consensus.
    const auto malformed = [] { return invalid_model("malformed verifying key"); };
    const auto decoded = ml::decode_verifying_key(key);
    if (!decoded) return malformed();
    if (!decoded.value().commitment.empty() && !context.charge(compiling_gas(fees, decoded.value().graph)))
        return out_of_gas();
    // No longer than there is gas for it: what has been found out before costs as much.
    const auto affordable = fees.measured_per_gas * static_cast<std::uint64_t>(context.gas_left());
    const auto described = catalogue.read(key, KeySource::anyone, std::min(affordable, zk::kMostMeasured));
    if (!described && affordable < zk::kMostMeasured &&
        described.error() == Error{zk::CircuitError::too_large})
        return out_of_gas();
    if (!described) return malformed();
    if (const auto& proofs = described.value().proofs;
        proofs != nullptr && !context.charge(proofs->cost.measured / fees.measured_per_gas + 1))
        return out_of_gas();
    const auto cells = committed_cells(described.value());
    if (cells > rules.committed_cells)
        return invalid_model("commitment to " + std::to_string(cells) + " cells, at most " +
                             std::to_string(rules.committed_cells));
    const auto& id = described.value().id;
    if (catalogue.find(context.call.state, id) == nullptr) store_key(context.call.state, id, key);
    return Bytes(id.bytes.begin(), id.bytes.end());
}

CallAnswer<Bytes> check_weights(CallContext& context, const ml::ModelId& id) {
    const auto& call = context.call;
    const auto& fees = context.rules.fees;
    if (call.record.system_contract) return invalid_model("opened by a system transaction");
    if (call.record.opening == Opening::refused) return invalid_model("opened by another contract");
    if (call.record.count > 0) return invalid_model("opened after an inference, in one transaction");
    auto found = context.find_model(id);
    if (auto* failure = std::get_if<CallFailure>(&found)) return std::move(*failure);
    const auto& model = std::get<std::shared_ptr<const DescribedModel>>(found);
    if (model->cost.weight_bytes > kMostWeightBytes)
        return invalid_model("weights of " + std::to_string(model->cost.weight_bytes) + " bytes, at most " +
                             std::to_string(kMostWeightBytes));
    if (!context.charge(model->cost.weight_bytes / fees.weight_bytes_per_gas)) return out_of_gas();
    if (!context.charge(fees.committed_cell * committed_cells(*model))) return out_of_gas();
    const auto loaded = call.environment.models.load(id);
    call.record.read_models.push_back(id);
    if (loaded) {
        if (model->proofs != nullptr &&
            !call.environment.catalogue.commitment_holds(id, loaded.value()->graph()))
            return invalid_model("commitment");
        return Bytes{};
    }
    if (loaded.error() == Error{outcome::OutcomeError::model_missing}) {
        call.record.missing_models.push_back(id);
        return abandoned();
    }
    // Not the message: it could name places of this node only.
    return invalid_model("weights");
}

}  // namespace valence::chain
