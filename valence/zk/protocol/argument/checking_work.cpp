#include "valence/zk/protocol/argument/checking_work.hpp"

#include <algorithm>
#include <numeric>

#include "valence/zk/protocol/circuit/tables.hpp"
#include "valence/zk/protocol/circuit/work_meter.hpp"

namespace valence::zk {
namespace {

/// An element of an input or output, in numbers touched.
constexpr std::uint64_t kPortElement = 4;

/// An index input says how elements move, and claims on what moves alike, or does not move, become one. So
/// each has a random order of its own: with it, claims stay apart as often as with any. And claims on what
/// indices name are zeros elsewhere, which take the longer to tell apart the further back they are: so these
/// are of the last places, which count from −1 on.
std::vector<std::int64_t> some_indices(std::uint64_t port, std::uint64_t count) {
    if (count == 1) return {-1 - static_cast<std::int64_t>(port)};
    if (count == 2) return {-1, -2};
    std::vector<std::int64_t> order(count);
    std::iota(order.begin(), order.end(), -static_cast<std::int64_t>(count));
    // SplitMix64 (Steele, Lea, Flood 2014).
    std::uint64_t state = port;
    for (std::uint64_t k = count; k-- > 1;) {
        state += 0x9e3779b97f4a7c15;
        std::uint64_t mixed = (state ^ state >> 30) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
        std::swap(order[k], order[(mixed ^ mixed >> 31) % (k + 1)]);
    }
    return order;
}

std::vector<ml::Values> some_values(const ml::Graph& graph, std::span<const ml::TensorId> ports) {
    std::vector<ml::Values> tensors;
    for (const ml::TensorId id : ports) {
        const ml::Tensor& tensor = graph.main.tensors[id];
        const std::uint64_t elements = tensor.shape.elements();
        WorkMeter::spend(kPortElement * elements);
        ml::Values values{tensor.type, tensor.shape, {}};
        if (tensor.type == ml::ElementType::index)
            values.data = some_indices(tensors.size(), elements);
        else
            values.data.resize(elements);
        tensors.push_back(std::move(values));
    }
    return tensors;
}

/// The circuit with nothing in tables that everybody knows: what these take to build and add up is counted by
/// their entries (proof_cost.hpp), and their functions need not be computed for that.
Circuit without_known_rows(Circuit circuit) {
    for (LookupTable& table : circuit.tables) {
        if (!std::holds_alternative<ComputedTable>(table.rows))
            table.rows = ComputedTable{{}, rows(table.rows)};
    }
    return circuit;
}

}  // namespace

Result<SomeInputs> some_inputs(const ml::Graph& graph, std::uint64_t most) {
    return metered(most, [&](const WorkMeter& meter) -> Result<SomeInputs> {
        auto tensors = some_values(graph, graph.main.inputs);
        return SomeInputs{std::move(tensors), meter.spent()};
    });
}

Result<CheckingWork> checking_work(const Circuit& full, const ml::Graph& graph,
                                   std::span<const ml::Values> inputs, std::uint64_t most) {
    using E = Extension2;
    return metered(most, [&](const WorkMeter& meter) -> Result<CheckingWork> {
        Transcript transcript("valence checking work");
        const auto point = [&](std::size_t variables) {
            return transcript.challenges<E>("point", variables);
        };
        const auto fingerprint = draw_fingerprint<E>(full, transcript);
        const Circuit circuit = without_known_rows(full);
        const FractionalClaim<E> leaves{point(fraction_variables(circuit.leaves)), {}, {}};
        const auto outputs = some_values(graph, graph.main.outputs);
        auto claims = claims_of<E>(circuit, fingerprint, leaves, outputs, point(output_variables(circuit)),
                                   transcript.challenge<E>("batching"));
        Grounded<E> grounded = ground(circuit, std::move(claims.claims));
        static_cast<void>(known_part(grounded, inputs));
        std::size_t variables = 0;
        for (const Claim<E>& product : grounded.products)
            variables = std::max(variables, static_cast<std::size_t>(term_variables(circuit, product)));
        const std::vector<std::pair<E, E>> sides(grounded.products.size());
        const auto claim = opening_claim<E>(circuit, std::move(grounded), {}, point(variables), sides, inputs,
                                            transcript.challenge<E>("batching"));
        evaluate_columns<E>(circuit, claim, point(static_cast<std::size_t>(circuit.witness_variables)));
        for (const WeightTable table : {WeightTable::narrow, WeightTable::wide}) {
            const auto& size = circuit.weight_variables[static_cast<std::size_t>(table)];
            if (size) evaluate_weights<E>(circuit, claim, table, point(static_cast<std::size_t>(*size)));
        }
        return CheckingWork{meter.spent(), sides.size()};
    });
}

}  // namespace valence::zk
