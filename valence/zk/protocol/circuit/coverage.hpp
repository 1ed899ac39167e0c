// Which of a model's operations proofs cover. There is no list of them: the compiler is asked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "valence/ml/graph/graph.hpp"

namespace valence::zk {

/// All nodes of one kind.
struct OperationCoverage {
    std::string_view operation;
    std::size_t nodes = 0;
    /// Those that no proof covers, and the first one's reason.
    std::size_t uncovered = 0;
    std::string reason;
};

/// Compiles every node of the main graph by itself; a scan's body counts as the scan. In the order of the
/// operations' first nodes. The graph has passed validate().
std::vector<OperationCoverage> proof_coverage(const ml::Graph& graph);

/// The same as lines for people, one for each operation.
std::string describe(const std::vector<OperationCoverage>& coverage);

}  // namespace valence::zk
