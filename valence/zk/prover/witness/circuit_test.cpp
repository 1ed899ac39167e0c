// The circuit of random graphs of every operation it covers: its assignment gives the reference's outputs,
// satisfies every lookup and every zero, and claims mean what they are taken down to.
#include <algorithm>
#include <array>
#include <random>

#include <gtest/gtest.h>

#include "valence/ml/graph/describe.hpp"
#include "valence/ml/reference/evaluate.hpp"
#include "valence/ml/testing/graph_builder.hpp"
#include "valence/ml/testing/random_graph.hpp"
#include "valence/zk/prover/witness/term_tables.hpp"
#include "valence/zk/prover/witness/testing/compiled.hpp"
#include "valence/zk/prover/witness/violation.hpp"

namespace valence::zk {
namespace {

using testing::Compiled;
using E = Extension2;

class RandomElements {
public:
    explicit RandomElements(std::uint64_t seed) : random_(seed) {}
    E one() { return E(E::Coefficients{Goldilocks(random_()), Goldilocks(random_())}); }
    std::vector<E> point(std::size_t variables) {
        std::vector<E> point(variables);
        for (E& each : point)
            each = one();
        return point;
    }

private:
    std::mt19937_64 random_;
};

E value_on(const Functional<E>& functional, std::span<const Goldilocks> values) {
    const auto weights = functional.expand();
    EXPECT_EQ(weights.size(), values.size());
    E sum;
    for (std::size_t k = 0; k < values.size(); ++k)
        sum += weights[k] * values[k];
    return sum;
}

E extension_at(std::span<const E> table, std::span<const E> point) {
    const auto weights = eq_range<E>(point, 0, table.size());
    E sum;
    for (std::size_t k = 0; k < table.size(); ++k)
        sum += weights[k] * table[k];
    return sum;
}

void expect_outputs_of_the_reference(Compiled& model) {
    const auto expected = ml::evaluate(model.graph, model.inputs).value();
    for (const Output& output : model.circuit.outputs) {
        const auto values = model.assignment->values(model.circuit, output.quantity);
        ASSERT_EQ(values.size(), expected[output.port].data.size());
        for (std::size_t k = 0; k < values.size(); ++k)
            ASSERT_EQ(to_signed(values[k]), expected[output.port].data[k])
                << "output " << output.port << "[" << k << "]";
    }
}

void expect_satisfied(Compiled& model) {
    const auto violation = first_violation(model.circuit, *model.assignment);
    ASSERT_FALSE(violation) << describe(model.circuit, *violation);
}

/// A claim on any quantity equals the sum of what it comes down to; and so do the claims after the sumcheck.
void expect_claims_to_mean_their_grounds(Compiled& model, RandomElements& random) {
    const Circuit& circuit = model.circuit;
    int variables = 0;
    while ((std::uint64_t{1} << variables) < circuit.leaves)
        ++variables;
    const auto leaf_point = random.point(static_cast<std::size_t>(variables));
    const auto direct = [&](const Grounded<E>& grounded) {
        E sum = grounded.constant;
        for (const auto& [column, functional] : grounded.columns)
            sum += value_on(functional, model.assignment->column(column));
        for (const auto& [weight, functional] : grounded.weights) {
            std::vector<Goldilocks> elements;
            for (std::size_t k = 0; k < model.graph.weights[weight].shape.elements(); ++k)
                elements.push_back(Goldilocks::of(model.graph.weights[weight][k]));
            sum += value_on(functional, elements);
        }
        for (const auto& [port, functional] : grounded.inputs) {
            std::vector<Goldilocks> elements;
            for (const std::int64_t element : model.inputs[port].data)
                elements.push_back(Goldilocks::of(element));
            sum += value_on(functional, elements);
        }
        for (const Claim<E>& product : grounded.products) {
            const auto tables = term_tables<E>(circuit, *model.assignment, std::span(&product, 1)).front();
            E of_product;
            for (std::size_t k = 0; k < tables.left.size(); ++k)
                of_product += tables.left[k] * tables.right[k];
            EXPECT_EQ(of_product,
                      value_on(product.functional, model.assignment->values(circuit, product.quantity)));
            sum += of_product;
        }
        return sum;
    };
    std::vector<Claim<E>> claims;
    for (const Lookup& lookup : circuit.lookups) {
        for (const QuantityId entry : lookup.entries)
            claims.push_back({entry, lookup.layout.weights<E>(leaf_point)});
    }
    for (const LookupTable& table : circuit.tables) {
        if (const auto* computed = std::get_if<ComputedTable>(&table.rows)) {
            for (const QuantityId entry : computed->entries)
                claims.push_back({entry, table.layout.weights<E>(leaf_point)});
        }
    }
    for (const Claim<E>& claim : claims) {
        const E value = value_on(claim.functional, model.assignment->values(circuit, claim.quantity));
        const Grounded<E> grounded = ground<E>(circuit, {claim});
        ASSERT_EQ(direct(grounded), value);
        for (const Claim<E>& product : grounded.products) {
            const auto point = random.point(static_cast<std::size_t>(term_variables(circuit, product)));
            const auto tables = term_tables<E>(circuit, *model.assignment, std::span(&product, 1)).front();
            const Sides<E> sides = sides_at<E>(circuit, product, point);
            for (const auto& [side, table] :
                 {std::pair{&sides.left, &tables.left}, std::pair{&sides.right, &tables.right}}) {
                const auto grounded_side = ground<E>(circuit, {*side});
                ASSERT_TRUE(grounded_side.products.empty());
                ASSERT_EQ(direct(grounded_side), extension_at(*table, point));
            }
        }
    }
    for (const Zero& zero : circuit.zeros) {
        const auto weights = circuit.lookups[zero.weighed_as].layout.weights<E>(leaf_point);
        ASSERT_EQ(direct(ground<E>(circuit, {{zero.vanishing, weights}})), E());
    }
}

/// Layouts: what evaluate() says of a functional is the extension of the vector that add() makes.
void expect_layouts_to_agree(Compiled& model, RandomElements& random) {
    const Circuit& circuit = model.circuit;
    const auto point = random.point(static_cast<std::size_t>(circuit.witness_variables));
    for (const Column& column : circuit.columns) {
        Functional<E> functional{column.shape, {}};
        for (std::size_t axis = 0; axis < column.shape.rank(); ++axis)
            functional.factors.push_back({{static_cast<Axis>(axis)}, random.point(column.shape[axis])});
        std::vector<E> table(std::size_t{1} << circuit.witness_variables);
        add<E>(functional, column.layout, table);
        ASSERT_EQ(evaluate<E>(functional, column.layout, point), extension_at(table, point));
    }
}

class CircuitOf : public ::testing::TestWithParam<int> {};

TEST_P(CircuitOf, RandomGraphsComputesTheReference) {
    RandomElements random(static_cast<std::uint64_t>(GetParam()));
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        SCOPED_TRACE(seed);
        const auto graph = ml::testing::random_graph(seed, {.nodes = 3, .elements = 120, .only = GetParam()});
        const auto known = seed % 2 == 0 ? testing::Known::inputs : testing::Known::nothing;
        const auto model = testing::compiled(graph, ml::testing::random_inputs(graph, seed), known);
        ASSERT_TRUE(model) << model.error().context;
        expect_outputs_of_the_reference(*model.value());
        expect_satisfied(*model.value());
        expect_claims_to_mean_their_grounds(*model.value(), random);
        expect_layouts_to_agree(*model.value(), random);
        if (HasFatalFailure()) return;
    }
}

INSTANTIATE_TEST_SUITE_P(Zk, CircuitOf,
                         ::testing::Range(0, static_cast<int>(std::variant_size_v<ml::Operation>)),
                         [](const auto& of) {
                             return std::string(ml::operation_name(static_cast<std::size_t>(of.param)));
                         });

}  // namespace
}  // namespace valence::zk
