// prove: runs a model and shows what it gave.
//
//     ProvingModel model(graph);                                     // once: commits the weights
//     Proved proved = prove(model, inputs, context).value();         // outputs and proof
//     verify(model.provable(), {digest, inputs, proved.outputs, context}, proved.proof)
#pragma once

#include "valence/zk/protocol/proof_format.hpp"
#include "valence/zk/prover/commitment/committed_table.hpp"

namespace valence::zk {

/// A model with its weights committed; never changes, any number of threads may prove with it.
class ProvingModel {
public:
    /// A validated graph. Time: about 70 ns a weight; memory: 40 bytes a weight. Errors: CircuitError.
    static Result<ProvingModel> commit(std::shared_ptr<const ml::Graph> graph);

    const ProvableModel& provable() const { return provable_; }
    const ml::Graph& graph() const { return *provable_.graph; }
    /// The committed tables that the model has, narrow first.
    std::span<const std::unique_ptr<CommittedTable>> tables() const { return tables_; }

private:
    struct Values;

    ProvableModel provable_;
    std::shared_ptr<const Values> values_;  // that tables_ borrow
    std::vector<std::unique_ptr<CommittedTable>> tables_;
};

struct Proved {
    std::vector<ml::Values> outputs;
    Bytes proof;
};

/// Errors: ModelError::invalid_input for inputs that are not the model's; CircuitError,
/// ProofError::bad_parameters.
Result<Proved> prove(const ProvingModel& model, std::span<const ml::Values> inputs, BytesView context,
                     const SecurityProfile& profile = kProfile100);

}  // namespace valence::zk
