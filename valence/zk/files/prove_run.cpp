#include "valence/zk/files/prove_run.hpp"

#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>

#include "valence/ml/check/float_border.hpp"
#include "valence/ml/check/run_file.hpp"
#include "valence/ml/executor/run.hpp"
#include "valence/ml/graph/model_error.hpp"
#include "valence/ml/model/verifying_key.hpp"
#include "valence/zk/protocol/argument/explain.hpp"
#include "valence/zk/verifier/verify.hpp"

namespace valence::zk {
namespace {

/// The value of what is called, and how long it took.
template <typename Call>
auto timed(ProvedRun::Milliseconds& time, Call call) {
    const auto start = std::chrono::steady_clock::now();
    auto result = call();
    time = std::chrono::steady_clock::now() - start;
    return result;
}

std::string describe(std::string_view label, const std::string& what) {
    return fmt::format("  {:<10} {}\n", label, what);
}

}  // namespace

Result<ProvedRun> prove_run(ml::Graph graph, const RunOptions& options) {
    const oneapi::tbb::global_control threads(oneapi::tbb::global_control::max_allowed_parallelism,
                                              options.threads);
    const auto shared = std::make_shared<const ml::Graph>(std::move(graph));
    BOOST_OUTCOME_TRY(const auto samples, ml::read_inputs(*shared, options.input));
    if (options.sample >= samples.size())
        return Error{ml::ModelError::invalid_input,
                     fmt::format("sample {} of {}, counted from 0", options.sample, samples.size())};
    ml::QuantisedInputs inputs = ml::quantise_inputs(*shared, samples[options.sample]);

    ProvedRun run;
    run.samples = samples.size();
    run.saturated = inputs.saturated;
    BOOST_OUTCOME_TRY(run.model, timed(run.commit, [&] { return ProvingModel::commit(shared); }));
    BOOST_OUTCOME_TRY(const ml::Plan plan, ml::plan(shared));
    ml::Workspace workspace;
    BOOST_OUTCOME_TRY(run.file.outputs, timed(run.native, [&] {
                          return ml::run(plan, workspace, inputs.values, options.threads);
                      }));
    BOOST_OUTCOME_TRY(Proved proved, timed(run.prove, [&] {
                          return prove(run.model, inputs.values, options.context, options.profile);
                      }));
    VALENCE_CHECK(proved.outputs == run.file.outputs);
    run.file.model = run.model.provable().id;
    run.file.inputs = std::move(inputs.values);
    run.file.context = options.context;
    run.file.proof = std::move(proved.proof);
    BOOST_OUTCOME_TRY(verify(run.model.provable(), run.file.statement(), run.file.proof));
    return run;
}

Result<std::string> describe(const ProvedRun& run) {
    BOOST_OUTCOME_TRY(const Explanation explanation,
                      explain(run.model.provable(), run.file.inputs, run.file.proof));
    const ml::Graph& graph = run.model.graph();
    std::string text;
    for (std::size_t k = 0; k < graph.outputs.size(); ++k)
        text += ml::describe(graph, graph.outputs[k], run.file.outputs[k]);
    text += describe("proof", fmt::format("{} bytes", run.file.proof.size()));
    text += describe("security", fmt::format("{:.1f} bits", explanation.opening.soundness.worst().value()));
    text += describe("prove", fmt::format("{:.1f} ms", run.prove.count()));
    text += describe("commit", fmt::format("{:.1f} ms, once for each model", run.commit.count()));
    text += describe("native run", fmt::format("{:.3f} ms", run.native.count()));
    text += describe("model", base::to_hex_prefixed(run.file.model.bytes));
    if (run.saturated > 0)
        text += fmt::format("warning: {} input elements were out of the model's range and moved to its end\n",
                            run.saturated);
    return text;
}

Bytes encoded_key(const ProvingModel& model) {
    return ml::encode_verifying_key(ml::verifying_key(model.graph()));
}

}  // namespace valence::zk
