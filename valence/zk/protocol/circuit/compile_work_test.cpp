// What compiling may take is bounded before it is done.
#include "valence/zk/protocol/circuit/compile_work.hpp"

#include <gtest/gtest.h>

#include "valence/ml/graph/validate.hpp"
#include "valence/ml/testing/random_graph.hpp"
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

TEST(CompileWork, BoundsTheEntriesOfCircuits) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const ml::Graph graph = ml::testing::random_graph(seed, {.nodes = 6, .elements = 200, .only = -1});
        NoSaturation saturations;
        const auto circuit = compile(graph, saturations);
        if (!circuit) continue;
        std::uint64_t entries = 0;
        for (const Quantity& quantity : circuit.value().quantities) {
            if (const auto* placed = std::get_if<Placed>(&quantity.definition))
                entries += placed->sources.size();
        }
        EXPECT_LE(entries + circuit.value().quantities.size(), compile_work(graph)) << seed;
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

}  // namespace
}  // namespace valence::zk
