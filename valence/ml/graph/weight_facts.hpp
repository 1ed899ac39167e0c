// What validation needs to know of weights: their least and greatest element, and the sums of each row.
// Computed once per weight, however many nodes share it.
#pragma once

#include <map>
#include <vector>

#include "valence/ml/graph/range.hpp"

namespace valence::ml {

/// Whether a graph's weights have their bytes, or only types and shapes, as in a verifying key.
enum class WeightBytes : bool { absent, present };

class WeightFacts {
public:
    WeightFacts(const Graph& graph, WeightBytes bytes);

    /// Whether there are facts: nothing else here may be asked for otherwise.
    bool known() const { return bytes_ == WeightBytes::present; }

    /// From the least to the greatest element.
    const Range& range(WeightId id);

    /// The sums of a row's positive and of its negative elements; a row is an index of the first axis.
    struct Row {
        std::int64_t positive = 0;
        std::int64_t negative = 0;
    };
    const std::vector<Row>& rows(WeightId id);

    /// Notes that `elements` are read outside of these facts. Fails (too_large) where so many nodes read the
    /// same weights that checking the graph would take longer than its size warrants.
    Result<void> charge(std::uint64_t elements);

private:
    const Graph& graph_;
    WeightBytes bytes_;
    std::map<WeightId, Range> ranges_;
    std::map<WeightId, std::vector<Row>> rows_;
    std::uint64_t read_ = 0;
    std::uint64_t allowance_ = 1 << 26;
};

}  // namespace valence::ml
