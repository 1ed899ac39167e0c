// Graphs that would take too much to check, to plan or to run.
#include <gtest/gtest.h>

#include "valence/ml/graph/limits.hpp"
#include "valence/ml/graph/model_error.hpp"
#include "valence/ml/graph/validate.hpp"
#include "valence/ml/testing/small_graphs.hpp"

namespace valence::ml {
namespace {

using namespace testing;

/// Windows of 2^32 taps over 2^17 places.
TEST(ValidateLimits, RefusesMoreWorkThanTheLimit) {
    const Window window{.size = {65535, 65535}, .before = {65534, 65534}, .after = {65534, 65534}};
    const auto result = validate(
        one_node(MaxPool{window}, {{kActivation, {1, 1, 1, 1}, 0}}, {kActivation, {1, 1, 65535, 65535}, 0}));
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error(), Error{ModelError::too_large}) << result.error().message();
    const auto fewer =
        validate(one_node(MaxPool{{.size = {65535, 1}, .before = {65534, 0}, .after = {65534, 0}}},
                          {{kActivation, {1, 1, 1, 1}, 0}}, {kActivation, {1, 1, 65535, 1}, 0}));
    EXPECT_TRUE(fewer.has_value());
}

/// A few pixels whose padding, or whose spread, is an image of many gigabytes.
TEST(ValidateLimits, RefusesConvolutionsOverHugeImages) {
    const auto refused = [](const Graph& graph) {
        const auto result = validate(graph);
        return result.has_error() && result.error() == Error{ModelError::too_large};
    };
    const Weight taps = weight(WeightType::int8, {1, 1, 2, 2}, {1, 2, 3, 4});
    Window window{
        .size = {2, 2}, .dilation = {65535, 65535}, .before = {65535, 65535}, .after = {65535, 65535}};
    window.stride = {65535, 65535};
    EXPECT_TRUE(refused(one_node(Convolution{0, {}, {}, window, 1, {.shift = 8}},
                                 {{kActivation, {1, 1, 1, 1}, 0}}, {kActivation, {1, 1, 2, 2}, 0}, {taps})));
    // A window over two rows whose second lies more than 2^32 elements on.
    const Window high{.size = {2, 1}, .stride = {1, 65535}, .dilation = {65535, 1}, .before = {65535, 0}};
    EXPECT_TRUE(
        refused(one_node(Convolution{0, {}, {}, high, 1, {}}, {{kActivation, {1, 1, 1, 65600}, 0}},
                         {kActivation, {1, 1, 1, 2}, 0}, {weight(WeightType::int8, {1, 1, 2, 1}, {3, 5})})));
    const Window spread{.size = {2, 2},
                        .stride = {1, 1},
                        .dilation = {65535, 65535},
                        .before = {65535, 65535},
                        .after = {1, 1}};
    EXPECT_TRUE(refused(one_node(TransposedConvolution{0, {}, {}, spread, {2, 2}, 1, {.shift = 8}},
                                 {{kActivation, {1, 1, 1, 1}, 0}}, {kActivation, {1, 1, 2, 2}, 0}, {taps})));
}

/// Planning writes a body out for each scan, and packs a weight for each node that names it.
TEST(ValidateLimits, RefusesGraphsThatAreLargerWhenPlanned) {
    Graph graph;
    graph.bodies.resize(1);
    Subgraph& body = graph.bodies[0];
    body.tensors = {{kActivation, {}, 0}, {kActivation, {}, 0}};
    body.inputs = {0, 1};
    for (TensorId id = 2; id < 302; ++id) {
        body.tensors.push_back({kActivation, {}, 0});
        body.nodes.push_back({Combination{{1}, {}, {}}, {id == 2 ? 0 : id - 1}, {id}, ""});
    }
    body.outputs = {301};
    graph.main.tensors = {{kActivation, {}, 0}, {kActivation, {1}, 0}};
    graph.main.inputs = {0, 1};
    graph.inputs = {{"h", "", 0, {}}, {"x", "", 1, {}}};
    const auto add_scans = [&](std::size_t count) {
        for (std::size_t k = 0; k < count; ++k) {
            const auto id = static_cast<TensorId>(graph.main.tensors.size());
            graph.main.tensors.push_back({kActivation, {}, 0});
            graph.main.nodes.push_back({Scan{0, 1, false}, {id == 2 ? 0 : id - 1, 1}, {id}, ""});
        }
        graph.main.outputs = {static_cast<TensorId>(graph.main.tensors.size() - 1)};
        graph.outputs = {{"y", "", graph.main.outputs[0], {}}};
        return validate(graph);
    };
    EXPECT_TRUE(add_scans(200).has_value());
    const auto result = add_scans(100);
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error(), Error{ModelError::too_large});

    constexpr std::uint32_t kInner = 1 << 20;
    Graph shared =
        one_node(Linear{0, {}, {}, {.shift = 16}}, {{kActivation, {kInner}, 0}}, {kActivation, {1}, 0},
                 {weight(WeightType::int8, {1, kInner}, std::vector<std::int64_t>(kInner, 0))});
    EXPECT_TRUE(validate(shared).has_value());
    for (TensorId id = 2; id < 140; ++id) {
        shared.main.tensors.push_back({kActivation, {1}, 0});
        shared.main.nodes.push_back({Linear{0, {}, {}, {.shift = 16}}, {0}, {id}, ""});
    }
    const auto too_often = validate(shared);
    ASSERT_TRUE(too_often.has_error());
    EXPECT_EQ(too_often.error(), Error{ModelError::too_large});
}

TEST(ValidateLimits, RefusesTreesSharedByMoreNodesThanCheckingIsWorth) {
    // One inner node and many leaves that no tree reaches, named by many nodes.
    constexpr std::uint32_t kRows = 40000;
    std::vector<std::int64_t> rows;
    for (std::uint32_t row = 0; row < kRows; ++row)
        rows.insert(rows.end(), {-1, 0, 0, 0});
    Graph graph =
        one_node(TreeEnsemble{0, 1, 2, {}, {}, 1}, {{kActivation, {1, 1}, 0}}, {kActivation, {1, 1}, 0},
                 {weight(WeightType::int32, {kRows, 4}, rows), weight(WeightType::int32, {1}, {0}),
                  weight(WeightType::int64, {1, 1}, {1})});
    EXPECT_TRUE(validate(graph).has_value());
    for (TensorId id = 2; id < 1000; ++id) {
        graph.main.tensors.push_back({kActivation, {1, 1}, 0});
        graph.main.nodes.push_back({TreeEnsemble{0, 1, 2, {}, {}, 1}, {0}, {id}, ""});
    }
    const auto result = validate(graph);
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error(), Error{ModelError::too_large});
}

}  // namespace
}  // namespace valence::ml
