#include "valence/ml/executor/weighted_sums.hpp"

#include <random>

#include <gtest/gtest.h>

namespace valence::ml::executor {
namespace {

Graph with_weight(WeightType type, const Shape& shape, std::mt19937_64& random) {
    Weight weight{type, shape, {}};
    weight.data.resize(shape.elements() * (type == WeightType::int8 ? 1 : 2));
    for (std::uint8_t& byte : weight.data)
        byte = static_cast<std::uint8_t>(random());
    Graph graph;
    graph.weights.push_back(std::move(weight));
    return graph;
}

std::vector<std::int16_t> activations(std::size_t count, std::mt19937_64& random) {
    std::vector<std::int16_t> x(count);
    for (std::int16_t& element : x)
        element = static_cast<std::int16_t>(random());
    return x;
}

/// In two calls, as two threads would.
std::vector<std::int64_t> run(const WeightedSums& sums, const std::vector<std::int16_t>& x) {
    std::vector<std::int64_t> result(sums.outputs());
    const Memory staged = sums.stage(x);
    const std::size_t middle = sums.pieces() / 2;
    sums.run(staged, middle, sums.pieces(), result);
    sums.run(staged, 0, middle, result);
    return result;
}

constexpr InstructionSet kSets[] = {InstructionSet::portable, InstructionSet::avx2};

TEST(WeightedSums, OfLinearLayersAreTheProducts) {
    std::mt19937_64 random(1);
    for (const auto type : {WeightType::int8, WeightType::int16}) {
        for (const auto& [rows, n, k] :
             {std::array<std::uint32_t, 3>{1, 1, 1}, {1, 33, 1001}, {100, 7, 12}}) {
            const Graph graph = with_weight(type, {n, k}, random);
            const auto x = activations(std::size_t{rows} * k, random);
            std::vector<std::int64_t> expected;
            for (std::uint32_t m = 0; m < rows; ++m) {
                for (std::uint32_t out = 0; out < n; ++out) {
                    std::int64_t sum = 0;
                    for (std::uint32_t i = 0; i < k; ++i)
                        sum += graph.weights[0][out * k + i] * x[m * k + i];
                    expected.push_back(sum);
                }
            }
            for (const InstructionSet set : kSets)
                EXPECT_EQ(run(WeightedSums::linear(graph, 0, rows, set).value(), x), expected);
        }
    }
}

struct ConvolutionCase {
    Shape in;
    std::uint32_t outputs;
    Window window;
    std::uint32_t groups;
};

const ConvolutionCase kConvolutions[] = {
    {{1, 3, 7, 9}, 5, {.size = {3, 3}, .before = {1, 1}, .after = {1, 1}}, 1},
    {{2, 4, 8, 8}, 6, {.size = {3, 2}, .stride = {2, 1}, .before = {0, 1}}, 2},
    {{1, 2, 9, 9}, 18, {.size = {2, 3}, .stride = {3, 2}, .dilation = {2, 3}, .after = {0, 4}}, 1},
    {{1, 4, 5, 5}, 4, {.size = {3, 3}, .dilation = {1, 2}, .before = {2, 2}, .after = {2, 2}}, 4},
    {{1, 1, 6, 6}, 2, {.size = {1, 1}, .stride = {4, 4}}, 1},
};

TEST(WeightedSums, OfConvolutionsAreTheirDefinition) {
    std::mt19937_64 random(2);
    for (const auto& [in, outputs, window, groups] : kConvolutions) {
        const auto extent = [&](std::size_t axis) {
            return (in[axis + 2] + window.before[axis] + window.after[axis] -
                    (window.size[axis] - 1) * window.dilation[axis] - 1) /
                       window.stride[axis] +
                   1;
        };
        const Shape out{in[0], outputs, extent(0), extent(1)};
        const std::uint32_t own = in[1] / groups;
        const Graph graph =
            with_weight(WeightType::int8, {outputs, own, window.size[0], window.size[1]}, random);
        Convolution operation;
        operation.weight = 0;
        operation.window = window;
        operation.groups = groups;
        const auto x = activations(in.elements(), random);
        std::vector<std::int64_t> expected;
        for (std::uint64_t at = 0; at < out.elements(); ++at) {
            const std::uint64_t q = at % out[3], r = at / out[3] % out[2], o = at / out[3] / out[2] % outputs;
            const std::uint64_t n = at / out[3] / out[2] / outputs;
            std::int64_t sum = 0;
            for (std::uint32_t c = 0; c < own; ++c) {
                for (std::uint32_t i = 0; i < window.size[0]; ++i) {
                    for (std::uint32_t j = 0; j < window.size[1]; ++j) {
                        const auto row =
                            static_cast<std::int64_t>(r * window.stride[0] + i * window.dilation[0]) -
                            window.before[0];
                        const auto column =
                            static_cast<std::int64_t>(q * window.stride[1] + j * window.dilation[1]) -
                            window.before[1];
                        if (row < 0 || row >= in[2] || column < 0 || column >= in[3]) continue;
                        const std::uint64_t channel = o / (outputs / groups) * own + c;
                        const std::uint64_t from = (n * in[1] + channel) * in[2] * in[3];
                        sum += graph.weights[0][((o * own + c) * window.size[0] + i) * window.size[1] + j] *
                               x[from + static_cast<std::uint64_t>(row) * in[3] +
                                 static_cast<std::uint64_t>(column)];
                    }
                }
            }
            expected.push_back(sum);
        }
        for (const InstructionSet set : kSets)
            EXPECT_EQ(run(WeightedSums::convolution(graph, operation, in, out, set).value(), x), expected)
                << to_string(in);
    }
}

}  // namespace
}  // namespace valence::ml::executor
