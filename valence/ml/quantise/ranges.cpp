#include "valence/ml/quantise/ranges.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include <fmt/format.h>

#include "valence/ml/float_graph/executor.hpp"
#include "valence/ml/quantise/masks.hpp"
#include "valence/ml/quantise/quantise.hpp"
#include "valence/ml/quantise/recurrent_ranges.hpp"

namespace valence::ml {
namespace {

/// What may be done about values beyond all bounds.
enum class Outliers : std::uint8_t {
    refused,
    /// Minus infinity, or what stands for it, on the way to a softmax.
    masks,
    /// Infinities whose only reader clamps them, or clamps with them.
    clamped,
};

bool include_tensor(Range& range, const real::Tensor& tensor, Outliers outliers) {
    range.count += static_cast<std::uint64_t>(tensor.count());
    if (tensor.element() == real::ElementType::i64) {
        for (const std::int64_t value : tensor.i64())
            range.include(static_cast<double>(value));
        return true;
    }
    if (tensor.element() == real::ElementType::boolean) {
        range.include(0);
        range.include(1);
        return true;
    }
    for (const float value : tensor.f32()) {
        if (outliers == Outliers::masks && value < kMaskBelow) {
            range.masked = true;
            continue;
        }
        if (outliers == Outliers::clamped && std::isinf(value)) continue;
        if (!std::isfinite(value)) return false;
        range.include(value);
    }
    return true;
}

/// Rows of the table that a graph input indexes, or 0.
std::int64_t rows_indexed_by(const real::Graph& graph, real::ValueId input) {
    std::vector<bool> derived(graph.values.size(), false);
    derived[static_cast<std::size_t>(input)] = true;
    for (const real::Node& node : graph.nodes) {
        if (node.op == real::Op::gather && node.inputs[1] >= 0 &&
            derived[static_cast<std::size_t>(node.inputs[1])])
            return graph.shape(node.inputs[0])[static_cast<std::size_t>(node.get<real::Axis>().axis)];
        const bool moves = node.op == real::Op::reshape || node.op == real::Op::transpose ||
                           node.op == real::Op::slice || node.op == real::Op::cast ||
                           node.op == real::Op::expand;
        if (moves && derived[static_cast<std::size_t>(node.inputs[0])])
            derived[static_cast<std::size_t>(node.outputs[0])] = true;
    }
    return 0;
}

}  // namespace

double Range::reach() const { return std::max(std::abs(low), std::abs(high)); }

void Range::include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
}

Result<Ranges> calibrate(const real::Graph& graph, std::span<const Sample> samples) {
    if (samples.empty()) return Error{QuantiseError::calibration, "no samples"};
    Ranges ranges;
    ranges.values.resize(graph.values.size());
    ranges.features.resize(graph.inputs.size());
    ranges.feature_values.resize(graph.inputs.size());
    ranges.internal.resize(graph.nodes.size());
    const std::vector<bool> arguments = softmax_arguments(graph);
    std::vector<Outliers> outliers(graph.values.size(), Outliers::refused);
    for (std::size_t id = 0; id < outliers.size(); ++id)
        if (arguments[id]) outliers[id] = Outliers::masks;
    const std::vector<std::int32_t> uses = real::use_counts(graph);
    for (const real::Node& node : graph.nodes) {
        const bool either = node.op == real::Op::max || node.op == real::Op::min;
        if (!either && node.op != real::Op::clip && node.op != real::Op::relu) continue;
        for (const real::ValueId input : node.inputs)
            if (uses[static_cast<std::size_t>(input)] == 1)
                outliers[static_cast<std::size_t>(input)] = Outliers::clamped;
    }
    real::ValueId broken = real::kAbsent;
    const auto include = [&](real::ValueId id, const real::Tensor& tensor) {
        const auto place = static_cast<std::size_t>(id);
        if (!include_tensor(ranges.values[place], tensor, outliers[place]) && broken < 0) broken = id;
    };
    for (std::size_t id = 0; id < graph.values.size(); ++id)
        if (graph.values[id].constant) include(static_cast<real::ValueId>(id), *graph.values[id].constant);

    std::vector<bool> masked(graph.values.size(), false);
    for (std::size_t id = 0; id < masked.size(); ++id)
        masked[id] = ranges.values[id].masked;
    spread_masks(graph, arguments, masked);
    for (std::size_t id = 0; id < masked.size(); ++id)
        ranges.values[id].masked = masked[id];

    // Recurrent nodes are run once more by themselves, to see what happens inside.
    std::vector<std::vector<std::size_t>> recurrent_readers(graph.values.size());
    for (std::size_t k = 0; k < graph.nodes.size(); ++k)
        if (is_recurrent(graph.nodes[k].op) && !graph.is_constant(graph.nodes[k].inputs[0]))
            recurrent_readers[static_cast<std::size_t>(graph.nodes[k].inputs[0])].push_back(k);

    const real::Executor executor(graph);
    for (const Sample& sample : samples) {
        const auto observer = [&](real::ValueId id, const real::Tensor& tensor) {
            include(id, tensor);
            for (const std::size_t k : recurrent_readers[static_cast<std::size_t>(id)])
                include_recurrent(graph, graph.nodes[k], tensor, ranges.internal[k]);
        };
        BOOST_OUTCOME_TRY(const auto outputs, executor.run(sample, observer));
        (void)outputs;
        if (broken >= 0)
            return Error{QuantiseError::calibration,
                         fmt::format("value '{}' is not finite", graph.value(broken).name)};
        for (std::size_t k = 0; k < graph.inputs.size(); ++k) {
            const real::Tensor& tensor = sample[k];
            if (tensor.element() != real::ElementType::f32 || tensor.shape().empty()) continue;
            const auto width = static_cast<std::size_t>(tensor.shape().back());
            ranges.features[k].resize(width);
            ranges.feature_values[k].resize(width);
            for (std::size_t place = 0; place < tensor.f32().size(); ++place) {
                ranges.features[k][place % width].include(tensor.f32()[place]);
                auto& values = ranges.feature_values[k][place % width];
                if (values.size() < kFeatureValues) values.push_back(tensor.f32()[place]);
            }
        }
    }
    return ranges;
}

std::vector<Sample> synthesise_samples(const real::Graph& graph, std::size_t count, double low, double high,
                                       std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const auto uniform = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
    std::vector<Sample> samples(count);
    for (Sample& sample : samples) {
        for (const real::Port& input : graph.inputs) {
            real::Tensor tensor(graph.type(input.value));
            if (tensor.element() == real::ElementType::f32) {
                for (float& value : tensor.f32())
                    value = static_cast<float>(low + (high - low) * uniform());
            } else if (tensor.element() == real::ElementType::i64) {
                const std::int64_t rows = rows_indexed_by(graph, input.value);
                for (std::int64_t& value : tensor.i64())
                    value = rows > 0 ? static_cast<std::int64_t>(uniform() * static_cast<double>(rows)) : 1;
            } else {
                for (std::uint8_t& value : tensor.boolean())
                    value = 1;
            }
            sample.push_back(std::move(tensor));
        }
    }
    return samples;
}

}  // namespace valence::ml
