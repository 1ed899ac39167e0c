#include "valence/ml/graph/weight_facts.hpp"

#include "valence/ml/graph/model_error.hpp"

namespace valence::ml {

WeightFacts::WeightFacts(const Graph& graph, WeightBytes bytes) : graph_(graph), bytes_(bytes) {
    for (const Weight& weight : graph.weights)
        allowance_ += 8 * weight.shape.elements();
}

const Range& WeightFacts::range(WeightId id) {
    const auto [place, fresh] = ranges_.try_emplace(id);
    if (!fresh) return place->second;
    const Weight& weight = graph_.weights[id];
    std::int64_t low = weight[0];
    std::int64_t high = low;
    for (std::uint64_t k = 1; k < weight.shape.elements(); ++k) {
        const std::int64_t element = weight[k];
        low = std::min(low, element);
        high = std::max(high, element);
    }
    return place->second = {low, high};
}

const std::vector<WeightFacts::Row>& WeightFacts::rows(WeightId id) {
    const auto [place, fresh] = rows_.try_emplace(id);
    if (!fresh) return place->second;
    const Weight& weight = graph_.weights[id];
    std::vector<Row>& rows = place->second;
    rows.resize(weight.shape[0]);
    const std::uint64_t size = weight.shape.elements() / rows.size();
    for (std::uint64_t row = 0; row < rows.size(); ++row)
        for (std::uint64_t k = 0; k < size; ++k) {
            const std::int64_t element = weight[row * size + k];
            (element > 0 ? rows[row].positive : rows[row].negative) += element;
        }
    return rows;
}

Result<void> WeightFacts::charge(std::uint64_t elements) {
    read_ += elements;
    if (read_ > allowance_)
        return Error{ModelError::too_large, "too many nodes share weights that each has to be checked with"};
    return success();
}

}  // namespace valence::ml
