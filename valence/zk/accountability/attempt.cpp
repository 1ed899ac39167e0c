#include "valence/zk/accountability/attempt.hpp"

#include <algorithm>

#include "valence/zk/protocol/argument/account.hpp"
#include "valence/zk/prover/argument.hpp"
#include "valence/zk/prover/commitment/opening.hpp"
#include "valence/zk/prover/table_functional.hpp"
#include "valence/zk/verifier/verify.hpp"

namespace valence::zk::testing {
namespace {

/// The run's flags, or others.
class Flags final : public SaturationSource {
public:
    Flags(Assignment& run, const Attempt& what) : run_(run), what_(what) {}

    Result<Saturation> saturation(const Circuit& circuit, QuantityId sum,
                                  const ml::Requantisation& to) override {
        BOOST_OUTCOME_TRY(const Saturation own, run_.saturation(circuit, sum, to));
        return answer(own);
    }
    Result<Saturation> quotient_saturation(const Circuit& circuit, const Quotient& of) override {
        BOOST_OUTCOME_TRY(const Saturation own, run_.quotient_saturation(circuit, of));
        return answer(own);
    }

    std::vector<Saturation> given;

private:
    Saturation answer(const Saturation& own) {
        given.push_back(what_.flag ? what_.flag(given.size(), own) : own);
        return given.back();
    }

    Assignment& run_;
    const Attempt& what_;
};

std::vector<ml::Values> outputs_of(const ml::Graph& graph, const Circuit& circuit, Assignment& assignment) {
    std::vector<ml::Values> outputs;
    for (const Output& output : circuit.outputs) {
        const ml::Tensor& tensor = graph.main.tensors[graph.main.outputs[output.port]];
        outputs.push_back({tensor.type, tensor.shape, {}});
        for (const Goldilocks element : assignment.values(circuit, output.quantity))
            outputs.back().data.push_back(to_signed(element));
    }
    return outputs;
}

std::vector<Goldilocks> witness_of(const Circuit& circuit, const Assignment& assignment) {
    std::vector<Goldilocks> table(std::size_t{1} << circuit.witness_variables);
    for (ColumnId id = 0; id < circuit.columns.size(); ++id) {
        const auto elements = assignment.column(id);
        circuit.columns[id].layout.for_each(
            [&](std::uint64_t k, std::uint64_t at) { table[at] = elements[k]; });
    }
    return table;
}

template <typename E>
Result<Attempted> attempt_over(const ProvingModel& model, const Attempt& what, ProofWriter& proof) {
    const ml::Graph& graph = what.graph != nullptr ? *what.graph : model.graph();
    Attempted result;
    result.profile = what.profile;
    result.inputs = what.said_inputs.value_or(what.inputs);
    result.context = what.context;
    Assignment assignment(graph, what.inputs);
    Flags flags(assignment, what);
    BOOST_OUTCOME_TRY(result.circuit, compile(graph, flags, result.inputs));
    Circuit& circuit = result.circuit;
    assignment.complete(circuit);
    if (what.forge) what.forge(circuit, assignment);
    result.violation = first_violation(circuit, assignment);
    const auto outputs = outputs_of(graph, circuit, assignment);
    if (what.change_circuit) what.change_circuit(circuit);
    result.outputs = what.said_outputs.value_or(outputs);
    const auto& argued = what.claims_as_said ? result.outputs : outputs;

    BOOST_OUTCOME_TRY(const OpeningParameters parameters, secure_parameters(circuit, what.profile));
    proof.put_bytes(Bytes{kProofVersion, profile_byte(what.profile)});
    proof.put_bytes(encode_flags(flags.given));
    Transcript transcript =
        begin(what.profile, {model.provable().id, result.inputs, result.outputs, what.context}, flags.given);
    ProverChannel channel{transcript, proof};
    std::vector<Goldilocks> values = witness_of(circuit, assignment);
    if (what.change_vector) what.change_vector(circuit, values);
    const CommittedTable witness(parameters.tables[0].shape, std::span<const Goldilocks>(values));
    channel.send("witness", witness.root());
    StageTimes times;
    const OpeningClaim<E> claim =
        prove_argument<E>(circuit, assignment, result.inputs, argued, channel, times);

    std::vector<OpeningInput<E>> opened;
    const auto open = [&](const CommittedTable& table, const std::vector<StoredPart<E>>& parts) {
        opened.push_back({&table, table_functional<E>(table.shape(), table.values(), parts)});
    };
    std::vector<StoredPart<E>> columns;
    for (const auto& [column, functional] : claim.columns)
        columns.push_back({&functional, &circuit.columns[column].layout});
    open(witness, columns);
    for (const WeightTable table : {WeightTable::narrow, WeightTable::wide}) {
        if (!circuit.weight_variables[static_cast<std::size_t>(table)]) continue;
        std::vector<StoredPart<E>> weights;
        for (const auto& [id, functional] : claim.weights) {
            if (circuit.weights[id]->table == table)
                weights.push_back({&functional, &circuit.weights[id]->layout});
        }
        open(*model.tables()[opened.size() - 1], weights);
    }
    prove_opening<E>(parameters, opened, claim.value, channel);
    result.proof = proof.bytes();
    return result;
}

}  // namespace

Result<Attempted> attempt(const ProvingModel& model, const Attempt& what, ProofWriter& proof) {
    return what.profile.extension_degree == 2 ? attempt_over<Extension2>(model, what, proof)
                                              : attempt_over<Extension3>(model, what, proof);
}

Result<Attempted> attempt(const ProvingModel& model, const Attempt& what) {
    ProofWriter proof;
    return attempt(model, what, proof);
}

std::error_code verdict(const ProvableModel& model, const Attempted& attempted) {
    const auto result =
        verify(model, {model.id, attempted.inputs, attempted.outputs, attempted.context}, attempted.proof);
    return result ? std::error_code() : result.error().code;
}

bool Conversation::absorb(Absorbed& item) {
    settle();
    const auto occurrence = static_cast<int>(
        std::ranges::count_if(items_, [&](const Item& other) { return other.honest.label == item.label; }));
    items_.push_back({item, item, writer.bytes().size(), false, works_, occurrence});
    const std::size_t number = items_.size() - 1;
    if (alter) alter(number, items_.back());
    item = items_.back().said;
    return !dropped.contains(number);
}

bool Conversation::work() {
    settle();
    ++works_;
    return !drop_work;
}

void Conversation::settle() {
    if (items_.empty()) return;
    Item& last = items_.back();
    const Bytes bytes = last.honest.encoded();
    if (last.sent || bytes.empty() || writer.bytes().size() < last.offset + bytes.size()) return;
    last.sent = base::equal(BytesView(writer.bytes()).subspan(last.offset, bytes.size()), bytes);
}

std::size_t Conversation::number(std::string_view label, int occurrence) const {
    for (std::size_t number = 0; number < items_.size(); ++number) {
        if (items_[number].honest.label == label && items_[number].occurrence == occurrence) return number;
    }
    return items_.size();
}

Bytes Conversation::as_said(Bytes proof) const {
    for (const Item& item : items_) {
        if (item.sent)
            std::ranges::copy(item.said.encoded(), proof.begin() + static_cast<std::ptrdiff_t>(item.offset));
    }
    return proof;
}

Attempted Conversation::run(const ProvingModel& model, const Attempt& what) {
    items_.clear();
    works_ = 0;
    writer = {};
    const Tapped tapped(*this);
    Attempted attempted = attempt(model, what, writer).value();
    settle();
    attempted.proof = as_said(std::move(attempted.proof));
    return attempted;
}

std::error_code verdict_without(const Conversation& conversation, const ProvableModel& model,
                                const Attempted& attempted) {
    class Forgetful final : public Tap {
    public:
        explicit Forgetful(const Conversation& of) : of_(of) {}
        bool absorb(Absorbed&) override { return !of_.dropped.contains(next_++); }
        bool work() override { return !of_.drop_work; }

    private:
        const Conversation& of_;
        std::size_t next_ = 0;
    } forgetful(conversation);
    const Tapped tapped(forgetful);
    return verdict(model, attempted);
}

}  // namespace valence::zk::testing
