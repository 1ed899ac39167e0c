#include "valence/ml/check/run_file.hpp"

#include <cmath>
#include <memory>

#include <fmt/format.h>

#include "valence/ml/check/float_border.hpp"
#include "valence/ml/check/samples.hpp"

namespace valence::ml {
namespace {

/// Numbers printed of one output; the rest is counted.
constexpr std::size_t kMostPrinted = 64;
constexpr std::size_t kMostSamples = 10'000;

InputTypes input_types(const Graph& graph) {
    InputTypes types;
    for (const Port& port : graph.inputs) {
        const Tensor& tensor = graph.main.tensors[port.tensor];
        const auto extents = tensor.shape.extents();
        types.emplace_back(port.name,
                           real::TensorType{tensor.type == ElementType::index ? real::ElementType::i64
                                                                              : real::ElementType::f32,
                                            real::Shape(extents.begin(), extents.end())});
    }
    return types;
}

/// Tensors of one shape, one behind the other along the first axis (a new one for scalars).
real::Tensor stack(const std::vector<real::Tensor>& parts) {
    real::Shape shape = parts[0].shape();
    if (shape.empty()) shape.push_back(1);
    shape[0] *= static_cast<std::int64_t>(parts.size());
    if (parts[0].element() == real::ElementType::i64) {
        std::vector<std::int64_t> all;
        for (const real::Tensor& part : parts)
            all.insert(all.end(), part.i64().begin(), part.i64().end());
        return {shape, std::move(all)};
    }
    std::vector<float> all;
    for (const real::Tensor& part : parts)
        all.insert(all.end(), part.f32().begin(), part.f32().end());
    return {shape, std::move(all)};
}

}  // namespace

Result<std::vector<Sample>> read_inputs(const Graph& graph, const std::string& path) {
    const InputTypes types = input_types(graph);
    if (!path.empty()) return read_samples(types, path, kMostSamples);
    std::vector<Sample> samples(1);
    for (const auto& [name, type] : types)
        samples[0].emplace_back(type);
    return samples;
}

std::string describe(const Graph& graph, const Port& port, const Values& values) {
    const Tensor& tensor = graph.main.tensors[port.tensor];
    std::string text = fmt::format("{} [{}]", port.name, to_string(tensor.shape));
    const std::size_t count = std::min(values.data.size(), kMostPrinted);
    for (std::size_t k = 0; k < count; ++k) {
        const std::int8_t exponent =
            port.exponents.empty() ? tensor.exponent : port.exponents[k % port.exponents.size()];
        text += tensor.type == ElementType::index
                    ? fmt::format(" {}", values.data[k])
                    : fmt::format(" {:.7g}", std::ldexp(static_cast<float>(values.data[k]), -exponent));
    }
    if (count < values.data.size()) text += fmt::format(" … and {} more", values.data.size() - count);
    return text + "\n";
}

Result<FileRun> run_on_file(Graph graph, const std::string& path, unsigned threads) {
    const auto shared = std::make_shared<const Graph>(std::move(graph));
    BOOST_OUTCOME_TRY(const Plan planned, plan(shared));
    BOOST_OUTCOME_TRY(const std::vector<Sample> samples, read_inputs(*shared, path));
    Workspace workspace;
    FileRun result;
    std::vector<std::vector<real::Tensor>> parts(shared->outputs.size());
    std::uint64_t saturated = 0;
    for (const Sample& sample : samples) {
        const QuantisedInputs inputs = quantise_inputs(*shared, sample);
        saturated += inputs.saturated;
        BOOST_OUTCOME_TRY(const auto outputs, run(planned, workspace, inputs.values, threads));
        for (std::size_t k = 0; k < outputs.size(); ++k) {
            const Tensor& tensor = shared->main.tensors[shared->outputs[k].tensor];
            result.text += describe(*shared, shared->outputs[k], outputs[k]);
            parts[k].push_back(dequantise(tensor, outputs[k]));
        }
    }
    for (const std::vector<real::Tensor>& output : parts)
        result.outputs.push_back(stack(output));
    if (saturated > 0)
        result.text += fmt::format(
            "warning: {} input elements were out of the model's range and moved to its end\n", saturated);
    return result;
}

}  // namespace valence::ml
