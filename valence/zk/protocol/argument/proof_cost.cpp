#include "valence/zk/protocol/argument/proof_cost.hpp"

#include <algorithm>

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

bool is_bilinear(const Definition& definition) {
    return std::holds_alternative<InnerProducts>(definition) ||
           std::holds_alternative<Convolved>(definition) ||
           std::holds_alternative<Multiplication>(definition);
}

/// Messages of the argument: layers of the fractions' sum, rounds of the products', and their sides, of which
/// a bilinear quantity has one pair for each claim on it, rarely more than these.
std::uint64_t argument_bytes(const Circuit& circuit, const SecurityProfile& profile) {
    constexpr std::uint64_t kClaimsEach = 8;
    constexpr std::uint64_t kRounds = 40;
    const std::uint64_t layers = fraction_variables(circuit.leaves);
    const auto products = static_cast<std::uint64_t>(std::ranges::count_if(
        circuit.quantities, [](const Quantity& quantity) { return is_bilinear(quantity.definition); }));
    const std::uint64_t messages =
        layers * (layers + 1) + 4 * (layers + 1) + 2 * kRounds + 2 * kClaimsEach * products + 1;
    return messages * 8 * static_cast<std::uint64_t>(profile.extension_degree);
}

std::uint64_t most_bytes(const Circuit& circuit, const OpeningParameters& opening) {
    // The openings' estimate is of the siblings that positions need on average.
    return opening.estimated_bytes + opening.estimated_bytes / 4 + argument_bytes(circuit, opening.profile) +
           circuit.quantities.size() + 1'024;
}

/// Adds what checking a run of this circuit takes to `cost`, in place of what another run took.
Result<void> count(const Circuit& circuit, const ml::Graph& graph, std::span<const ml::Values> inputs,
                   std::uint64_t most_measured, ProofCost& cost) {
    cost.quantities = circuit.quantities.size();
    cost.factors = 0;
    for (const Column& column : circuit.columns)
        cost.factors += factors_of(column.layout);
    for (const Lookup& lookup : circuit.lookups)
        cost.factors += factors_of(lookup.layout);
    for (const auto& weight : circuit.weights)
        if (weight) cost.factors += factors_of(weight->layout);
    cost.table_entries = 0;
    for (const LookupTable& table : circuit.tables)
        cost.table_entries += rows(table.rows) * width(table.rows);
    cost.elements = 0;
    for (const auto& ports : {graph.main.inputs, graph.main.outputs})
        for (const ml::TensorId id : ports)
            cost.elements += graph.main.tensors[id].shape.elements();
    BOOST_OUTCOME_TRY(cost.touched, checking_work(circuit, graph, inputs, most_measured - cost.measured));
    cost.measured += cost.touched;
    return success();
}

// Nanoseconds, measured as docs/inference.md says.
constexpr std::uint64_t kFixed = 150'000;
constexpr std::uint64_t kQuantity = 2'000;
constexpr std::uint64_t kTouched = 4;
constexpr std::uint64_t kTableEntry = 5;
constexpr std::uint64_t kByte = 5;
constexpr std::uint64_t kCompiled = 4;

std::uint64_t work_of(const ProofCost& cost, const OpeningParameters& opening, std::uint64_t compiled) {
    return kFixed + kQuantity * cost.quantities + kTouched * cost.touched + kTableEntry * cost.table_entries +
           kByte * opening.estimated_bytes + kCompiled * compiled;
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
    BOOST_OUTCOME_TRYV(count(usual, graph, inputs, most_measured, cost));
    cost.work = work_of(cost, usual_opening, compiled);
    cost.most_bytes = most_bytes(usual, usual_opening);
    const std::uint64_t usually_touched = cost.touched;

    // A model at the limit of what can be proved may have no proof of a run that saturates everywhere; those
    // that it has of others take no more than that one would.
    std::uint64_t largest_work = kMostForSaturation * cost.work;
    LargestRun largest_run;
    if (const auto largest = compile(graph, largest_run, inputs)) {
        if (const auto opening = secure_parameters(largest.value(), profile)) {
            BOOST_OUTCOME_TRYV(count(largest.value(), graph, inputs, most_measured, cost));
            largest_work = work_of(cost, opening.value(), compiled);
            cost.most_bytes = std::max(cost.most_bytes, most_bytes(largest.value(), opening.value()));
        }
    }
    cost.work = std::max(cost.work, largest_work);
    cost.most_touched = std::max(usually_touched, cost.touched);
    // Which functionals become one could depend on the run where indices do.
    cost.most_touched += cost.most_touched / 2 + kSlack;
    return cost;
}

}  // namespace valence::zk
