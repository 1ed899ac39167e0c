// Cheating at each operator in the ways that suggest themselves, and the check that catches each.
#include <gtest/gtest.h>

#include "valence/zk/prover/witness/testing/compiled.hpp"
#include "valence/zk/prover/witness/violation.hpp"

namespace valence::zk {
namespace {

using ml::ElementType;
using testing::Compiled;

ml::Values activations(const ml::Shape& shape, std::vector<std::int64_t> data) {
    return {ElementType::activation, shape, std::move(data)};
}
ml::Values indices(const ml::Shape& shape, std::vector<std::int64_t> data) {
    return {ElementType::index, shape, std::move(data)};
}

ml::Weight weight(ml::WeightType type, const ml::Shape& shape, const std::vector<std::int64_t>& elements) {
    ml::Weight made{type, shape, {}};
    for (const std::int64_t element : elements) {
        for (std::size_t byte = 0; byte < ml::width(type); ++byte)
            made.data.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(element) >> (8 * byte)));
    }
    return made;
}

/// Puts an element into the nth column with a rule of this kind.
struct Change {
    std::size_t rule = 0;
    std::size_t nth = 0;
    std::size_t position = 0;
    std::int64_t element = 0;
};
template <typename Rule, std::size_t I = 0>
constexpr std::size_t rule() {
    if constexpr (std::is_same_v<std::variant_alternative_t<I, ColumnRule>, Rule>)
        return I;
    else
        return rule<Rule, I + 1>();
}

struct Cheat {
    const char* name;
    ml::Operation operation;
    std::vector<ml::Values> inputs;
    std::vector<std::pair<ElementType, ml::Shape>> outputs;
    std::vector<Change> changes;
    /// How the violation's description begins, up to its numbers: "zero", "lookup (segments".
    std::string caught_by;
    std::vector<ml::Weight> weights{};
    std::vector<ml::Subgraph> bodies{};
};

ml::Graph graph_of(const Cheat& cheat) {
    ml::Graph graph;
    ml::Node node{cheat.operation, {}, {}, "node"};
    const auto add = [&](ElementType type, const ml::Shape& shape) {
        graph.main.tensors.push_back({type, shape, 8});
        return static_cast<ml::TensorId>(graph.main.tensors.size() - 1);
    };
    for (const ml::Values& input : cheat.inputs) {
        node.inputs.push_back(add(input.type, input.shape));
        graph.main.inputs.push_back(node.inputs.back());
        graph.inputs.push_back({"in", "", node.inputs.back(), {}});
    }
    for (const auto& [type, shape] : cheat.outputs) {
        node.outputs.push_back(add(type, shape));
        graph.main.outputs.push_back(node.outputs.back());
        graph.outputs.push_back({"out", "", node.outputs.back(), {}});
    }
    graph.main.nodes.push_back(std::move(node));
    graph.weights = cheat.weights;
    graph.bodies = cheat.bodies;
    return graph;
}

void change(Compiled& model, const Change& to) {
    std::size_t nth = 0;
    for (ColumnId column = 0; column < model.circuit.columns.size(); ++column) {
        if (model.circuit.columns[column].rule.index() != to.rule || nth++ != to.nth) continue;
        model.assignment->forge(model.circuit, column, to.position, Goldilocks::of(to.element),
                                Assignment::Others::follow);
        return;
    }
    FAIL() << "no such column";
}

/// "lookup (range, selector 6)" or "zero": what the description says without numbers of checks and elements.
std::string check_of(const Circuit& circuit, const Violation& violation) {
    const std::string whole = describe(circuit, violation);
    if (violation.kind == Violation::Kind::zero) return "zero";
    const std::size_t begin = whole.find('(');
    return "lookup " + whole.substr(begin, whole.find(')') - begin + 1);
}

constexpr auto kActivation = ElementType::activation;
constexpr auto kIndex = ElementType::index;
constexpr auto kMaximum = ml::Extremum::maximum;
const std::pair<ElementType, ml::Shape> kOne{kActivation, ml::Shape{1}};

const ml::Table kGelu{ml::Function::gelu, 8, 8, 0, 0};
const ml::Table kRoot{ml::Function::square_root, 8, 8, 0, 0};
const ml::Table kSteps{ml::Function::floor, 8, 8, 0, 0};
// Inner: row 0 (feature 0 ≤ 5), row 1 (feature 1 ≤ −3); leaves rows 2, 3, 4 with values 10, 20, 30.
const std::vector<ml::Weight> kTree{
    weight(ml::WeightType::int32, {5, 4}, {0, 5, 1, 2, 1, -3, 3, 4, -1, 0, 0, 0, -1, 0, 1, 0, -1, 0, 2, 0}),
    weight(ml::WeightType::int32, {1}, {0}), weight(ml::WeightType::int64, {3, 1}, {10, 20, 30})};
const ml::TreeEnsemble kForest{0, 1, 2, {}, {}, 3};

/// state + element, and the state as the sequence.
ml::Subgraph running_sum() {
    ml::Subgraph body;
    for (int tensor = 0; tensor < 3; ++tensor)
        body.tensors.push_back({kActivation, {1}, 8});
    body.inputs = {0, 1};
    body.outputs = {2};
    body.nodes.push_back({ml::Combination{{1, 1}, {}, {}}, {0, 1}, {2}, "sum"});
    return body;
}

const std::vector<Cheat> kCheats{
    {"Function off by one",
     ml::Lookup{kGelu},
     {activations({1}, {777})},
     {kOne},
     {{rule<Shifted>(), 0, 0, 772}},
     "lookup (range, selector 6)"},
    {"Function of the segment before, as if x were there",
     ml::Lookup{kGelu},
     {activations({1}, {1000})},
     {kOne},
     {{rule<RowEntry>(), 0, 0, 896}},
     "lookup (segments, selector 0)"},
    {"Function interpolated where entries are exact",
     ml::Lookup{kRoot},
     {activations({1}, {70})},
     {kOne},
     {{rule<RowEntry>(), 0, 0, 64}, {rule<RowEntry>(), 1, 0, 128}},
     "lookup (listed, selector 0)"},
    {"Function of a row that is none",
     ml::Lookup{kSteps},
     {activations({1}, {300})},
     {kOne},
     {{rule<RowEntry>(), 0, 0, 512}},
     "lookup (entries, selector 0)"},
    {"Greater than both",
     ml::ElementwiseExtremum{kMaximum},
     {activations({1}, {3}), activations({1}, {9})},
     {kOne},
     {{rule<Greatest>(), 0, 0, 10}},
     "zero"},
    {"The lesser of two",
     ml::ElementwiseExtremum{kMaximum},
     {activations({1}, {3}), activations({1}, {9})},
     {kOne},
     {{rule<Greatest>(), 0, 0, 3}},
     "lookup (range, selector 8)"},
    {"The second greatest of a line",
     ml::ReduceExtremum{kMaximum, {0}},
     {activations({4}, {3, 9, 8, 9})},
     {kOne},
     {{rule<GreatestAlong>(), 0, 0, 8}},
     "lookup (range, selector 8)"},
    {"Greater than the whole line",
     ml::ReduceExtremum{kMaximum, {0}},
     {activations({4}, {3, 9, 8, 9})},
     {kOne},
     {{rule<GreatestAlong>(), 0, 0, 10}},
     "zero"},
    {"The later of equal elements",
     ml::ArgExtremum{kMaximum, 0},
     {activations({4}, {3, 9, 8, 9})},
     {{kIndex, {1}}},
     {{rule<FirstZero>(), 0, 1, 0}, {rule<FirstZero>(), 0, 3, 1}},
     "zero"},
    {"The key of the later of equal elements",
     ml::ArgExtremum{kMaximum, 0},
     {activations({4}, {3, 9, 8, 9})},
     {{kIndex, {1}}},
     {{rule<GreatestAlong>(), 0, 0, 36}},
     "lookup (range, selector 2)"},
    {"Equal elements in the wrong order",
     ml::TopK{kMaximum, 0},
     {activations({4}, {3, 9, 8, 9})},
     {{kActivation, {2}}, {kIndex, {2}}},
     {{rule<Foremost>(), 1, 0, 0}, {rule<Foremost>(), 1, 1, 2}},
     "lookup (range, selector 2)"},
    {"An element that is not there",
     ml::TopK{kMaximum, 0},
     {activations({4}, {3, 9, 8, 9})},
     {{kActivation, {2}}, {kIndex, {2}}},
     {{rule<Foremost>(), 0, 0, 10}},
     "lookup (computed, selector 0)"},
    {"A foremost element left out",
     ml::TopK{kMaximum, 0},
     {activations({4}, {3, 9, 8, 9})},
     {{kActivation, {2}}, {kIndex, {2}}},
     {{rule<Foremost>(), 0, 1, 8}, {rule<Foremost>(), 1, 1, 1}},
     "zero"},
    {"A place of the next line",
     ml::TopK{kMaximum, 1},
     {activations({2, 2}, {3, 9, 10, 1})},
     {{kActivation, {2, 1}}, {kIndex, {2, 1}}},
     {{rule<Foremost>(), 0, 0, 10}, {rule<Foremost>(), 1, 0, -1}},
     "lookup (range, selector 1)"},
    {"Softmax off by one",
     ml::Softmax{8},
     {activations({3}, {100, 200, 300})},
     {{kActivation, {3}}},
     {{rule<Quotient>(), 0, 1, 12000}},
     "lookup (range, selector 1)"},
    {"Softmax shifted by more than the maximum",
     ml::Softmax{8},
     {activations({3}, {100, 200, 300})},
     {{kActivation, {3}}},
     {{rule<GreatestAlong>(), 0, 0, 301}},
     "zero"},
    {"Normalised off by one",
     ml::Normalise{ml::Norm::layer, 5, 12},
     {activations({3}, {100, 200, 300})},
     {{kActivation, {3}}},
     {{rule<Quotient>(), 0, 1, 1}},
     "lookup (range, selector 8)"},
    {"Another power of two",
     ml::Normalise{ml::Norm::layer, 5, 12},
     {activations({3}, {100, 200, 300})},
     {{kActivation, {3}}},
     {{rule<RowEntry>(), 0, 0, 4096},
      {rule<RowEntry>(), 1, 0, std::int64_t{1} << 48},
      {rule<RowEntry>(), 2, 0, 1 << 24}},
     "lookup (range, selector 6)"},
    {"A power that is not its base's",
     ml::Normalise{ml::Norm::layer, 5, 12},
     {activations({3}, {100, 200, 300})},
     {{kActivation, {3}}},
     {{rule<RowEntry>(), 2, 0, 1 << 24}},
     "lookup (listed, selector 0)"},
    {"A root one less",
     ml::Normalise{ml::Norm::l2, 5, 12},
     {activations({2}, {300, 400})},
     {{kActivation, {2}}},
     {{rule<SquareRoot>(), 0, 0, 1}},
     "lookup (range, selector 8)"},
    {"A variance of 1 that is not",
     ml::Normalise{ml::Norm::l2, 0, 12},
     {activations({2}, {3, 4})},
     {{kActivation, {2}}},
     {{rule<Vanishes>(), 0, 0, 1}},
     "zero"},
    {"A quotient off by one",
     ml::Division{4},
     {activations({1}, {100}), activations({1}, {-7})},
     {kOne},
     {{rule<Quotient>(), 0, 0, -228}},
     "lookup (range, selector 8)"},
    {"A quotient that says it is cut off",
     ml::Division{12},
     {activations({2}, {10, 30000}), activations({2}, {7, 1})},
     {{kActivation, {2}}},
     {{rule<Quotient>(), 0, 0, 32767}},
     "lookup (range, selector 8)"},
    {"A quotient by 0 that is not the largest",
     ml::Division{4},
     {activations({1}, {1}), activations({1}, {0})},
     {kOne},
     {{rule<Quotient>(), 0, 0, 32766}},
     "zero"},
    {"A sign that is not the divisor's",
     ml::Division{4},
     {activations({1}, {100}), activations({1}, {7})},
     {kOne},
     {{rule<Negative>(), 0, 0, 1}},
     "lookup (range, selector 7)"},
    {"A divisor said to be 0",
     ml::Division{4},
     {activations({1}, {0}), activations({1}, {7})},
     {kOne},
     {{rule<Vanishes>(), 0, 0, 1}},
     "zero"},
    {"Less, of equals",
     ml::Comparison{ml::Relation::less},
     {activations({1}, {7}), activations({1}, {7})},
     {kOne},
     {{rule<Negative>(), 0, 0, 1}},
     "lookup (range, selector 8)"},
    {"Not less or equal, of equals",
     ml::Comparison{ml::Relation::less_or_equal},
     {activations({1}, {7}), activations({1}, {7})},
     {kOne},
     {{rule<Negative>(), 0, 0, 1}},
     "lookup (range, selector 8)"},
    {"Equal, of neighbours",
     ml::Comparison{ml::Relation::equal},
     {activations({1}, {7}), activations({1}, {8})},
     {kOne},
     {{rule<Vanishes>(), 0, 0, 1}},
     "zero"},
    {"Unequal, of equals",
     ml::Comparison{ml::Relation::equal},
     {activations({1}, {7}), activations({1}, {7})},
     {kOne},
     {{rule<Vanishes>(), 0, 0, 0}},
     "zero"},
    {"The other choice",
     ml::Choice{},
     {activations({1}, {2}), activations({1}, {7}), activations({1}, {8})},
     {kOne},
     {{rule<Copy>(), 0, 0, 8}},
     "zero"},
    {"An overflow not cut off",
     ml::IndexToActivation{8},
     {indices({1}, {200})},
     {kOne},
     {{rule<Quotient>(), 0, 0, 51200}},
     "lookup (range, selector 8)"},
    {"An index cut off that need not be",
     ml::IndexToActivation{8},
     {indices({1}, {20})},
     {kOne},
     {{rule<Quotient>(), 0, 0, 32767}},
     "zero"},
    {"A cast rounded down below 0",
     ml::ActivationToIndex{4},
     {activations({1}, {-17})},
     {{kIndex, {1}}},
     {{rule<Negative>(), 0, 0, 0}},
     "lookup (range, selector 7)"},
    {"An element of another place",
     ml::Gather{0, {}},
     {activations({3}, {5, 6, 7}), indices({1}, {1})},
     {kOne},
     {{rule<RowEntry>(), 0, 0, 7}},
     "lookup (computed, selector 0)"},
    {"A place within that is not the nearest",
     ml::Gather{0, {}},
     {activations({3}, {5, 6, 7}), indices({1}, {9})},
     {kOne},
     {{rule<Quotient>(), 0, 0, 1}},
     "zero"},
    {"The value of another key",
     ml::IndexMap{0, 1, 3},
     {indices({1}, {4})},
     {{kIndex, {1}}},
     {{rule<RowEntry>(), 0, 0, 6}, {rule<RowEntry>(), 1, 0, 6}, {rule<RowEntry>(), 2, 0, 50}},
     "lookup (range, selector 8)",
     {weight(ml::WeightType::int32, {2}, {4, 6}), weight(ml::WeightType::int32, {2}, {40, 50})}},
    {"The other child",
     kForest,
     {activations({1, 2}, {5, -2})},
     {{kActivation, {1, 1}}},
     {{rule<Negative>(), 0, 0, 1}},
     "lookup (range, selector 8)",
     kTree},
    {"A child of another node",
     kForest,
     {activations({1, 2}, {5, -2})},
     {{kActivation, {1, 1}}},
     {{rule<Copy>(), 0, 0, 2}},
     "zero",
     kTree},
    {"A node that is not there",
     kForest,
     {activations({1, 2}, {5, -2})},
     {{kActivation, {1, 1}}},
     {{rule<RowEntry>(), 1, 0, 4}},
     "lookup (computed, selector 0)",
     kTree},
    {"Another leaf's value",
     kForest,
     {activations({1, 2}, {5, -2})},
     {{kActivation, {1, 1}}},
     {{rule<RowEntry>(), 12, 0, 20}},
     "lookup (computed, selector 0)",
     kTree},
    {"A state that no step ended with",
     ml::Scan{0, 1, false},
     {activations({1}, {1}), activations({3, 1}, {1, 2, 3})},
     {kOne},
     {{rule<ScanStates>(), 0, 1, 5}},
     "zero",
     {},
     {running_sum()}},
};

TEST(Cheats, AreEachCaughtByTheCheckMeantToCatchThem) {
    for (const Cheat& cheat : kCheats) {
        SCOPED_TRACE(cheat.name);
        // Without the inputs, so that gathers look up.
        const ml::Graph graph = graph_of(cheat);
        const auto model = testing::compiled(graph, cheat.inputs, testing::Known::nothing);
        ASSERT_TRUE(model) << model.error().context;
        Compiled& forged = *model.value();
        ASSERT_FALSE(first_violation(forged.circuit, *forged.assignment));
        for (const Change& to : cheat.changes)
            change(forged, to);
        const auto violation = first_violation(forged.circuit, *forged.assignment);
        ASSERT_TRUE(violation);
        EXPECT_EQ(check_of(forged.circuit, *violation), cheat.caught_by)
            << describe(forged.circuit, *violation);
    }
}

/// 64·y is near the interpolation for y a 64th off too, as far as the field goes.
TEST(Cheats, FractionsOfFunctionsResultsAreNoActivations) {
    const ml::Graph graph = graph_of(kCheats[0]);
    for (const int sixty_fourths : {-1, 1}) {
        const auto model = testing::compiled(graph, kCheats[0].inputs, testing::Known::nothing);
        ASSERT_TRUE(model) << model.error().context;
        Compiled& forged = *model.value();
        ColumnId column = 0;
        while (!std::holds_alternative<Shifted>(forged.circuit.columns[column].rule))
            ++column;
        const Goldilocks near =
            forged.assignment->column(column)[0] + Goldilocks::of(sixty_fourths) * Goldilocks(64).inverse();
        forged.assignment->forge(forged.circuit, column, 0, near, Assignment::Others::follow);
        const auto violation = first_violation(forged.circuit, *forged.assignment);
        ASSERT_TRUE(violation);
        EXPECT_EQ(check_of(forged.circuit, *violation), "lookup (range, selector 8)");
    }
}

/// Answers that there is nothing to hold back, whatever there is.
class NothingSaturates final : public SaturationSource {
public:
    Result<Saturation> saturation(const Circuit&, QuantityId, const ml::Requantisation&) override {
        return Saturation{};
    }
};

TEST(Cheats, FlagsThatSayTooLittleLeaveNoAssignment) {
    const std::vector<Cheat> cases{
        {"Walks that end before a leaf",
         kForest,
         {activations({1, 2}, {5, -2})},
         {{kActivation, {1, 1}}},
         {},
         "lookup (computed, selector 0)",
         kTree},
        {"A quotient that is cut off",
         ml::Division{12},
         {activations({1}, {30000}), activations({1}, {1})},
         {kOne},
         {},
         "lookup (range, selector 8)"},
        {"A sum that is cut off",
         ml::Combination{{1, 1}, {}, {}},
         {activations({1}, {30000}), activations({1}, {30000})},
         {kOne},
         {},
         "zero"},
    };
    for (const Cheat& cheat : cases) {
        SCOPED_TRACE(cheat.name);
        const ml::Graph graph = graph_of(cheat);
        NothingSaturates nothing;
        const Circuit circuit = compile(graph, nothing).value();
        Assignment assignment(graph, cheat.inputs);
        assignment.complete(circuit);
        const auto violation = first_violation(circuit, assignment);
        ASSERT_TRUE(violation);
        EXPECT_EQ(check_of(circuit, *violation), cheat.caught_by) << describe(circuit, *violation);
    }
}

TEST(Circuits, AreRefusedWithTheNodesName) {
    const auto refused = [](const Cheat& of) {
        NothingSaturates nothing;
        const auto circuit = compile(graph_of(of), nothing);
        EXPECT_EQ(circuit.error().code, make_error_code(CircuitError::unsupported_operation));
        return circuit.error().context;
    };
    const ml::Shape long_rows{1, 65536};
    EXPECT_EQ(
        refused({"", ml::Normalise{}, {activations(long_rows, {})}, {{kActivation, long_rows}}, {}, ""}),
        "node 0 (Normalise \"node\"): Normalise over more elements than a proof's sums hold");
    ml::Subgraph body = running_sum();
    const ml::Shape deep{1, 1, 1, 1, 1, 1, 1, 1};
    body.tensors.push_back({kActivation, deep, 8});
    EXPECT_EQ(refused({"",
                       ml::Scan{0, 1, false},
                       {activations({1}, {}), activations({3, 1}, {})},
                       {kOne},
                       {},
                       "",
                       {},
                       {body}}),
              "node 0 (Scan \"node\"): a Scan of tensors of rank 8");
}

TEST(Cheats, TreesHaveTheLevelsTheirFlagsSayAndOneWayToSayIt) {
    class Fixed final : public SaturationSource {
    public:
        explicit Fixed(std::vector<Saturation> answers) : answers_(std::move(answers)) {}
        Result<Saturation> saturation(const Circuit&, QuantityId, const ml::Requantisation&) override {
            return next_ < answers_.size() ? answers_[next_++] : Saturation{};
        }

    private:
        std::vector<Saturation> answers_;
        std::size_t next_ = 0;
    };
    const ml::Graph graph =
        graph_of({"", kForest, {activations({1, 2}, {5, -2})}, {{kActivation, {1, 1}}}, {}, "", kTree});
    const Saturation more{Excess::bits_30, Excess::none};
    const auto with = [&](std::vector<Saturation> answers) {
        Fixed flags(std::move(answers));
        return compile(graph, flags);
    };
    EXPECT_TRUE(with({more, more}));
    const auto bad = make_error_code(CircuitError::bad_flags);
    EXPECT_EQ(with({{}, more}).error().code, bad);
    EXPECT_EQ(with({{Excess::bits_15, Excess::none}}).error().code, bad);
    EXPECT_EQ(with({{Excess::bits_30, Excess::bits_30}}).error().code, bad);
}

}  // namespace
}  // namespace valence::zk
