#include "valence/zk/prover/prove.hpp"

#include <algorithm>
#include <numeric>

#include "valence/ml/graph/model_error.hpp"
#include "valence/zk/protocol/argument/account.hpp"
#include "valence/zk/prover/argument.hpp"
#include "valence/zk/prover/commitment/opening.hpp"
#include "valence/zk/prover/parallel.hpp"
#include "valence/zk/prover/table_functional.hpp"

namespace valence::zk {
namespace {

Table<Goldilocks> witness_table(const Circuit& circuit, const Assignment& assignment) {
    Table<Goldilocks> table(std::size_t{1} << circuit.witness_variables);
    std::vector<ColumnId> in_order(circuit.columns.size());
    std::iota(in_order.begin(), in_order.end(), ColumnId{0});
    const auto base = [&](ColumnId id) { return circuit.columns[id].layout.base; };
    std::ranges::sort(in_order, {}, base);
    VALENCE_CHECK(!in_order.empty());  // each table has its multiplicities
    each_in_parallel(in_order.size(), table.size() / 2, [&](std::size_t place) {
        const ColumnId id = in_order[place];
        const auto elements = assignment.column(id);
        // Who fills a column clears what no column has before the next one.
        const bool last = place + 1 == in_order.size();
        std::fill(table.data() + (place == 0 ? 0 : base(id)),
                  table.data() + (last ? table.size() : base(in_order[place + 1])), Goldilocks());
        circuit.columns[id].layout.for_each_run(
            [&](std::uint64_t k, std::uint64_t at, std::uint64_t count, std::uint64_t step) {
                for (std::uint64_t i = 0; i < count; ++i)
                    table[at + i * step] = elements[k + i];
            });
    });
    return table;
}

template <typename E>
Result<Proved> prove_over(const ProvingModel& model, std::span<const ml::Values> inputs, BytesView context,
                          const SecurityProfile& profile) {
    StageTimes times;
    times.enter("values");
    Assignment assignment(model.graph(), inputs, &model.product_sums());
    BOOST_OUTCOME_TRY(const Circuit circuit, compile(model.graph(), assignment, inputs));
    assignment.complete(circuit);
    Proved result;
    for (const Output& output : circuit.outputs) {
        const ml::Tensor& tensor = model.graph().main.tensors[model.graph().main.outputs[output.port]];
        ml::Values values{tensor.type, tensor.shape, {}};
        for (const Goldilocks element : assignment.values(circuit, output.quantity))
            values.data.push_back(to_signed(element));
        result.outputs.push_back(std::move(values));
    }

    BOOST_OUTCOME_TRY(const OpeningParameters parameters, secure_parameters(circuit, profile));
    ProofWriter proof;
    proof.put_bytes(Bytes{kProofVersion, profile_byte(profile)});
    proof.put_bytes(encode_flags(assignment.saturations()));
    Transcript transcript =
        begin(profile, {model.provable().id, inputs, result.outputs, context}, assignment.saturations());
    ProverChannel channel{transcript, proof};

    times.enter("witness commitment");
    const Table<Goldilocks> values = witness_table(circuit, assignment);
    const CommittedTable witness(parameters.tables[0].shape, values.span());
    channel.send("witness", witness.root());
    const OpeningClaim<E> claim =
        prove_argument<E>(circuit, assignment, inputs, result.outputs, channel, times);

    times.enter("functionals");
    std::vector<OpeningInput<E>> opened(1 + model.tables().size());
    std::vector<StoredPart<E>> parts;
    const auto open = [&](OpeningInput<E>& input, const CommittedTable& table) {
        input = {&table, table_functional<E>(table.shape(), table.values(), parts, table.digits())};
        parts.clear();
    };
    for (const auto& [column, functional] : claim.columns)
        parts.push_back({&functional, &circuit.columns[column].layout});
    open(opened[0], witness);
    std::size_t next = 1;
    for (std::size_t index = 0; index < circuit.weight_variables.size(); ++index) {
        if (!circuit.weight_variables[index]) continue;
        for (const auto& [id, functional] : claim.weights) {
            if (static_cast<std::size_t>(circuit.weights[id]->table) == index)
                parts.push_back({&functional, &circuit.weights[id]->layout});
        }
        open(opened[next], *model.tables()[next - 1]);
        ++next;
    }
    times.enter("opening");
    prove_opening<E>(parameters, opened, claim.value, channel);
    times.leave();
    result.times = std::move(times);
    result.proof = proof.take();
    return result;
}

}  // namespace

Result<Proved> prove(const ProvingModel& model, std::span<const ml::Values> inputs, BytesView context,
                     const SecurityProfile& profile) {
    const ml::Graph& graph = model.graph();
    if (inputs.size() != graph.main.inputs.size())
        return Error{ml::ModelError::invalid_input, "number of inputs"};
    for (std::size_t port = 0; port < inputs.size(); ++port) {
        const ml::Tensor& tensor = graph.main.tensors[graph.main.inputs[port]];
        if (inputs[port].type != tensor.type || inputs[port].shape != tensor.shape ||
            inputs[port].data.size() != tensor.shape.elements())
            return Error{ml::ModelError::invalid_input, "type or shape of input " + std::to_string(port)};
    }
    return profile.extension_degree == 2 ? prove_over<Extension2>(model, inputs, context, profile)
                                         : prove_over<Extension3>(model, inputs, context, profile);
}

}  // namespace valence::zk
