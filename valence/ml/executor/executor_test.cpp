// The fast executor gives the reference interpreter's integers: on random graphs of every operation, for both
// instruction sets, several threads and batches, and on values chosen to overflow 32-bit sums.
#include <deque>
#include <functional>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "valence/ml/executor/builder.hpp"
#include "valence/ml/executor/run.hpp"
#include "valence/ml/graph/model_error.hpp"
#include "valence/ml/graph/validate.hpp"
#include "valence/ml/reference/evaluate.hpp"
#include "valence/ml/testing/random.hpp"
#include "valence/ml/testing/random_graph.hpp"

namespace valence::ml {
namespace {

using executor::InstructionSet;
using testing::Random;

std::vector<InstructionSet> instruction_sets() {
    std::vector<InstructionSet> sets{InstructionSet::portable};
    if (executor::best_instruction_set() != InstructionSet::portable)
        sets.push_back(executor::best_instruction_set());
    return sets;
}

const char* name(InstructionSet set) { return set == InstructionSet::avx2 ? "avx2" : "portable"; }

/// Runs the graph every way there is and compares with the reference.
void expect_reference(const Graph& graph, const std::vector<Values>& inputs) {
    const auto expected = evaluate(graph, inputs).value();
    for (const InstructionSet set : instruction_sets()) {
        const Plan plan = ml::plan(std::make_shared<const Graph>(graph), {.instructions = set}).value();
        Workspace workspace;
        for (const unsigned threads : {1U, 2U}) {
            const auto results = run(plan, workspace, inputs, threads).value();
            ASSERT_EQ(results.size(), expected.size());
            for (std::size_t k = 0; k < results.size(); ++k)
                ASSERT_EQ(results[k], expected[k]) << "output " << k << ", " << name(set) << ", " << threads
                                                   << " threads, shape " << to_string(expected[k].shape);
        }
    }
}

class EveryOperation : public ::testing::TestWithParam<int> {};

TEST_P(EveryOperation, GivesTheReferencesIntegers) {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        SCOPED_TRACE(seed);
        const Graph graph = testing::random_graph(seed, {.nodes = 4, .elements = 1500, .only = GetParam()});
        expect_reference(graph, testing::random_inputs(graph, seed));
        if (HasFatalFailure()) return;
    }
}

INSTANTIATE_TEST_SUITE_P(Executor, EveryOperation,
                         ::testing::Range(0, static_cast<int>(std::variant_size_v<Operation>)));

TEST(Executor, GivesTheReferencesIntegersOnRandomGraphs) {
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
        SCOPED_TRACE(seed);
        const Graph graph = testing::random_graph(seed, {.nodes = 20, .elements = 800, .only = -1});
        expect_reference(graph, testing::random_inputs(graph, seed));
        if (HasFatalFailure()) return;
    }
}

/// A graph of one node with one input, and weights in the order in which the operation names them.
Graph one_node(const Operation& operation, const Shape& in, const Shape& out, std::vector<Weight> weights) {
    Graph graph;
    graph.main.tensors = {{ElementType::activation, in, 0}, {ElementType::activation, out, 0}};
    graph.main.nodes = {{operation, {0}, {1}, "node"}};
    graph.main.inputs = {0};
    graph.main.outputs = {1};
    graph.inputs = {{"x", "", 0, {}}};
    graph.outputs = {{"y", "", 1, {}}};
    graph.weights = std::move(weights);
    return graph;
}

template <typename Element>
Weight make_weight(WeightType type, const Shape& shape, Element element) {
    Weight weight{type, shape, {}};
    for (std::size_t k = 0; k < shape.elements(); ++k) {
        const auto value = static_cast<std::uint64_t>(std::int64_t{element(k)});
        for (std::size_t b = 0; b < width(type); ++b)
            weight.data.push_back(static_cast<std::uint8_t>(value >> (8 * b)));
    }
    return weight;
}

Values make_values(const Shape& shape, const std::function<std::int64_t(std::size_t)>& element) {
    Values values{ElementType::activation, shape, {}};
    for (std::size_t k = 0; k < shape.elements(); ++k)
        values.data.push_back(element(k));
    return values;
}

/// Sums whose every partial result is as large as can be: 32-bit sums that were not widened in time would
/// show.
TEST(Executor, SumsExtremeProductsExactly) {
    struct Extreme {
        WeightType type;
        std::int64_t weight;
        std::uint8_t shift;
    };
    for (const Extreme& extreme :
         {Extreme{WeightType::int8, -128, 16}, Extreme{WeightType::int8, 127, 16},
          Extreme{WeightType::int16, -32768, 24}, Extreme{WeightType::int16, 32767, 24}})
        for (const std::uint32_t k : {1U, 2U, 3U, 15U, 16U, 17U, 511U, 512U, 513U, 1023U, 1500U})
            for (const std::uint32_t rows : {1U, 5U, 7U}) {
                SCOPED_TRACE(fmt::format("weight {} k {} rows {}", extreme.weight, k, rows));
                constexpr std::uint32_t kChannels = 21;
                // Channel 0 all extreme, others with signs that change ever more rarely.
                const auto weight = [&](std::size_t at) {
                    const std::size_t channel = at / k;
                    const bool flip = channel != 0 && (at % k) / channel % 2 == 1;
                    return flip ? -1 - extreme.weight : extreme.weight;
                };
                // 2^e lifts small sums to where the requantisation sees them; bounded as validate() asks.
                Linear linear{.weight = 0, .bias = {}, .channel = {}, .out = {.shift = extreme.shift}};
                const Graph graph = one_node(linear, {rows, k}, {rows, kChannels},
                                             {make_weight(extreme.type, {kChannels, k}, weight)});
                ASSERT_TRUE(validate(graph).has_value());
                for (const std::int64_t x : {-32768, 32767})
                    expect_reference(graph, {make_values({rows, k}, [&](std::size_t) { return x; })});
                expect_reference(graph, {make_values({rows, k}, [&](std::size_t at) {
                                     return weight(at % k + (at / k % kChannels) * k) < 0 ? -32768 : 32767;
                                 })});
                if (HasFatalFailure()) return;
            }
}

TEST(Executor, ConvolvesEveryGeometryExactly) {
    Random random(7);
    for (int round = 0; round < 120; ++round) {
        SCOPED_TRACE(round);
        Window w;
        for (std::size_t axis = 0; axis < 2; ++axis) {
            w.size[axis] = 1 + random.below(4);
            w.stride[axis] = 1 + random.below(3);
            w.dilation[axis] = 1 + random.below(2);
            w.before[axis] = random.below(3);
            w.after[axis] = random.below(3);
        }
        const std::uint32_t groups = random.pick({1U, 1U, 2U, 3U, 17U, 40U});
        const std::uint32_t own = groups > 3 ? 1 : 1 + random.below(5);
        const std::uint32_t each = groups > 3 ? 1 + random.below(2) : 1 + random.below(20);
        const Shape in{1 + random.below(2), groups * own, 1 + random.below(12), 1 + random.below(12)};
        Shape out{in[0], groups * each, 0, 0};
        bool fits = true;
        for (std::size_t axis = 0; axis < 2; ++axis) {
            const std::int64_t room = std::int64_t{in[2 + axis]} + w.before[axis] + w.after[axis] -
                                      (std::int64_t{w.size[axis]} - 1) * w.dilation[axis] - 1;
            fits = fits && room >= 0;
            if (fits) out[2 + axis] = static_cast<std::uint32_t>(room / w.stride[axis]) + 1;
        }
        if (!fits) continue;
        const bool bytes = random.chance(1, 2);
        const Shape shape{out[1], own, w.size[0], w.size[1]};
        const Weight weight = make_weight(bytes ? WeightType::int8 : WeightType::int16, shape, [&](auto) {
            return bytes ? random.between(-128, 127) : random.between(-32768, 32767);
        });
        const Weight bias =
            make_weight(WeightType::int64, {out[1]}, [&](auto) { return random.between(-1 << 20, 1 << 20); });
        Convolution operation;
        operation.weight = 0;
        operation.bias = 1;
        operation.window = w;
        operation.groups = groups;
        operation.out = {.shift = static_cast<std::uint8_t>(bytes ? 9 : 17), .low = -30000, .high = 29999};
        const Graph graph = one_node(operation, in, out, {weight, bias});
        ASSERT_TRUE(validate(graph).has_value()) << validate(graph).error().message();
        expect_reference(graph,
                         {make_values(in, [&](std::size_t) { return random.between(-32768, 32767); })});
        if (HasFatalFailure()) return;
    }
}

/// Windows that hardly touch the image: strides, dilations and paddings far larger than it.
TEST(Executor, ConvolvesAndPoolsMostlyPadding) {
    Random random(11);
    int done = 0;
    for (int round = 0; round < 400; ++round) {
        SCOPED_TRACE(round);
        Window w;
        Shape out{1, 1, 0, 0};
        const Shape in{1, 1 + random.below(3), 1 + random.below(4), 1 + random.below(4)};
        const bool transposed = random.chance(1, 3);
        bool fits = true;
        for (std::size_t axis = 0; axis < 2; ++axis) {
            const auto extreme = [&] { return random.pick({0U, 1U, 2U, 7U, 40U, 131U}); };
            w.size[axis] = 1 + random.below(4);
            w.stride[axis] = 1 + extreme();
            w.dilation[axis] = 1 + extreme();
            w.before[axis] = extreme();
            w.after[axis] = extreme();
            const std::int64_t reach = (std::int64_t{w.size[axis]} - 1) * w.dilation[axis] + 1;
            const std::int64_t padding = std::int64_t{w.before[axis]} + w.after[axis];
            const std::int64_t extent =
                transposed ? (std::int64_t{in[2 + axis]} - 1) * w.stride[axis] + reach - padding
                           : (in[2 + axis] + padding - reach < 0
                                  ? 0
                                  : (in[2 + axis] + padding - reach) / w.stride[axis] + 1);
            fits = fits && extent > 0;
            out[2 + axis] = static_cast<std::uint32_t>(std::max<std::int64_t>(extent, 1));
        }
        if (!fits || out.elements() > 20000) continue;
        ++done;
        out[1] = in[1];
        const Weight weight = make_weight(WeightType::int8, {in[1], in[1], w.size[0], w.size[1]},
                                          [&](auto) { return random.between(-128, 127); });
        const Values x = make_values(in, [&](std::size_t) { return random.between(-32768, 32767); });
        const auto check = [&](const Operation& operation, std::vector<Weight> weights) {
            const Graph graph = one_node(operation, in, out, std::move(weights));
            ASSERT_TRUE(validate(graph).has_value()) << validate(graph).error().message();
            expect_reference(graph, {x});
        };
        if (transposed) {
            check(TransposedConvolution{0, {}, {}, w, {0, 0}, 1, {.shift = 8}}, {weight});
        } else {
            check(Convolution{0, {}, {}, w, 1, {.shift = 8}}, {weight});
            check(MaxPool{w}, {});
            check(AveragePool{w, 3, {}, {.shift = 4}}, {});
        }
        if (HasFatalFailure()) return;
    }
    EXPECT_GT(done, 100);
}

TEST(Executor, OrdersTiesByTheirPlaceInLongAndShortLanes) {
    Random random(5);
    for (const Shape& in : {Shape{3000}, Shape{5, 70, 3}, Shape{2, 9, 130}, Shape{1}, Shape{40, 1}})
        for (std::size_t axis = 0; axis < in.rank(); ++axis)
            for (const Extremum which : {Extremum::minimum, Extremum::maximum}) {
                const auto place = static_cast<std::uint8_t>(axis);
                const Values x =
                    make_values(in, [&](std::size_t) { return random.pick({-32768LL, -1LL, 0LL, 32767LL}); });
                Shape one = in;
                one[axis] = 1;
                Graph arg = one_node(ArgExtremum{which, place}, in, one, {});
                arg.main.tensors[1].type = ElementType::index;
                expect_reference(arg, {x});
                for (const std::uint32_t count : {1U, in[axis] / 2 + 1, in[axis]}) {
                    if (count > in[axis]) continue;
                    Shape out = in;
                    out[axis] = count;
                    Graph top = one_node(TopK{which, place}, in, out, {});
                    top.main.tensors.push_back({ElementType::index, out, 0});
                    top.main.nodes[0].outputs.push_back(2);
                    top.main.outputs.push_back(2);
                    top.outputs.push_back({"i", "", 2, {}});
                    expect_reference(top, {x});
                }
                if (HasFatalFailure()) return;
            }
}

/// More buffers than are laid out by their size, of many lengths of life.
TEST(Executor, LaysOutThousandsOfTensors) {
    Random random(3);
    Graph graph;
    graph.main.tensors = {{ElementType::activation, {3}, 0}};
    graph.main.inputs = {0};
    for (TensorId id = 1; id < 6000; ++id) {
        const bool far = random.chance(1, 4);
        const TensorId other = far ? random.below(id) : id - std::min<TensorId>(id, 1 + random.below(3));
        graph.main.tensors.push_back({ElementType::activation, {3}, 0});
        graph.main.nodes.push_back({Combination{{1, -1}, {}, {}}, {other, random.below(id)}, {id}, ""});
    }
    graph.main.outputs = {5999, 5000, 17};
    graph.inputs = {{"x", "", 0, {}}};
    graph.outputs = {{"a", "", 5999, {}}, {"b", "", 5000, {}}, {"c", "", 17, {}}};
    ASSERT_TRUE(validate(graph).has_value()) << validate(graph).error().message();
    expect_reference(graph, {make_values({3}, [](std::size_t k) { return 100 * (std::int64_t(k) - 1); })});

    std::vector<executor::Lifetime> lives;
    for (std::int64_t k = 0; k < 5000; ++k) {
        const auto first = static_cast<std::int64_t>(random.below(5000));
        lives.push_back({random.below(5000), first, first + random.below(random.chance(1, 8) ? 2000 : 20)});
    }
    const executor::ArenaLayout layout = executor::lay_out(lives);
    for (std::size_t a = 0; a < lives.size(); ++a) {
        ASSERT_LE(layout.offsets[a] + lives[a].bytes + executor::kAlignment, layout.bytes);
        ASSERT_EQ(layout.offsets[a] % executor::kAlignment, 0U);
        for (std::size_t b = 0; b < a; ++b) {
            const bool together = lives[a].first <= lives[b].last && lives[b].first <= lives[a].last;
            const auto end = [&](std::size_t k) {
                return layout.offsets[k] + lives[k].bytes + executor::kAlignment;
            };
            ASSERT_TRUE(!together || end(a) <= layout.offsets[b] || end(b) <= layout.offsets[a])
                << a << ' ' << b;
        }
    }
}

TEST(Executor, KnowsATablesExtremesOverAnyInterval) {
    Random random(9);
    const executor::TableValues values(tabulate({Function::sine, 10, 12, 0, 0}));
    for (int round = 0; round < 200; ++round) {
        const std::int64_t low = random.between(-32768, 32767);
        const std::int64_t high =
            random.between(low, std::min<std::int64_t>(32767, low + random.below(3000)));
        executor::Interval expected{32767, -32768};
        for (std::int64_t x = low; x <= high; ++x) {
            const std::int64_t y = values.entries->at(static_cast<std::int16_t>(x));
            expected = {std::min(expected.low, y), std::max(expected.high, y)};
        }
        const executor::Interval found = values.over({low, high});
        ASSERT_EQ(found.low, expected.low) << low << ' ' << high;
        ASSERT_EQ(found.high, expected.high) << low << ' ' << high;
    }
}

TEST(Executor, RunsABatchAsItsItemsAlone) {
    for (std::uint64_t seed = 200; seed < 230; ++seed) {
        SCOPED_TRACE(seed);
        const Graph graph = testing::random_graph(seed, {.nodes = 12, .elements = 400, .only = -1});
        constexpr std::size_t kItems = 5;
        std::vector<std::vector<std::vector<std::int16_t>>> activations(kItems);
        std::vector<TensorView> inputs;
        std::vector<std::vector<Values>> expected;
        std::deque<std::vector<std::int16_t>> narrow;
        std::deque<std::vector<std::int32_t>> wide;
        for (std::size_t item = 0; item < kItems; ++item) {
            const auto values = testing::random_inputs(graph, seed * 10 + item);
            expected.push_back(evaluate(graph, values).value());
            for (const Values& value : values) {
                if (value.type == ElementType::activation)
                    inputs.emplace_back(std::span<const std::int16_t>(
                        narrow.emplace_back(value.data.begin(), value.data.end())));
                else
                    inputs.emplace_back(std::span<const std::int32_t>(
                        wide.emplace_back(value.data.begin(), value.data.end())));
            }
        }
        std::vector<MutableTensorView> outputs;
        for (const auto& item : expected)
            for (const Values& value : item) {
                if (value.type == ElementType::activation)
                    outputs.emplace_back(std::span(narrow.emplace_back(value.data.size())));
                else
                    outputs.emplace_back(std::span(wide.emplace_back(value.data.size())));
            }
        const Plan plan = ml::plan(std::make_shared<const Graph>(graph)).value();
        Workspace workspace;
        ASSERT_TRUE(run(plan, workspace, inputs, outputs, 2).has_value());
        std::size_t number = 0;
        for (const auto& item : expected)
            for (const Values& value : item) {
                const std::vector<std::int64_t> got = std::visit(
                    [](const auto& view) { return std::vector<std::int64_t>(view.begin(), view.end()); },
                    outputs[number++]);
                ASSERT_EQ(got, value.data) << "output " << number - 1;
            }
    }
}

TEST(Executor, RefusesInputsThatAreNotTheModels) {
    const Graph graph =
        one_node(Linear{.weight = 0, .bias = {}, .channel = {}, .out = {.shift = 8}}, {1, 3}, {1, 2},
                 {make_weight(WeightType::int8, {2, 3}, [](std::size_t k) { return int(k); })});
    const Plan plan = ml::plan(std::make_shared<const Graph>(graph)).value();
    Workspace workspace;
    std::vector<std::int16_t> x(3);
    std::vector<std::int16_t> y(2);
    std::vector<std::int32_t> i(3);
    const std::array<MutableTensorView, 1> out{std::span(y)};
    const auto refused = [&](const std::vector<TensorView>& inputs,
                             std::span<const MutableTensorView> outputs) {
        const auto result = run(plan, workspace, inputs, outputs);
        return result.has_error() && result.error().code == make_error_code(ModelError::invalid_input);
    };
    EXPECT_FALSE(refused({std::span<const std::int16_t>(x)}, out));
    EXPECT_TRUE(refused({}, out));
    EXPECT_TRUE(refused({std::span<const std::int16_t>(x).first(2)}, out));
    EXPECT_TRUE(refused({std::span<const std::int32_t>(i)}, out));
    EXPECT_TRUE(refused({std::span<const std::int16_t>(x), std::span<const std::int16_t>(x)}, out));
    EXPECT_TRUE(refused({std::span<const std::int16_t>(x)}, {}));
}

TEST(Executor, RefusesAPlanOverItsMemoryLimit) {
    const auto graph = std::make_shared<const Graph>(
        one_node(Linear{.weight = 0, .bias = {}, .channel = {}, .out = {.shift = 8}}, {1, 64}, {1, 64},
                 {make_weight(WeightType::int8, {64, 64}, [](std::size_t) { return 1; })}));
    EXPECT_TRUE(plan(graph).has_value());
    for (const std::size_t limit : {1000U, 4000U}) {
        const auto refused = plan(graph, {.memory_limit = limit});
        ASSERT_TRUE(refused.has_error());
        EXPECT_EQ(refused.error().code, make_error_code(ModelError::too_large));
    }
    // 12 bytes of constants for each of 2^20 elements, from two weights of 1024.
    const auto list = [](const Shape& shape) {
        return make_weight(WeightType::int16, shape, [](std::size_t) { return 1; });
    };
    Weight bias = make_weight(WeightType::int64, {1, 1024}, [](std::size_t) { return 1; });
    const auto crossed = std::make_shared<const Graph>(
        one_node(Scaling{.weight = 0, .bias = 1, .channel = {}, .out = {}}, {1024, 1024}, {1024, 1024},
                 {list({1024, 1}), std::move(bias)}));
    EXPECT_TRUE(plan(crossed, {.memory_limit = 16 << 20}).has_value());
    EXPECT_TRUE(plan(crossed, {.memory_limit = 8 << 20}).has_error());
}

}  // namespace
}  // namespace valence::ml
