#include "valence/zk/protocol/argument/checking_work.hpp"

#include <algorithm>

#include "valence/zk/protocol/circuit/tables.hpp"
#include "valence/zk/protocol/circuit/work_meter.hpp"

namespace valence::zk {
namespace {

/// An element of an input or output, in numbers touched.
constexpr std::uint64_t kPortElement = 4;

std::vector<ml::Values> numbered(const ml::Graph& graph, std::span<const ml::TensorId> ports) {
    std::vector<ml::Values> tensors;
    for (const ml::TensorId id : ports) {
        const ml::Tensor& tensor = graph.main.tensors[id];
        const std::uint64_t elements = tensor.shape.elements();
        WorkMeter::spend(kPortElement * elements);
        ml::Values values{tensor.type, tensor.shape, {}};
        values.data.resize(elements);
        for (std::uint64_t k = 0; k < elements; ++k)
            values.data[k] = static_cast<std::int64_t>(k & 0x7fff);
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
        auto tensors = numbered(graph, graph.main.inputs);
        return SomeInputs{std::move(tensors), meter.spent()};
    });
}

Result<std::uint64_t> checking_work(const Circuit& full, const ml::Graph& graph,
                                    std::span<const ml::Values> inputs, std::uint64_t most) {
    using E = Extension2;
    return metered(most, [&](const WorkMeter& meter) -> Result<std::uint64_t> {
        Transcript transcript("valence checking work");
        const auto point = [&](std::size_t variables) {
            return transcript.challenges<E>("point", variables);
        };
        const auto fingerprint = draw_fingerprint<E>(full, transcript);
        const Circuit circuit = without_known_rows(full);
        const FractionalClaim<E> leaves{point(fraction_variables(circuit.leaves)), {}, {}};
        const auto outputs = numbered(graph, graph.main.outputs);
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
        return meter.spent();
    });
}

}  // namespace valence::zk
