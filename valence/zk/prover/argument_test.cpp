// The argument on random graphs: prover and verifier come to the same claim, which is true of the committed
// columns and weights exactly if the statement is.
#include "valence/zk/prover/argument.hpp"

#include <gtest/gtest.h>

#include "valence/ml/reference/evaluate.hpp"
#include "valence/ml/testing/random_graph.hpp"
#include "valence/zk/verifier/argument.hpp"

namespace valence::zk {
namespace {

template <typename E>
E value_on_elements(const Functional<E>& functional, std::span<const Goldilocks> elements) {
    const auto weights = functional.expand();
    E sum;
    for (std::size_t k = 0; k < elements.size(); ++k)
        sum += weights[k] * elements[k];
    return sum;
}

/// What the committed tables give for the functionals of an opening.
template <typename E>
E true_value(const OpeningClaim<E>& opening, const Assignment& assignment, const ml::Graph& graph) {
    E sum;
    for (const auto& [column, functional] : opening.columns)
        sum += value_on_elements<E>(functional, assignment.column(column));
    for (const auto& [id, functional] : opening.weights) {
        std::vector<Goldilocks> elements;
        for (std::size_t k = 0; k < graph.weights[id].shape.elements(); ++k)
            elements.push_back(Goldilocks::of(graph.weights[id][k]));
        sum += value_on_elements<E>(functional, elements);
    }
    return sum;
}

template <typename E>
struct Outcome {
    OpeningClaim<E> claim;
    bool holds = false;
};

/// Proves, verifies, and compares the opening that is left with the tables. Errors: the verifier's.
template <typename E>
Result<Outcome<E>> argue(const ml::Graph& graph, const std::vector<ml::Values>& inputs,
                         const std::vector<ml::Values>& outputs) {
    Assignment assignment(graph, inputs);
    BOOST_OUTCOME_TRY(const Circuit circuit, compile(graph, assignment, inputs));
    assignment.complete(circuit);
    const Statement statement{{}, inputs, outputs, {}};
    Transcript proving = begin(kProfileOf<E>, statement, assignment.saturations());
    ProofWriter proof;
    ProverChannel prover{proving, proof};
    StageTimes times;
    const OpeningClaim<E> proved = prove_argument<E>(circuit, assignment, inputs, outputs, prover, times);

    GivenSaturations flags(assignment.saturations());
    const Circuit verifiers = compile(graph, flags, inputs).value();
    Transcript verifying = begin(kProfileOf<E>, statement, assignment.saturations());
    ProofReader reader(proof.bytes());
    VerifierChannel verifier{verifying, reader};
    BOOST_OUTCOME_TRY(OpeningClaim<E> claim, verify_argument<E>(verifiers, inputs, outputs, verifier));
    BOOST_OUTCOME_TRY(reader.finish());
    EXPECT_EQ(claim.value, proved.value);
    EXPECT_EQ(claim.columns.size(), proved.columns.size());
    const bool holds = true_value(claim, assignment, graph) == claim.value;
    return Outcome<E>{std::move(claim), holds};
}

template <typename E>
class ArgumentOver : public ::testing::Test {};
using Extensions = ::testing::Types<Extension2, Extension3>;
TYPED_TEST_SUITE(ArgumentOver, Extensions);

TYPED_TEST(ArgumentOver, TheOpeningLeftIsTrueForTheReferencesOutputsAndNoOthers) {
    constexpr int kKinds = std::variant_size_v<ml::Operation>;
    for (int round = 0; round < 2 * (kKinds + 1); ++round) {
        const auto seed = static_cast<std::uint64_t>(round);
        const int kind = round % (kKinds + 1) - 1;  // −1: all
        SCOPED_TRACE(::testing::Message() << "seed " << seed << ", kind " << kind);
        const auto graph = ml::testing::random_graph(seed, {.nodes = 3, .elements = 100, .only = kind});
        const auto inputs = ml::testing::random_inputs(graph, seed);
        auto outputs = ml::evaluate(graph, inputs).value();
        const auto honest = argue<TypeParam>(graph, inputs, outputs);
        ASSERT_TRUE(honest) << honest.error().message();
        EXPECT_TRUE(honest.value().holds);
        outputs[0].data[seed % outputs[0].data.size()] += 1;
        const auto lie = argue<TypeParam>(graph, inputs, outputs);
        ASSERT_TRUE(!lie || !lie.value().holds);
    }
}

}  // namespace
}  // namespace valence::zk
