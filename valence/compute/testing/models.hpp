// What the tests of this module share: models made on the spot.
#pragma once

#include "valence/base/testing/test_folder.hpp"
#include "valence/ml/model/vmodel.hpp"
#include "valence/ml/testing/random.hpp"

namespace valence::compute::testing {

using base::testing::TestFolder;

/// y = W·x of `rows` rows of 300 weights, 600 bytes each; another one for every seed.
inline ml::Graph dense_graph(std::uint32_t rows, std::uint64_t seed = 1) {
    ml::Graph graph;
    graph.main.tensors = {{ml::ElementType::activation, {300}, 8}, {ml::ElementType::activation, {rows}, 8}};
    graph.main.inputs = {0};
    graph.main.nodes = {{ml::Linear{0, {}, {}, {.shift = 16}}, {0}, {1}, ""}};
    graph.main.outputs = {1};
    graph.inputs = {{"x", "", 0, {}}};
    graph.outputs = {{"y", "", 1, {}}};
    ml::Weight weight{ml::WeightType::int16, {rows, 300}, Bytes(std::size_t{rows} * 300 * 2)};
    ml::testing::Random random{seed};
    for (auto& byte : weight.data)
        byte = static_cast<std::uint8_t>(random.next());
    graph.weights.push_back(std::move(weight));
    return graph;
}

/// Of about `chunks` transport chunks.
inline Bytes dense_model(std::uint32_t chunks, std::uint64_t seed = 1) {
    return ml::encode_model(dense_graph(chunks * 436, seed));
}

}  // namespace valence::compute::testing
