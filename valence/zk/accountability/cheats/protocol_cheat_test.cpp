// Provers that leave the protocol: other weights, claims left out, tags exchanged, challenges used twice,
// padding that is not zero.
#include <gtest/gtest.h>

#include "valence/ml/reference/evaluate.hpp"
#include "valence/ml/testing/small_graphs.hpp"
#include "valence/zk/accountability/attribution.hpp"
#include "valence/zk/accountability/layers.hpp"
#include "valence/zk/protocol/sums/fractional_sum.hpp"

namespace valence::zk {
namespace {

using testing::attempt;
using testing::Attempt;
using testing::Attempted;
using testing::Conversation;
using testing::is_one_of;
using testing::Sample;
using E = Extension2;

TEST(ProtocolCheats, SwappedWeights) {
    const Sample& sample = testing::layers();
    ml::Graph swapped = sample.model.graph();
    std::swap(swapped.weights[0], swapped.weights[1]);
    Attempt what = sample.honest();
    what.graph = &swapped;
    const Attempted result = attempt(sample.model, what).value();
    EXPECT_NE(result.outputs, ml::evaluate(sample.model.graph(), sample.inputs).value());
    EXPECT_EQ(verdict(sample.model.provable(), result), ProofError::opening_mismatch);

    // Opened as what they are, under the root that is asked for.
    swapped.commitment.clear();
    const Sample other{ProvingModel::commit(std::make_shared<const ml::Graph>(swapped)).value(),
                       sample.inputs};
    Conversation prover;
    prover.alter = [&](std::size_t, Conversation::Item& item) {
        if (item.honest.label == "model") item.said.bytes = base::to_bytes(sample.model.provable().id.bytes);
        if (item.honest.label == "opening: root" && item.occurrence == 1)
            item.said.bytes = base::to_bytes(sample.model.tables()[0]->root().bytes);
    };
    const Attempted under_root = prover.run(other.model, other.honest());
    EXPECT_EQ(verdict(sample.model.provable(), under_root), ProofError::merkle_mismatch);
}

// Places that only fill up have no weight in any claim; whatever they hold, the statement is as true.
TEST(ProtocolCheats, PaddingThatIsNotZeroChangesNothing) {
    const Sample& sample = testing::layers();
    Attempt what = sample.honest();
    std::size_t changed = 0;
    what.change_vector = [&](const Circuit& circuit, std::span<Goldilocks> vector) {
        std::vector<bool> used(vector.size());
        for (const Column& column : circuit.columns)
            column.layout.for_each([&](std::uint64_t, std::uint64_t at) { used[at] = true; });
        for (std::size_t at = 0; at < circuit.witness_cells; ++at) {
            if (used[at]) continue;
            vector[at] = Goldilocks(at * at + 5);
            ++changed;
        }
    };
    const Attempted result = attempt(sample.model, what).value();
    EXPECT_EQ(verdict(sample.model.provable(), result), std::error_code());
    EXPECT_EQ(result.outputs, ml::evaluate(sample.model.graph(), sample.inputs).value());
    RecordProperty("changed", static_cast<int>(changed));

    // What is committed and is no padding must be what the claims are about.
    what.change_vector = [](const Circuit& circuit, std::span<Goldilocks> vector) {
        vector[circuit.columns[0].layout.base] += Goldilocks(1);
    };
    EXPECT_EQ(verdict(sample.model.provable(), attempt(sample.model, what).value()),
              ProofError::opening_mismatch);
}

/// A model with zeros, lookups into several tables, and products: y = x/z, then the function of it.
const Sample& division() {
    static const Sample sample = [] {
        const ml::Tensor three{ml::ElementType::activation, ml::Shape{3}, 8};
        ml::Graph graph = ml::testing::one_node(ml::Division{4}, {three, three}, three);
        graph.main.tensors.push_back(three);
        graph.main.nodes.push_back({ml::Lookup{{ml::Function::gelu, 8, 8, 0, 0}}, {2}, {3}, "function"});
        graph.main.outputs = {3};
        graph.outputs = {{"out", "", 3, {}}};
        const auto of = [](std::vector<std::int64_t> data) {
            return ml::Values{ml::ElementType::activation, ml::Shape{3}, std::move(data)};
        };
        return Sample{ProvingModel::commit(std::make_shared<const ml::Graph>(graph)).value(),
                      {of({100, -700, 31}), of({-7, 9, 1})}};
    }();
    return sample;
}

// The prover proves what it would if one claim were not made: lookups left out, another table's tag, a zero
// or an output not claimed.
TEST(ProtocolCheats, ClaimsLeftOutAndTagsExchanged) {
    const Sample& sample = division();
    ASSERT_EQ(verdict(sample.model.provable(), attempt(sample.model, sample.honest()).value()),
              std::error_code());
    const Circuit circuit = attempt(sample.model, sample.honest()).value().circuit;
    ASSERT_GT(circuit.zeros.size(), 1U);
    ASSERT_GT(circuit.tables.size(), 1U);
    const auto verdict_with = [&](const std::function<void(Circuit&)>& change) {
        Attempt what = sample.honest();
        what.change_circuit = change;
        return verdict(sample.model.provable(), attempt(sample.model, what).value());
    };
    // The prover's fractions then have another table's number at these lookups, and do not cancel.
    for (std::size_t number = 0; number < circuit.lookups.size(); number += 5)
        EXPECT_EQ(verdict_with([&](Circuit& other) {
                      Lookup& lookup = other.lookups[number];
                      lookup.table = lookup.table == 0 ? 1 : 0;
                  }),
                  ProofError::lookup_mismatch)
            << number;
    // Another selector likewise.
    EXPECT_EQ(verdict_with([](Circuit& other) { other.lookups[0].selector += Goldilocks(1); }),
              ProofError::lookup_mismatch);
    // Without a zero, the sum of products is another, or what is opened.
    for (std::size_t number = 0; number < circuit.zeros.size(); ++number) {
        const auto found = verdict_with([&](Circuit& other) {
            other.zeros.erase(other.zeros.begin() + static_cast<std::ptrdiff_t>(number));
        });
        EXPECT_TRUE(is_one_of(
            found, {ProofError::sumcheck_mismatch, ProofError::wrong_grinding, ProofError::merkle_mismatch}))
            << found.message();
    }
    const auto found = verdict_with([](Circuit& other) { other.outputs.clear(); });
    EXPECT_TRUE(is_one_of(
        found, {ProofError::sumcheck_mismatch, ProofError::wrong_grinding, ProofError::merkle_mismatch}))
        << found.message();
}

/// Gives the prover, wherever a label's challenge is drawn, the last one before it.
class Reuse final : public Conversation {
public:
    Reuse(std::string label, int nth) {
        when_drawn<E>([this, wanted = std::move(label), nth](std::string_view drawn_label, E& challenge) {
            const E own = challenge;
            if (drawn_label == wanted && seen_++ == nth) challenge = before_;
            before_ = own;
        });
    }

private:
    E before_;
    int seen_ = 0;
};

// A prover that evaluates at a point it has used before, where the verifier has a fresh one. Messages do not
// depend on τ but by the leaves' point, which has the last one.
TEST(ProtocolCheats, ChallengesUsedTwice) {
    const Sample& sample = division();
    const Circuit circuit = attempt(sample.model, sample.honest()).value().circuit;
    const int last_tau = static_cast<int>(fraction_variables(circuit.leaves)) - 1;
    const std::vector<ProofError> layer{ProofError::sumcheck_mismatch};
    // The claim that is opened is another, and with it all that follows.
    const std::vector<ProofError> claim{ProofError::wrong_grinding, ProofError::merkle_mismatch};
    const std::tuple<const char*, int, std::vector<ProofError>> cases[] = {
        {"gamma", 0, claim},
        {"gamma", 1, claim},
        {"lambda", 0, layer},
        {"lambda", 3, layer},
        {"round", 0, layer},
        {"round", 5, layer},
        {"tau", last_tau, claim},
        {"output point", 0, claim},
        {"output point", 1, claim},
        {"claim batching", 0, claim},
        {"opening batching", 0, claim},
    };
    for (const auto& [label, nth, caught_by] : cases) {
        Reuse prover(label, nth);
        const auto found = verdict(sample.model.provable(), prover.run(sample.model, sample.honest()));
        EXPECT_TRUE(is_one_of(found, caught_by)) << label << " " << nth << ": " << found.message();
    }
    Reuse in_vain("tau", 0);
    EXPECT_EQ(in_vain.run(sample.model, sample.honest()).proof,
              attempt(sample.model, sample.honest()).value().proof);
    for (const int nth : {0, 1, 3}) {
        Reuse prover("opening: challenge", nth);
        EXPECT_EQ(verdict(sample.model.provable(), prover.run(sample.model, sample.honest())),
                  ProofError::opening_mismatch);
        Reuse late("opening: join", nth);
        const auto found = verdict(sample.model.provable(), late.run(sample.model, sample.honest()));
        EXPECT_EQ(found, nth == 0 ? make_error_code(ProofError::opening_mismatch) : std::error_code());
    }
}

}  // namespace
}  // namespace valence::zk
