// The circuit of random graphs of every operation it covers: its assignment gives the reference's outputs,
// satisfies every lookup and every zero, and claims mean what they are taken down to.
#include <random>

#include <gtest/gtest.h>

#include "valence/ml/graph/describe.hpp"
#include "valence/ml/reference/evaluate.hpp"
#include "valence/ml/testing/random_graph.hpp"
#include "valence/zk/prover/witness/term_tables.hpp"

namespace valence::zk {
namespace {

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

struct Compiled {
    ml::Graph graph;
    std::vector<ml::Values> inputs;
    std::unique_ptr<Assignment> assignment;
    Circuit circuit;
};

/// Null if the graph has an operation that no proof covers.
std::unique_ptr<Compiled> compiled(ml::Graph graph, std::vector<ml::Values> inputs) {
    auto result = std::make_unique<Compiled>(Compiled{std::move(graph), std::move(inputs), nullptr, {}});
    result->assignment = std::make_unique<Assignment>(result->graph, result->inputs);
    auto circuit = compile(result->graph, *result->assignment);
    if (!circuit) {
        EXPECT_EQ(circuit.error().code, make_error_code(CircuitError::unsupported_operation));
        return nullptr;
    }
    result->circuit = std::move(circuit).value();
    result->assignment->complete(result->circuit);
    return result;
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
    for (const Lookup& lookup : model.circuit.lookups) {
        for (const Goldilocks value : model.assignment->values(model.circuit, lookup.entries[0]))
            ASSERT_LT(value.value(), std::uint64_t{1} << lookup.selector.value());
    }
    for (const Zero& zero : model.circuit.zeros) {
        for (const Goldilocks value : model.assignment->values(model.circuit, zero.vanishing))
            ASSERT_EQ(value, Goldilocks(0));
    }
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
            const auto tables = term_tables(circuit, *model.assignment, product);
            E of_product;
            for (std::size_t k = 0; k < tables.left.size(); ++k)
                of_product += tables.left[k] * tables.right[k];
            EXPECT_EQ(of_product,
                      value_on(product.functional, model.assignment->values(circuit, product.quantity)));
            sum += of_product;
        }
        return sum;
    };
    for (const Lookup& lookup : circuit.lookups) {
        const Claim<E> claim{lookup.entries[0], lookup.layout.weights<E>(leaf_point)};
        const E value = value_on(claim.functional, model.assignment->values(circuit, claim.quantity));
        const Grounded<E> grounded = ground<E>(circuit, {claim});
        ASSERT_EQ(direct(grounded), value);
        for (const Claim<E>& product : grounded.products) {
            const auto point =
                random.point(static_cast<std::size_t>(term_variables(circuit, product.quantity)));
            const auto tables = term_tables(circuit, *model.assignment, product);
            const Sides<E> sides = sides_at<E>(circuit, product, point);
            ASSERT_EQ(direct(ground<E>(circuit, {sides.left})), extension_at(tables.left, point));
            ASSERT_EQ(direct(ground<E>(circuit, {sides.right})), extension_at(tables.right, point));
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
    int covered = 0;
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        SCOPED_TRACE(seed);
        const auto graph = ml::testing::random_graph(seed, {.nodes = 3, .elements = 200, .only = GetParam()});
        const auto model = compiled(graph, ml::testing::random_inputs(graph, seed));
        if (!model) continue;
        ++covered;
        expect_outputs_of_the_reference(*model);
        expect_satisfied(*model);
        expect_claims_to_mean_their_grounds(*model, random);
        expect_layouts_to_agree(*model, random);
        if (HasFatalFailure()) return;
    }
    RecordProperty("covered", covered);
    if (covered == 0) GTEST_SKIP() << "no proof covers this operation yet";
}

INSTANTIATE_TEST_SUITE_P(Zk, CircuitOf,
                         ::testing::Range(0, static_cast<int>(std::variant_size_v<ml::Operation>)));

}  // namespace
}  // namespace valence::zk
