#include "valence/chain/inference/call_context.hpp"

#include "valence/chain/inference/fees.hpp"
#include "valence/chain/inference/registry_view.hpp"

namespace valence::chain {

CallFailure reverted(CallError error, std::vector<codec::AbiValue> arguments) {
    return {evm::Status::revert, encode_error(error, std::move(arguments))};
}

std::uint64_t committed_cells(const DescribedModel& model) {
    return model.proofs == nullptr ? 0 : zk::cell_count(model.proofs->model.tables);
}

bool CallContext::charge(std::uint64_t gas) {
    if (gas > static_cast<std::uint64_t>(gas_)) return false;
    gas_ -= static_cast<evm::Gas>(gas);
    return true;
}

CallAnswer<std::shared_ptr<const DescribedModel>> CallContext::find_model(const ml::ModelId& id) {
    const auto key_size = stored_key_size(call.state, id);
    if (key_size == 0) return reverted(CallError::unknown_model, {bytes32(id)});
    if (!call.record.read_keys.contains(id) && !charge(key_reading_gas(rules.fees, key_size)))
        return out_of_gas();
    call.record.read_keys.insert(id);
    auto model = call.environment.catalogue.find(call.state, id);
    if (model == nullptr) return reverted(CallError::unknown_model, {bytes32(id)});
    return model;
}

}  // namespace valence::chain
