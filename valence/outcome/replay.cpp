#include "valence/outcome/replay.hpp"

#include <limits>

#include "valence/base/hex.hpp"
#include "valence/ml/executor/run.hpp"
#include "valence/outcome/outcome_error.hpp"

namespace valence::outcome {
namespace {

std::uint64_t size_of(const ml::Graph& graph, const std::vector<ml::Port>& ports) {
    std::uint64_t size = 0;
    for (const ml::Port& port : ports)
        size += graph.main.tensors[port.tensor].shape.elements();
    return size;
}

bool fits(ml::ElementType type, std::int32_t value) {
    return type == ml::ElementType::index || (value >= INT16_MIN && value <= INT16_MAX);
}

/// A tensor of a job's input; `at` moves past it.
Result<ml::Values> take(const ml::Tensor& tensor, const Integers& input, std::size_t& at) {
    ml::Values values{tensor.type, tensor.shape, {}};
    const auto size = tensor.shape.elements();
    values.data.reserve(size);
    for (const auto end = at + size; at < end; ++at) {
        if (!fits(tensor.type, input[at]))
            return Error{OutcomeError::wrong_input,
                         "integer " + std::to_string(at) + " is " + std::to_string(input[at])};
        values.data.push_back(input[at]);
    }
    return values;
}

}  // namespace

Result<std::shared_ptr<const LoadedModel>> NoModels::load(const ml::ModelId& id) {
    return Error{OutcomeError::model_missing, base::to_hex_prefixed(id.bytes)};
}

std::uint64_t input_size(const ml::Graph& graph) { return size_of(graph, graph.inputs); }
std::uint64_t output_size(const ml::Graph& graph) { return size_of(graph, graph.outputs); }

Result<Integers> replay(const LoadedModel& model, const Integers& input, unsigned threads) {
    ml::Workspace workspace;
    return replay(model, workspace, input, threads);
}

Result<Integers> replay(const LoadedModel& model, ml::Workspace& workspace, const Integers& input,
                        unsigned threads) {
    const ml::Graph& graph = model.graph();
    if (input.size() != input_size(graph))
        return Error{OutcomeError::wrong_input, std::to_string(input.size()) + " integers, the model takes " +
                                                    std::to_string(input_size(graph))};
    std::vector<ml::Values> inputs;
    std::size_t at = 0;
    for (const ml::Port& port : graph.inputs) {
        BOOST_OUTCOME_TRY(auto values, take(graph.main.tensors[port.tensor], input, at));
        inputs.push_back(std::move(values));
    }
    BOOST_OUTCOME_TRY(const auto outputs, ml::run(model.plan, workspace, inputs, threads));
    Integers result;
    result.reserve(output_size(graph));
    for (const ml::Values& values : outputs)
        for (const std::int64_t value : values.data)
            result.push_back(static_cast<std::int32_t>(value));
    return result;
}

}  // namespace valence::outcome
