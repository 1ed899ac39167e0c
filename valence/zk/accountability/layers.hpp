// Two layers of weights on 16 activations: a model with two terms of products, and room for relations among
// inputs, weights and outputs.
#pragma once

#include "valence/ml/testing/small_graphs.hpp"
#include "valence/zk/accountability/samples.hpp"
#include "valence/zk/protocol/proof/proof_error.hpp"

namespace valence::zk::testing {

inline const Sample& layers() {
    static const Sample sample = [] {
        constexpr std::uint32_t kWidth = 16;
        ml::testing::Random random{5};
        ml::Graph graph;
        for (int tensor = 0; tensor < 3; ++tensor)
            graph.main.tensors.push_back({ml::ElementType::activation, {1, kWidth}, 8});
        for (std::uint32_t layer = 0; layer < 2; ++layer) {
            std::vector<std::int64_t> elements;
            for (std::uint32_t i = 0; i < kWidth * kWidth; ++i)
                elements.push_back(random.between(-900, 900));
            graph.weights.push_back(ml::testing::weight(ml::WeightType::int16, {kWidth, kWidth}, elements));
            graph.main.nodes.push_back(
                {ml::Linear{layer, {}, {}, {.shift = 11}}, {layer}, {layer + 1}, "layer"});
        }
        graph.main.inputs = {0};
        graph.main.outputs = {2};
        graph.inputs.push_back({"x", "", 0, {}});
        graph.outputs.push_back({"y", "", 2, {}});
        ml::Values input{ml::ElementType::activation, {1, kWidth}, {}};
        for (std::uint32_t i = 0; i < kWidth; ++i)
            input.data.push_back(random.between(-3000, 3000));
        return Sample{ProvingModel::commit(std::make_shared<const ml::Graph>(graph)).value(), {input}};
    }();
    return sample;
}

/// One more than the last layer's first result: its remainder is below 0, which no range check has.
inline void one_more_in_the_last_result(const Circuit& circuit, Assignment& assignment) {
    for (ColumnId column = static_cast<ColumnId>(circuit.columns.size()); column-- > 0;) {
        const auto* rule = std::get_if<RequantisationLimb>(&circuit.columns[column].rule);
        if (rule == nullptr || rule->part != RequantisationPart::result || rule->bits < 16) continue;
        assignment.forge(circuit, column, 0, assignment.column(column)[0] + Goldilocks(1),
                         Assignment::Others::stay);
        return;
    }
}

}  // namespace valence::zk::testing
