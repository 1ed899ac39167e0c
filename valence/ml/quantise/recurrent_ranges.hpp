// What happens inside LSTM, GRU and RNN nodes during calibration: the executor shows only their results.
#pragma once

#include <vector>

#include "valence/ml/float_graph/graph.hpp"
#include "valence/ml/quantise/ranges.hpp"

namespace valence::ml {

/// Entries of Ranges::internal for a recurrent node.
enum class Inside : std::size_t {
    cell,              // LSTM: c
    candidate_input,   // GRU: the input's part of the candidate's argument, with its bias
    candidate_hidden,  // GRU: the state's part, with its bias
    count,
};

constexpr bool is_recurrent(real::Op op) {
    return op == real::Op::lstm || op == real::Op::gru || op == real::Op::rnn;
}

/// Runs the node on `x` from a zero state (or its constant initial state) and widens `ranges`.
void include_recurrent(const real::Graph& graph, const real::Node& node, const real::Tensor& x,
                       std::vector<Range>& ranges);

}  // namespace valence::ml
