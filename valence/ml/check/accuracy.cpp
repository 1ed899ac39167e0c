#include "valence/ml/check/accuracy.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "valence/ml/check/float_border.hpp"
#include "valence/ml/float_graph/executor.hpp"

namespace valence::ml {
namespace {

/// Sums over all samples of one output.
struct Tally {
    double difference = 0;
    double size = 0;
    double largest = 0;
    std::uint64_t agreeing = 0;
    std::uint64_t compared = 0;

    void add_integers(std::span<const std::int64_t> expected, std::span<const std::int64_t> got) {
        for (std::size_t k = 0; k < expected.size(); ++k) {
            agreeing += expected[k] == got[k] ? 1 : 0;
            ++compared;
            largest = std::max(largest, std::abs(static_cast<double>(expected[k] - got[k])));
            difference += std::pow(static_cast<double>(expected[k] - got[k]), 2);
            size += std::pow(static_cast<double>(expected[k]), 2);
        }
    }
    void add_reals(std::span<const float> expected, std::span<const float> got, std::size_t row) {
        for (std::size_t k = 0; k < expected.size(); ++k) {
            const double error = static_cast<double>(expected[k]) - got[k];
            largest = std::max(largest, std::abs(error));
            difference += error * error;
            size += static_cast<double>(expected[k]) * expected[k];
        }
        for (std::size_t start = 0; row > 1 && start < expected.size(); start += row) {
            const auto place = [&](std::span<const float> values) {
                const auto part = values.subspan(start, row);
                return std::max_element(part.begin(), part.end()) - part.begin();
            };
            agreeing += place(expected) == place(got) ? 1 : 0;
            ++compared;
        }
    }
};

std::vector<float> as_floats(const real::Tensor& tensor) {
    if (tensor.element() == real::ElementType::f32) return {tensor.f32().begin(), tensor.f32().end()};
    return {tensor.boolean().begin(), tensor.boolean().end()};
}

}  // namespace

Result<Accuracy> measure_accuracy(const real::Graph& original, const Plan& plan,
                                  std::span<const Sample> samples) {
    const Graph& graph = plan.graph();
    const real::Executor executor(original);
    Workspace workspace;
    Accuracy result;
    std::vector<Tally> tallies(original.outputs.size());
    std::vector<double> times;
    for (const Sample& sample : samples) {
        BOOST_OUTCOME_TRY(const auto expected, executor.run(sample));
        const QuantisedInputs inputs = quantise_inputs(graph, sample);
        const auto begin = std::chrono::steady_clock::now();
        BOOST_OUTCOME_TRY(const auto got, run(plan, workspace, inputs.values));
        times.push_back(
            std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
        ++result.samples;
        result.saturated += inputs.saturated;
        for (const Values& values : inputs.values)
            result.elements += values.data.size();
        for (std::size_t k = 0; k < tallies.size(); ++k) {
            const Tensor& tensor = graph.main.tensors[graph.outputs[k].tensor];
            if (tensor.type == ElementType::index) {
                tallies[k].add_integers(expected[k].i64(), got[k].data);
                continue;
            }
            const real::Tensor back = dequantise(tensor, got[k]);
            tallies[k].add_reals(as_floats(expected[k]), back.f32(),
                                 tensor.shape.rank() == 0 ? 1 : tensor.shape.back());
        }
    }
    for (std::size_t k = 0; k < tallies.size(); ++k) {
        const Tally& tally = tallies[k];
        OutputAccuracy output{original.outputs[k].name, tally.largest, 0, std::nullopt};
        if (tally.difference > 0)
            output.relative_l2 = tally.size > 0 ? std::sqrt(tally.difference / tally.size) : 1;
        if (tally.compared > 0)
            output.agreement = static_cast<double>(tally.agreeing) / static_cast<double>(tally.compared);
        result.outputs.push_back(std::move(output));
    }
    if (!times.empty()) {
        std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2),
                         times.end());
        result.run_microseconds = times[times.size() / 2];
    }
    return result;
}

}  // namespace valence::ml
