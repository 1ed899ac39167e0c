#include "valence/zk/files/check_proof.hpp"

#include <fmt/format.h>

#include "valence/ml/check/run_file.hpp"
#include "valence/zk/protocol/argument/explain.hpp"
#include "valence/zk/protocol/proof/proof_error.hpp"
#include "valence/zk/prover/prove.hpp"
#include "valence/zk/verifier/verify.hpp"

namespace valence::zk {

Result<ProvableModel> provable(ml::Graph graph) {
    BOOST_OUTCOME_TRY(const ProvingModel model,
                      ProvingModel::commit(std::make_shared<const ml::Graph>(std::move(graph))));
    return model.provable();
}

Result<void> check_proof(const ProvableModel& model, const ProofFile& file) {
    if (file.model != model.id)
        return Error{ProofError::other_model, fmt::format("the proof's model is {}, the one given {}",
                                                          base::to_hex_prefixed(file.model.bytes),
                                                          base::to_hex_prefixed(model.id.bytes))};
    return verify(model, file.statement(), file.proof);
}

Result<std::string> describe(const ProvableModel& model, const ProofFile& file) {
    BOOST_OUTCOME_TRY(const Explanation explanation, explain(model, file.inputs, file.proof));
    std::string text = fmt::format("  {:<10} {}\n", "model", base::to_hex_prefixed(file.model.bytes));
    const auto add = [&](std::string_view label, std::span<const ml::Port> ports,
                         std::span<const ml::Values> values) {
        for (std::size_t k = 0; k < ports.size(); ++k)
            text += fmt::format("  {:<10} {}", label, ml::describe(*model.graph, ports[k], values[k]));
    };
    add("on input", model.graph->inputs, file.inputs);
    add("gives", model.graph->outputs, file.outputs);
    if (!file.context.empty())
        text += fmt::format("  {:<10} {}\n", "context", base::to_hex_prefixed(file.context));
    text += fmt::format("  {:<10} {:.1f} bits\n", "security", explanation.opening.soundness.worst().value());
    return text;
}

}  // namespace valence::zk
