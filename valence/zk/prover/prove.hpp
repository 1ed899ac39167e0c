// prove: runs a model and shows what it gave.
//
//     ProvingModel model = ProvingModel::commit(graph).value();      // once
//     Proved proved = prove(model, inputs, context).value();         // outputs and proof
//     verify(model.provable(), {model.provable().id, inputs, proved.outputs, context}, proved.proof)
#pragma once

#include "valence/zk/protocol/proof_format.hpp"
#include "valence/zk/prover/proving_model.hpp"
#include "valence/zk/prover/stage_times.hpp"

namespace valence::zk {

struct Proved {
    std::vector<ml::Values> outputs;
    Bytes proof;
    StageTimes times;
};

/// Errors: ModelError::invalid_input for inputs that are not the model's; CircuitError,
/// ProofError::bad_parameters.
Result<Proved> prove(const ProvingModel& model, std::span<const ml::Values> inputs, BytesView context,
                     const SecurityProfile& profile = kProfile100);

}  // namespace valence::zk
