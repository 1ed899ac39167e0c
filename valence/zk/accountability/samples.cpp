#include "valence/zk/accountability/samples.hpp"

#include <cstdlib>
#include <map>

#include "valence/ml/testing/random_graph.hpp"

namespace valence::zk::testing {
namespace {

/// Leaves of its proof; the most there can be if it has none.
std::uint64_t leaves_of(const ml::Graph& graph, const std::vector<ml::Values>& inputs) {
    Assignment assignment(graph, inputs);
    const auto circuit = compile(graph, assignment, inputs);
    return circuit ? circuit.value().leaves : ~std::uint64_t{0};
}

}  // namespace

const Sample& sample_of(int kind) {
    static std::map<int, Sample> samples;
    if (const auto found = samples.find(kind); found != samples.end()) return found->second;
    constexpr std::uint64_t kTries = 6;
    std::uint64_t least = ~std::uint64_t{0};
    ml::Graph smallest;
    std::vector<ml::Values> its_inputs;
    for (std::uint64_t seed = 0; seed < kTries; ++seed) {
        ml::Graph graph = ml::testing::random_graph(seed, {.nodes = 1, .elements = 24, .only = kind});
        auto inputs = ml::testing::random_inputs(graph, seed);
        const std::uint64_t leaves = leaves_of(graph, inputs);
        if (leaves >= least) continue;
        least = leaves;
        smallest = std::move(graph);
        its_inputs = std::move(inputs);
    }
    Sample sample{ProvingModel::commit(std::make_shared<const ml::Graph>(std::move(smallest))).value(),
                  std::move(its_inputs)};
    return samples.emplace(kind, std::move(sample)).first->second;
}

std::uint64_t rounds() {
    const char* const given = std::getenv("VALENCE_ZK_ROUNDS");
    return given == nullptr ? 1 : std::max<std::uint64_t>(1, std::strtoull(given, nullptr, 10));
}

}  // namespace valence::zk::testing
