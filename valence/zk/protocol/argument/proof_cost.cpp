#include "valence/zk/protocol/argument/proof_cost.hpp"

#include <algorithm>

#include "valence/zk/protocol/argument/account.hpp"
#include "valence/zk/protocol/circuit/compile.hpp"
#include "valence/zk/protocol/circuit/compile_work.hpp"
#include "valence/zk/protocol/circuit/tables.hpp"
#include "valence/zk/protocol/sums/fractional_sum.hpp"

namespace valence::zk {
namespace {

/// Says the same of every requantisation: with all of them cut off, a circuit is as large as it gets.
class Always final : public SaturationSource {
public:
    explicit Always(Saturation saturation) : saturation_(saturation) {}
    Result<Saturation> saturation(const Circuit&, QuantityId, const ml::Requantisation&) override {
        return saturation_;
    }

private:
    const Saturation saturation_;
};

/// Numbers of the factors that Layout::weights() makes.
std::uint64_t factors_of(const Layout& layout) {
    std::uint64_t count = 0;
    for (const auto& group : layout.groups) {
        std::uint64_t size = 1;
        for (const Axis axis : group)
            size *= layout.shape[axis];
        count += size;
    }
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

ProofCost count(const Circuit& circuit, const ml::Graph& graph) {
    ProofCost cost;
    cost.quantities = circuit.quantities.size();
    for (const Column& column : circuit.columns)
        cost.factors += factors_of(column.layout);
    for (const Lookup& lookup : circuit.lookups)
        cost.factors += factors_of(lookup.layout);
    for (const auto& weight : circuit.weights)
        if (weight) cost.factors += factors_of(weight->layout);
    for (const LookupTable& table : circuit.tables)
        cost.table_entries += rows(table.rows) * width(table.rows);
    for (const auto& ports : {graph.main.inputs, graph.main.outputs})
        for (const ml::TensorId id : ports)
            cost.elements += graph.main.tensors[id].shape.elements();
    return cost;
}

// Nanoseconds, measured as docs/inference.md says.
constexpr std::uint64_t kFixed = 100'000;
constexpr std::uint64_t kQuantity = 5'000;
constexpr std::uint64_t kFactor = 140;
constexpr std::uint64_t kTableEntry = 20;
constexpr std::uint64_t kElement = 20;
constexpr std::uint64_t kByte = 7;
constexpr std::uint64_t kCompiled = 4;

}  // namespace

Result<ProofCost> proof_cost(const ml::Graph& graph, const SecurityProfile& profile) {
    Always nothing{{}};
    BOOST_OUTCOME_TRY(const Circuit usual, compile(graph, nothing));
    BOOST_OUTCOME_TRY(const OpeningParameters usual_opening, secure_parameters(usual, profile));
    ProofCost cost = count(usual, graph);
    cost.most_bytes = most_bytes(usual, usual_opening);
    cost.work = kFixed + kQuantity * cost.quantities + kFactor * cost.factors +
                kTableEntry * cost.table_entries + kElement * cost.elements +
                kByte * usual_opening.estimated_bytes + kCompiled * compile_work(graph);

    // A model at the limit of what can be proved may have no proof of a run that saturates everywhere.
    Always everything{{Excess::bits_30, Excess::bits_30}};
    if (const auto largest = compile(graph, everything)) {
        if (const auto opening = secure_parameters(largest.value(), profile))
            cost.most_bytes = std::max(cost.most_bytes, most_bytes(largest.value(), opening.value()));
    }
    return cost;
}

}  // namespace valence::zk
