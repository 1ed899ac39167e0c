// Cheating: whatever one changes in an assignment, either a lookup or a zero is violated or the outputs are
// still the reference's.
#include <random>

#include <gtest/gtest.h>

#include "valence/ml/graph/describe.hpp"
#include "valence/ml/reference/evaluate.hpp"
#include "valence/ml/testing/random_graph.hpp"
#include "valence/zk/prover/witness/testing/compiled.hpp"
#include "valence/zk/prover/witness/violation.hpp"

namespace valence::zk {
namespace {

using testing::Compiled;

bool gives(Compiled& model, const std::vector<ml::Values>& expected) {
    for (const Output& output : model.circuit.outputs) {
        const auto values = model.assignment->values(model.circuit, output.quantity);
        for (std::size_t k = 0; k < values.size(); ++k) {
            if (to_signed(values[k]) != expected[output.port].data[k]) return false;
        }
    }
    return true;
}

class ForgeryOf : public ::testing::TestWithParam<int> {};

TEST_P(ForgeryOf, AnyColumnChangesNoOutputUnseen) {
    std::mt19937_64 random(static_cast<std::uint64_t>(GetParam()));
    int violations = 0;
    for (std::uint64_t seed = 0; seed < 16; ++seed) {
        const auto graph = ml::testing::random_graph(seed, {.nodes = 1, .elements = 24, .only = GetParam()});
        const auto inputs = ml::testing::random_inputs(graph, seed);
        const auto expected = ml::evaluate(graph, inputs).value();
        const std::uint8_t limb_bits = std::array<std::uint8_t, 3>{8, 15, 16}[seed % 3];
        const auto compiled = [&] {
            return testing::compiled(graph, inputs, testing::Known::inputs, limb_bits);
        };
        const auto honest = compiled();
        ASSERT_TRUE(honest) << honest.error().context;
        for (ColumnId column = 0; column < honest.value()->circuit.columns.size(); ++column) {
            for (const auto others : {Assignment::Others::stay, Assignment::Others::follow}) {
                const auto model = compiled();
                Compiled& forged = *model.value();
                if (std::holds_alternative<Multiplicity>(forged.circuit.columns[column].rule)) continue;
                const auto elements = forged.assignment->column(column);
                const std::size_t position = random() % elements.size();
                // Fractions are elements of the field too.
                const Goldilocks changes[] = {Goldilocks(1),
                                              Goldilocks::of(-1),
                                              Goldilocks(64),
                                              Goldilocks(256),
                                              Goldilocks(65536),
                                              Goldilocks(random() >> 8),
                                              Goldilocks(2).inverse(),
                                              Goldilocks(64).inverse(),
                                              -Goldilocks(64).inverse(),
                                              Goldilocks(1 << 15).inverse()};
                const Goldilocks element = random() % 4 == 0
                                               ? Goldilocks(random() % 2)
                                               : elements[position] + changes[random() % std::size(changes)];
                if (element == elements[position]) continue;
                forged.assignment->forge(forged.circuit, column, position, element, others);
                if (first_violation(forged.circuit, *forged.assignment))
                    ++violations;
                else
                    ASSERT_TRUE(gives(forged, expected))
                        << "seed " << seed << ", column " << column << "[" << position << "]";
            }
        }
    }
    RecordProperty("violations", violations);
}

INSTANTIATE_TEST_SUITE_P(Zk, ForgeryOf,
                         ::testing::Range(0, static_cast<int>(std::variant_size_v<ml::Operation>)));

}  // namespace
}  // namespace valence::zk
