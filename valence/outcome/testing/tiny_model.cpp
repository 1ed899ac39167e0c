#include "valence/outcome/testing/tiny_model.hpp"

namespace valence::outcome::testing {

ml::Graph tiny_graph(std::int64_t offset) {
    using ml::ElementType;
    ml::Graph graph;
    graph.main.tensors = {{ElementType::activation, {1, 2}, 8}, {ElementType::activation, {1, 1}, 8}};
    graph.main.inputs = {0};
    graph.main.nodes = {{ml::Linear{0, 1, {}, {.shift = 0}}, {0}, {1}, "dense"}};
    graph.main.outputs = {1};
    Bytes bias;
    for (int shift = 0; shift < 64; shift += 8)
        bias.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(offset) >> shift));
    graph.weights = {{ml::WeightType::int16, {1, 2}, {0x02, 0x00, 0xfd, 0xff}},
                     {ml::WeightType::int64, {1}, std::move(bias)}};
    graph.inputs = {{"x", "", 0, {}}};
    graph.outputs = {{"y", "", 1, {}}};
    return graph;
}

std::shared_ptr<const LoadedModel> load(ml::Graph graph) {
    const auto shared = std::make_shared<const ml::Graph>(std::move(graph));
    auto plan = ml::plan(shared);
    VALENCE_CHECK(plan.has_value());
    return std::make_shared<const LoadedModel>(LoadedModel{ml::model_id(*shared), std::move(plan).value()});
}

ml::ModelId GivenModels::add(ml::Graph graph) {
    auto model = testing::load(std::move(graph));
    const auto id = model->id;
    models_.insert_or_assign(id, std::move(model));
    return id;
}

Result<std::shared_ptr<const LoadedModel>> GivenModels::load(const ml::ModelId& id) {
    const auto found = models_.find(id);
    if (found == models_.end()) return NoModels{}.load(id);
    return found->second;
}

}  // namespace valence::outcome::testing
