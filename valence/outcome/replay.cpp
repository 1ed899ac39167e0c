#include "valence/outcome/replay.hpp"

#include "valence/base/hex.hpp"
#include "valence/ml/executor/run.hpp"
#include "valence/outcome/outcome_error.hpp"

namespace valence::outcome {
Result<std::shared_ptr<const LoadedModel>> NoModels::load(const ml::ModelId& id) {
    return Error{OutcomeError::model_missing, base::to_hex_prefixed(id.bytes)};
}

Result<Integers> replay(const LoadedModel& model, const Integers& input, unsigned threads) {
    ml::Workspace workspace;
    return replay(model, workspace, input, threads);
}

Result<Integers> replay(const LoadedModel& model, ml::Workspace& workspace, const Integers& input,
                        unsigned threads) {
    BOOST_OUTCOME_TRY(const auto inputs, input_tensors(model.graph(), input));
    BOOST_OUTCOME_TRY(const auto outputs, ml::run(model.plan, workspace, inputs, threads));
    return to_integers(outputs);
}

}  // namespace valence::outcome
