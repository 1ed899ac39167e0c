// Cheating provers whose results are wrong by as little as can be, to the end: the circuit says which lookup
// or zero they violate, and the verifier refuses the proof by the check for that. The ways to cheat at
// operators that do not requantise are in prover/witness/cheats_test.cpp, without proofs.
#include <map>

#include <gtest/gtest.h>

#include "valence/ml/testing/graph_builder.hpp"
#include "valence/ml/testing/small_graphs.hpp"
#include "valence/zk/accountability/samples.hpp"
#include "valence/zk/protocol/proof/proof_error.hpp"

namespace valence::zk {
namespace {

using testing::attempt;
using testing::Attempted;
using testing::Sample;

const RequantisationLimb* result_of(const Circuit& circuit, ColumnId column) {
    const auto* rule = std::get_if<RequantisationLimb>(&circuit.columns[column].rule);
    return rule != nullptr && rule->part == RequantisationPart::result ? rule : nullptr;
}

/// The column that holds a whole result, and those that hold bits of it.
struct ResultColumns {
    ColumnId whole = 0;
    std::vector<ColumnId> limbs;
};
std::vector<ResultColumns> results_of(const Circuit& circuit) {
    std::map<QuantityId, std::vector<ColumnId>> by_sum;
    for (ColumnId column = 0; column < circuit.columns.size(); ++column) {
        if (const auto* rule = result_of(circuit, column)) by_sum[rule->sum].push_back(column);
    }
    std::vector<ResultColumns> results;
    for (const auto& [sum, columns] : by_sum)  // the whole comes first
        results.push_back({columns[0], {columns.begin() + 1, columns.end()}});
    return results;
}

void put(const Circuit& circuit, Assignment& assignment, ColumnId column, std::size_t position,
         std::int64_t element) {
    assignment.forge(circuit, column, position, Goldilocks::of(element), Assignment::Others::stay);
}

std::error_code verdict_for(const Attempted& attempted) {
    if (!attempted.violation) return {};
    return make_error_code(attempted.violation->kind == Violation::Kind::lookup
                               ? ProofError::lookup_mismatch
                               : ProofError::opening_mismatch);
}

class OffByOneIn : public ::testing::TestWithParam<int> {};

// Each result one more and one less, its own limbs as they should be then: what is left is no remainder.
TEST_P(OffByOneIn, RequantisationsAreRefused) {
    const Sample& sample = testing::sample_of(GetParam());
    const Attempted honest = attempt(sample.model, sample.honest()).value();
    const auto results = results_of(honest.circuit);
    ASSERT_FALSE(results.empty());
    for (std::size_t nth = 0; nth < results.size(); ++nth) {
        for (const std::int64_t by : {-1, 1}) {
            auto forged = sample.honest();
            bool within = true;
            forged.forge = [&](const Circuit& circuit, Assignment& assignment) {
                const ResultColumns columns = results_of(circuit)[nth];
                const std::size_t position =
                    static_cast<std::size_t>(GetParam()) % assignment.column(columns.whole).size();
                const std::int64_t element = to_signed(assignment.column(columns.whole)[position]) + by;
                const auto& to = result_of(circuit, columns.whole)->to;
                within = element >= 0 && element <= to.high - to.low;
                if (!within) return;
                put(circuit, assignment, columns.whole, position, element);
                for (const ColumnId limb : columns.limbs) {
                    const auto* rule = result_of(circuit, limb);
                    put(circuit, assignment, limb, position,
                        (element >> rule->first) & ((std::int64_t{1} << rule->bits) - 1));
                }
            };
            const Attempted result = attempt(sample.model, forged).value();
            if (!within) continue;
            ASSERT_TRUE(result.violation);
            const Circuit& circuit = result.circuit;
            if (result.violation->kind == Violation::Kind::lookup) {
                // By a lookup after the result's own, of a remainder.
                const auto& lookup = circuit.lookups[result.violation->number];
                EXPECT_TRUE(std::holds_alternative<RangeTable>(circuit.tables[lookup.table].rows) ||
                            std::holds_alternative<SpanTable>(circuit.tables[lookup.table].rows));
            }
            EXPECT_EQ(verdict(sample.model.provable(), result), verdict_for(result));
        }
    }
}

template <typename... Operations>
auto kinds_of() {
    return ::testing::Values(static_cast<int>(ml::testing::kind_of<Operations>())...);
}
INSTANTIATE_TEST_SUITE_P(
    Zk, OffByOneIn,
    (kinds_of<ml::Linear, ml::Convolution, ml::TransposedConvolution, ml::MatrixProduct, ml::Combination,
              ml::Product, ml::Scaling, ml::Sum, ml::AveragePool, ml::TreeEnsemble>()),
    [](const auto& of) { return testing::operator_name(of.param); });

/// Puts an element into the nth column with a rule of this kind.
struct ColumnChange {
    std::size_t rule = 0;
    std::size_t nth = 0;
    std::int64_t element = 0;
};
template <typename Rule>
std::size_t index_of() {
    return ColumnRule(Rule{}).index();
}

struct OperatorCheat {
    const char* name;
    ml::Graph graph;
    std::vector<ml::Values> inputs;
    std::vector<ColumnChange> changes;
    ProofError caught_by;
};

ml::Tensor activation(const ml::Shape& shape) { return {ml::ElementType::activation, shape, 8}; }
ml::Values elements(const ml::Shape& shape, std::vector<std::int64_t> data) {
    return {ml::ElementType::activation, shape, std::move(data)};
}

/// As whole proofs: several columns forged together, results that are no activations, and a pool's. Those of
/// each operator by one check are in prover/witness/cheats_test.
std::vector<OperatorCheat> operator_cheats() {
    using ml::testing::one_node;
    const ml::Tensor one = activation({1});
    const ml::Tensor image = activation({1, 1, 2, 2}), pixel = activation({1, 1, 1, 1});
    const ml::Window window{.size = {2, 2}, .stride = {2, 2}};
    // 30,000 + 30,000 = 32,767 + 27,233, above in limbs of 8 bits: 27,233 = 106·256 + 97.
    const auto overflow = one_node(ml::Combination{{1, 1}, {}, {}}, {one, one}, one);
    const std::vector<ml::Values> large{elements({1}, {30000}), elements({1}, {30000})};
    const std::size_t limb = index_of<RequantisationLimb>();
    // 1,000 in steps of 2^12: 1,000 + 2,048 leaves 3,048 = 11·256 + 232.
    const auto coarse = one_node(ml::Combination{{1}, {}, {.shift = 12}}, {one}, one);
    const std::vector<ml::Values> thousand{elements({1}, {1000})};
    const auto pool = one_node(ml::MaxPool{window}, {image}, pixel);
    const std::vector<ml::Values> four{elements({1, 1, 2, 2}, {3, 9, 8, 9})};
    return {
        {"An overflow that is not cut off: 32,768",
         overflow,
         large,
         {{limb, 0, 65536}, {limb, 1, 0}, {limb, 2, 27232}, {limb, 3, 96}},
         ProofError::lookup_mismatch},
        {"An overflow of which too little is cut off",
         overflow,
         large,
         {{limb, 2, 27232}, {limb, 3, 96}},
         ProofError::opening_mismatch},
        {"A remainder with a limb beyond its bits",
         coarse,
         thousand,
         {{limb, 2, 232 + 256}},
         ProofError::lookup_mismatch},
        {"A remainder with a limb below 0",
         coarse,
         thousand,
         {{limb, 2, 232 - 256}},
         ProofError::lookup_mismatch},
        {"Not the greatest of a window",
         pool,
         four,
         {{index_of<Greatest>(), 0, 8}},
         ProofError::lookup_mismatch},
        {"Greater than a whole window",
         pool,
         four,
         {{index_of<Greatest>(), 0, 10}},
         ProofError::opening_mismatch},
    };
}

TEST(OperatorCheats, AreRefusedByTheCheckMeantToCatchThem) {
    for (const OperatorCheat& cheat : operator_cheats()) {
        SCOPED_TRACE(cheat.name);
        const Sample sample{ProvingModel::commit(std::make_shared<const ml::Graph>(cheat.graph)).value(),
                            cheat.inputs};
        ASSERT_EQ(verdict(sample.model.provable(), attempt(sample.model, sample.honest()).value()),
                  std::error_code());
        auto forged = sample.honest();
        forged.forge = [&](const Circuit& circuit, Assignment& assignment) {
            for (const ColumnChange& change : cheat.changes) {
                std::size_t nth = 0;
                for (ColumnId column = 0; column < circuit.columns.size(); ++column) {
                    if (circuit.columns[column].rule.index() != change.rule || nth++ != change.nth) continue;
                    assignment.forge(circuit, column, 0, Goldilocks::of(change.element),
                                     Assignment::Others::follow);
                }
            }
        };
        Attempted result = attempt(sample.model, forged).value();
        ASSERT_TRUE(result.violation);
        EXPECT_EQ(verdict_for(result), cheat.caught_by) << describe(result.circuit, *result.violation);
        // What is no activation cannot be said: the nearest that can is claimed.
        for (std::int64_t& element : result.outputs[0].data)
            element = std::clamp<std::int64_t>(element, -32768, 32767);
        forged.said_outputs = result.outputs;
        forged.claims_as_said = false;
        result = attempt(sample.model, forged).value();
        const auto found = verdict(sample.model.provable(), result);
        EXPECT_EQ(found, cheat.caught_by) << found.message();
    }
}

}  // namespace
}  // namespace valence::zk
