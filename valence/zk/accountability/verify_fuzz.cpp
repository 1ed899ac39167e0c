// Changes to honest proofs of small models and to their statements, and any bytes as a proof: only the honest
// proof of the true statement is accepted. Half of them under a transcript that takes nothing in, where a
// change comes to the checks that are on it.
//
//     input       mode (1 byte: the transcript by its lowest bit, the run by the others), changes
//     change      kind (1): below 6 of the proof (edits.hpp); 6 a flag's number and value; 7, 8 the place in
//                 the outputs, inputs and what it becomes; 9 the context's only byte; else the rest of the
//                 input is the proof
#include "valence/ml/reference/evaluate.hpp"
#include "valence/ml/testing/random_graph.hpp"
#include "valence/ml/testing/small_graphs.hpp"
#include "valence/zk/accountability/edits.hpp"
#include "valence/zk/prover/prove.hpp"
#include "valence/zk/verifier/verify.hpp"

namespace {

using namespace valence;
using namespace valence::zk;
using testing::Choices;
using testing::NothingIn;
using testing::Tapped;

constexpr std::size_t kHead = 2;

struct Said {
    std::vector<ml::Values> inputs, outputs;
    Bytes context, proof;

    bool operator==(const Said&) const = default;
};

/// One run of a model, proved under either transcript.
struct Run {
    ProvingModel model;
    Said honest[2];

    bool accepts(const Said& said) const {
        const ProvableModel& provable = model.provable();
        return verify(provable, {provable.id, said.inputs, said.outputs, said.context}, said.proof)
            .has_value();
    }
};

Run run_of(const ml::Graph& graph, const SecurityProfile& profile = kProfile100) {
    Run run{ProvingModel::commit(std::make_shared<const ml::Graph>(graph)).value(), {}};
    const auto inputs = ml::testing::random_inputs(graph, 1);
    auto proved = prove(run.model, inputs, {}, profile).value();
    run.honest[0] = {inputs, proved.outputs, {}, std::move(proved.proof)};
    NothingIn nothing;
    const Tapped tapped(nothing);
    run.honest[1] = {inputs, proved.outputs, {}, prove(run.model, inputs, {}, profile).value().proof};
    return run;
}

/// Weights, flags, products, a function's table, indices, rows of a tree, and both profiles.
const std::vector<Run>& runs() {
    static const std::vector<Run> made = [] {
        const ml::Tensor three{ml::ElementType::activation, ml::Shape{3}, 8};
        const ml::Graph layer = ml::testing::linear_graph();
        const ml::Graph division = ml::testing::one_node(ml::Division{4}, {three, three}, three);
        std::vector<Run> all;
        all.push_back(run_of(layer));
        all.push_back(run_of(division));
        all.push_back(run_of(layer, kProfile128));
        all.push_back(run_of(division, kProfile128));
        for (const ml::Operation& operation : {ml::Operation(ml::Lookup{}), ml::Operation(ml::Gather{}),
                                               ml::Operation(ml::TreeEnsemble{}), ml::Operation(ml::Scan{})})
            all.push_back(run_of(ml::testing::random_graph(
                0, {.nodes = 1, .elements = 8, .only = static_cast<int>(operation.index())})));
        return all;
    }();
    return made;
}

void change(std::vector<ml::Values>& tensors, Choices& choices) {
    auto& data = tensors[choices.byte() % tensors.size()].data;
    const std::size_t at = choices.byte();
    data[at % data.size()] = static_cast<std::int16_t>(choices.pair());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Choices choices({data, size});
    const std::uint8_t mode = choices.byte();
    const Run& run = runs()[mode / 2 % runs().size()];
    const Said& honest = run.honest[mode % 2];
    Said said = honest;
    while (!choices.ended()) {
        const std::uint8_t kind = choices.rest().front();
        if (kind < 6) {
            testing::edit(said.proof, choices);
            continue;
        }
        choices.byte();
        if (kind == 6 && said.proof.size() > kHead) {
            const std::size_t number = choices.byte() % 8;
            said.proof[std::min(kHead + number, said.proof.size() - 1)] = choices.byte();
        } else if (kind == 7) {
            change(said.outputs, choices);
        } else if (kind == 8) {
            change(said.inputs, choices);
        } else if (kind == 9) {
            said.context = {choices.byte()};
        } else {
            said.proof = base::to_bytes(choices.rest());
            break;
        }
    }
    NothingIn nothing;
    std::optional<Tapped> tapped;
    if (mode % 2 == 1) tapped.emplace(nothing);
    const bool accepted = run.accepts(said);
    VALENCE_CHECK(accepted || said != honest);
    // A proof that no challenge depends on may serve other inputs and contexts, but none that it is false of.
    VALENCE_CHECK(!accepted || said == honest ||
                  (mode % 2 == 1 && ml::evaluate(run.model.graph(), said.inputs).value() == said.outputs));
    return 0;
}
