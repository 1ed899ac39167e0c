#include "valence/zk/protocol/argument/proof_cost.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "valence/ml/functions/build_time.hpp"
#include "valence/zk/protocol/argument/account.hpp"
#include "valence/zk/protocol/argument/checking_work.hpp"
#include "valence/zk/protocol/circuit/compile.hpp"
#include "valence/zk/protocol/circuit/compile_work.hpp"
#include "valence/zk/protocol/circuit/tables.hpp"
#include "valence/zk/protocol/sums/fractional_sum.hpp"

namespace valence::zk {
namespace {

/// Levels of trees that are half as deep again as they are on average.
std::uint64_t usual_levels(const ml::Graph& graph, const ml::TreeEnsemble& trees) {
    const std::uint64_t count = graph.weights[trees.roots].shape[0];
    const std::uint64_t steps = std::min(trees.steps, 64 * count);
    return (3 * steps + 2 * count - 1) / (2 * count);
}

/// Nothing is cut off, and trees are not much deeper than each other.
class UsualRun final : public SaturationSource {
public:
    explicit UsualRun(const ml::Graph& graph) : graph_(graph) {}
    Result<Saturation> saturation(const Circuit&, QuantityId, const ml::Requantisation&) override {
        return Saturation{};
    }
    Result<Saturation> tree_level(const Circuit&, QuantityId, const ml::TreeEnsemble& trees,
                                  std::uint64_t level) override {
        return Saturation{level < usual_levels(graph_, trees) ? Excess::bits_30 : Excess::none, Excess::none};
    }

private:
    const ml::Graph& graph_;
};

/// With all results cut off, and all levels of trees that there could be, a circuit is as large as it gets.
class LargestRun final : public SaturationSource {
public:
    Result<Saturation> saturation(const Circuit&, QuantityId, const ml::Requantisation&) override {
        return Saturation{Excess::bits_30, Excess::bits_30};
    }
    Result<Saturation> tree_level(const Circuit&, QuantityId, const ml::TreeEnsemble&,
                                  std::uint64_t) override {
        return Saturation{Excess::bits_30, Excess::none};
    }
};

/// Numbers of the factors that Layout::weights() makes.
std::uint64_t factors_of(const Layout& layout) {
    std::uint64_t count = 0;
    for (const auto& group : layout.groups)
        count += extent_of(layout.shape, group);
    return count;
}

/// Messages of the argument: layers of the fractions' sum, rounds of the products', and their sides.
std::uint64_t argument_bytes(const Circuit& circuit, std::uint64_t terms, const SecurityProfile& profile) {
    constexpr std::uint64_t kRounds = 40;
    const std::uint64_t layers = fraction_variables(circuit.leaves);
    const std::uint64_t messages = layers * (layers + 1) + 4 * (layers + 1) + 2 * kRounds + 2 * terms + 1;
    return messages * 8 * static_cast<std::uint64_t>(profile.extension_degree);
}

/// The opening's estimate is what t positions take that lie as far apart as they can: no others have more
/// siblings, or more leaves, except in trees of a few dozen leaves. An eighth more, since a run between the
/// two that are priced may have tables whose shape is worse than both; terms, since they depend on the run
/// where indices say how elements move. Flags are at most one a definition.
std::uint64_t most_bytes(const Circuit& circuit, std::uint64_t terms, const OpeningParameters& opening) {
    constexpr std::uint64_t kFewLeaves = 4'096;
    return opening.estimated_bytes + opening.estimated_bytes / 8 +
           argument_bytes(circuit, terms + terms / 2, opening.profile) + circuit.quantities.size() +
           kFewLeaves;
}

/// Numbers that a table's rows make the verifier touch, once each: all entries of tables that it lists; of a
/// function's entries the values alone, since arguments ascend; of numbers in order none.
std::uint64_t entries_of(const TableRows& table) {
    if (std::holds_alternative<SpanTable>(table)) return 0;
    return std::holds_alternative<EntryTable>(table) ? rows(table) : rows(table) * width(table);
}

/// Nanoseconds of building a function's table again; 0 of other tables.
std::uint64_t building(const TableRows& rows) {
    const auto* segments = std::get_if<SegmentTable>(&rows);
    const auto* entries = std::get_if<EntryTable>(&rows);
    if (segments == nullptr && entries == nullptr) return 0;
    const ml::Function function = (segments != nullptr ? segments->function : entries->function).function;
    // Segments are knots, unless some entries are exact.
    if (segments != nullptr && ml::keeps_knots(function)) return 0;
    return 1'000 * std::uint64_t{ml::rebuild_microseconds(function)};
}

/// Whether several inputs say how elements move. Of short ones some orders keep more claims apart than those
/// that were tried, less than twice as many where that was looked at.
bool has_several_orders(const ml::Graph& graph) {
    return std::ranges::count_if(graph.main.inputs, [&](ml::TensorId id) {
               const ml::Tensor& tensor = graph.main.tensors[id];
               return tensor.type == ml::ElementType::index && tensor.shape.elements() > 1;
           }) > 1;
}

/// What compiling a definition and going through its claims takes whoever finds a cost out, beside the
/// numbers of these, in such numbers: short claims are lists of lists, 3 to 6 µs of a definition's.
constexpr std::uint64_t kMeasuredForDefinition = 512;

/// Adds what checking a run of this circuit takes to `cost`, in place of what another run took. Gives the
/// number of terms.
Result<std::uint64_t> count(const Circuit& circuit, const ml::Graph& graph,
                            std::span<const ml::Values> inputs, std::uint64_t most_measured,
                            ProofCost& cost) {
    cost.quantities = circuit.quantities.size();
    cost.factors = 0;
    for (const Column& column : circuit.columns)
        cost.factors += factors_of(column.layout);
    for (const Lookup& lookup : circuit.lookups)
        cost.factors += factors_of(lookup.layout);
    for (const auto& weight : circuit.weights)
        if (weight) cost.factors += factors_of(weight->layout);
    cost.table_entries = 0;
    cost.table_building = 0;
    for (const LookupTable& table : circuit.tables) {
        cost.table_entries += entries_of(table.rows);
        cost.table_building += building(table.rows);
    }
    cost.elements = 0;
    for (const auto& ports : {graph.main.inputs, graph.main.outputs})
        for (const ml::TensorId id : ports)
            cost.elements += graph.main.tensors[id].shape.elements();
    const std::uint64_t definitions = kMeasuredForDefinition * cost.quantities;
    if (definitions > most_measured - cost.measured)
        return Error{CircuitError::too_large, fmt::format("{} definitions", cost.quantities)};
    cost.measured += definitions;
    BOOST_OUTCOME_TRY(const CheckingWork work,
                      checking_work(circuit, graph, inputs, most_measured - cost.measured));
    cost.touched = has_several_orders(graph) ? 2 * work.touched : work.touched;
    cost.measured += work.touched;
    return work.terms;
}

// Picoseconds, measured as docs/inference.md says.
constexpr std::uint64_t kFixed = 250'000'000;
constexpr std::uint64_t kQuantity = 2'800'000;
constexpr std::uint64_t kTouched = 2'900;
constexpr std::uint64_t kTableEntry = 5'000;
constexpr std::uint64_t kByte = 4'000;
constexpr std::uint64_t kCompiled = 5'000;

/// Nanoseconds.
std::uint64_t work_of(const ProofCost& cost, const OpeningParameters& opening, std::uint64_t compiled) {
    const std::uint64_t picoseconds = kFixed + kQuantity * cost.quantities + kTouched * cost.touched +
                                      kTableEntry * cost.table_entries + kByte * opening.estimated_bytes +
                                      kCompiled * compiled;
    return picoseconds / 1'000 + cost.table_building;
}

/// How many times what a usual run takes one takes that saturates everywhere: two elements and up to four
/// lookups beside one and two or three.
constexpr std::uint64_t kMostForSaturation = 3;

constexpr std::uint64_t kSlack = std::uint64_t{1} << 16;

}  // namespace

Result<ProofCost> proof_cost(const ml::Graph& graph, const SecurityProfile& profile,
                             std::uint64_t most_measured) {
    BOOST_OUTCOME_TRY(const SomeInputs made, some_inputs(graph, most_measured));
    const std::span<const ml::Values> inputs(made.tensors);
    const std::uint64_t compiled = compile_work(graph);
    UsualRun usual_run(graph);
    BOOST_OUTCOME_TRY(const Circuit usual, compile(graph, usual_run, inputs));
    BOOST_OUTCOME_TRY(const OpeningParameters usual_opening, secure_parameters(usual, profile));
    ProofCost cost;
    cost.measured = made.touched;
    BOOST_OUTCOME_TRY(const std::uint64_t usual_terms, count(usual, graph, inputs, most_measured, cost));
    cost.work = work_of(cost, usual_opening, compiled);
    cost.most_bytes = most_bytes(usual, usual_terms, usual_opening);
    const std::uint64_t usually_touched = cost.touched;

    // A model at the limit of what can be proved may have no proof of a run that saturates everywhere; those
    // that it has of others take no more than that one would.
    std::uint64_t largest_work = kMostForSaturation * cost.work;
    LargestRun largest_run;
    if (const auto largest = compile(graph, largest_run, inputs)) {
        if (const auto opening = secure_parameters(largest.value(), profile)) {
            BOOST_OUTCOME_TRY(const std::uint64_t terms,
                              count(largest.value(), graph, inputs, most_measured, cost));
            largest_work = work_of(cost, opening.value(), compiled);
            cost.most_bytes = std::max(cost.most_bytes, most_bytes(largest.value(), terms, opening.value()));
        }
    }
    cost.work = std::max(cost.work, largest_work);
    cost.most_touched = std::max(usually_touched, cost.touched);
    // Which functionals become one depends on the run where indices do; some_inputs() has them become few.
    cost.most_touched += cost.most_touched / 2 + kSlack;
    return cost;
}

}  // namespace valence::zk
