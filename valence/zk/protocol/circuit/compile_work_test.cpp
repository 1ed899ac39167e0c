// What compiling may take is bounded before it is done.
#include "valence/zk/protocol/circuit/compile_work.hpp"

#include <gtest/gtest.h>

#include "valence/ml/graph/validate.hpp"
#include "valence/ml/testing/small_graphs.hpp"
#include "valence/zk/protocol/circuit/compile.hpp"

namespace valence::zk {
namespace {

class NoSaturation final : public SaturationSource {
public:
    Result<Saturation> saturation(const Circuit&, QuantityId, const ml::Requantisation&) override {
        return Saturation{};
    }
};

/// One node on an image.
ml::Graph pool_of(ml::Operation operation, const ml::Shape& in, const ml::Shape& out) {
    ml::Graph graph;
    graph.main.tensors = {{ml::ElementType::activation, in, 8}, {ml::ElementType::activation, out, 8}};
    graph.main.inputs = {0};
    graph.main.nodes = {{std::move(operation), {0}, {1}, ""}};
    graph.main.outputs = {1};
    graph.inputs = {{"x", "", 0, {}}};
    graph.outputs = {{"y", "", 1, {}}};
    return graph;
}

/// Of the lists along axes, and quantities.
std::uint64_t entries_of(const Circuit& circuit) {
    std::uint64_t entries = circuit.quantities.size();
    for (const Quantity& quantity : circuit.quantities) {
        if (const auto* placed = std::get_if<Placed>(&quantity.definition)) entries += placed->sources.size();
        if (const auto* multiplied = std::get_if<Multiplied>(&quantity.definition))
            entries += multiplied->multipliers.size();
    }
    return entries;
}

TEST(CompileWork, BoundsTheEntriesOfCircuits) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const ml::Graph graph = ml::testing::random_graph(seed, {.nodes = 6, .elements = 200, .only = -1});
        NoSaturation saturations;
        const auto circuit = compile(graph, saturations);
        if (!circuit) continue;
        EXPECT_LE(entries_of(circuit.value()), compile_work(graph)) << seed;
    }
}

/// Each graph's longest list is as long as nothing that its tensors' axes show.
TEST(CompileWork, BoundsListsThatNoAxisShows) {
    using ml::testing::kActivation;
    using ml::testing::kIndex;
    using ml::testing::one_node;
    const ml::Tensor pixel{kActivation, {1, 1, 1, 1}, 8};
    ml::TransposedConvolution spread{0, {}, {}, {}, {0, 0}, 1, {.shift = 8}};
    spread.window = {{3, 1}, {1, 1}, {65'535, 1}, {65'535, 0}, {65'535, 0}};
    constexpr std::uint32_t kSide = 200;
    const ml::Tensor image{kActivation, {1, 1, kSide, kSide}, 8};
    const std::pair<const char*, ml::Graph> table[] = {
        {"an image spread apart and cut",
         one_node(spread, {pixel}, pixel,
                  {ml::testing::weight(ml::WeightType::int8, {1, 1, 3, 1}, {1, 1, 1})})},
        {"indices on two axes",
         one_node(ml::Gather{0, {}}, {{kActivation, {1}, 8}, {kIndex, {kSide, kSide}, 0}},
                  {kActivation, {kSide, kSide}, 8})},
        {"multipliers of an average",
         one_node(ml::AveragePool{{}, 1, 0, {.shift = 8}}, {image}, image,
                  {ml::testing::weight(ml::WeightType::int64, {kSide, kSide},
                                       std::vector<std::int64_t>(std::size_t{kSide} * kSide, 1))})},
    };
    for (const auto& [name, graph] : table) {
        SCOPED_TRACE(name);
        const auto valid = ml::validate_structure(graph);
        ASSERT_TRUE(valid) << valid.error().message();
        std::vector<ml::Values> inputs;
        for (const ml::TensorId id : graph.main.inputs) {
            const ml::Tensor& tensor = graph.main.tensors[id];
            inputs.push_back({tensor.type, tensor.shape, std::vector<std::int64_t>(tensor.shape.elements())});
        }
        NoSaturation saturations;
        const auto circuit = compile(graph, saturations, inputs);
        ASSERT_TRUE(circuit) << circuit.error().message();
        EXPECT_GE(entries_of(circuit.value()), 40'000U);
        EXPECT_LE(entries_of(circuit.value()), compile_work(graph));
    }
}

TEST(CompileWork, RefusesLongAxesBeforeTheyTakeMemory) {
    ml::MaxPool pool;
    pool.window.size = {1, 2};
    pool.window.stride = {1, 1};
    const std::uint32_t width = 1U << 30;
    const ml::Graph graph = pool_of(pool, {1, 1, 1, width}, {1, 1, 1, width - 1});
    ASSERT_TRUE(ml::validate_structure(graph)) << ml::validate_structure(graph).error().message();
    EXPECT_GT(compile_work(graph), kMaxCompileWork);
    NoSaturation saturations;
    EXPECT_EQ(compile(graph, saturations).error(), Error(CircuitError::too_large));
}

TEST(CompileWork, RefusesManyTaps) {
    ml::MaxPool pool;
    pool.window.size = {1000, 1000};
    const ml::Graph graph = pool_of(pool, {1, 1, 1000, 1000}, {1, 1, 1, 1});
    ASSERT_TRUE(ml::validate_structure(graph)) << ml::validate_structure(graph).error().message();
    NoSaturation saturations;
    EXPECT_EQ(compile(graph, saturations).error(), Error(CircuitError::too_large));
}

/// Lists as long as something that no axis of a tensor shows; each graph is a few hundred bytes of a key.
TEST(CompileWork, RefusesLongListsOfShortGraphs) {
    using ml::testing::kActivation;
    using ml::testing::kIndex;
    using ml::testing::one_node;
    const auto shaped = [](ml::WeightType type, const ml::Shape& shape) {
        return ml::Weight{type, shape, {}};
    };
    ml::Graph in_a_scan = one_node(ml::TreeEnsemble{0, 1, 2, {}, {.shift = 8}, 1},
                                   {{kActivation, {2'000, 1}, 8}}, {kActivation, {2'000, 1}, 8},
                                   {shaped(ml::WeightType::int32, {1, 4}), shaped(ml::WeightType::int32, {1}),
                                    shaped(ml::WeightType::int64, {1, 1})});
    in_a_scan.bodies = {in_a_scan.main};
    for (ml::Tensor& tensor : in_a_scan.main.tensors)
        tensor.shape = {1'000'000, 2'000, 1};
    in_a_scan.main.nodes = {{ml::Scan{0, 0, false}, {0}, {1}, ""}};

    // Items of all steps are 2^32 + 2^16, which 32 bits hold as 2^16.
    ml::Graph wrapped =
        one_node(ml::Broadcast{}, {{kActivation, {1, 1, 1, 1}, 8}}, {kActivation, {65'536, 1, 1, 1}, 8});
    wrapped.main.tensors.push_back({kActivation, {65'536, 1, 1, 1}, 8});
    wrapped.main.tensors.push_back({kActivation, {1, 1, 1, 1}, 8});
    wrapped.main.nodes.push_back({ml::AveragePool{{}, 1, {}, {}}, {1}, {2}, ""});
    wrapped.main.nodes.push_back({ml::Sum{{0}, 1, {.shift = 16}}, {2}, {3}, ""});
    wrapped.main.outputs = {3};
    wrapped.bodies = {wrapped.main};
    wrapped.main.tensors = {{kActivation, {65'537, 1, 1, 1, 1}, 8}, {kActivation, {65'537, 1, 1, 1, 1}, 8}};
    wrapped.main.nodes = {{ml::Scan{0, 0, false}, {0}, {1}, ""}};
    wrapped.main.outputs = {1};

    ml::Graph many_parts =
        one_node(ml::Concatenation{0}, {{kActivation, {1}, 8}}, {kActivation, {20'000}, 8});
    many_parts.main.nodes[0].inputs.assign(20'000, 0);

    const ml::Shape image{1 << 10, 1 << 10, 1 << 8, 2, 2};
    const std::pair<const char*, ml::Graph> table[] = {
        {"exponents of two axes",
         one_node(ml::Scaling{0, {}, 1, {.shift = 16}}, {{kActivation, image, 8}}, {kActivation, image, 8},
                  {shaped(ml::WeightType::int8, {2, 2}),
                   ml::testing::weight(ml::WeightType::uint8, {2, 2}, {0, 1, 2, 3})})},
        {"many parts", many_parts},
        {"a long table", one_node(ml::Gather{0, 0}, {{kIndex, {1}, 0}}, {kActivation, {1}, 8},
                                  {shaped(ml::WeightType::int8, {1U << 30})})},
        {"many nodes of trees",
         one_node(ml::TreeEnsemble{0, 1, 2, {}, {.shift = 8}, 1}, {{kActivation, {1, 1}, 8}},
                  {kActivation, {1, 1}, 8},
                  {shaped(ml::WeightType::int32, {1U << 28, 4}), shaped(ml::WeightType::int32, {1}),
                   shaped(ml::WeightType::int64, {1, 1})})},
        {"items of all steps", in_a_scan},
        {"more items in all steps than an axis has", wrapped},
    };
    for (const auto& [name, graph] : table) {
        SCOPED_TRACE(name);
        const auto valid = ml::validate_structure(graph);
        ASSERT_TRUE(valid) << valid.error().message();
        NoSaturation saturations;
        EXPECT_EQ(compile(graph, saturations).error(), Error(CircuitError::too_large));
    }
}

}  // namespace
}  // namespace valence::zk
