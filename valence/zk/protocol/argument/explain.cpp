#include "valence/zk/protocol/argument/explain.hpp"

#include <fmt/format.h>

#include "valence/zk/protocol/argument/account.hpp"
#include "valence/zk/protocol/proof/proof_error.hpp"

namespace valence::zk {
namespace {

bool is_bilinear_quantity(const Quantity& quantity) {
    return std::holds_alternative<InnerProducts>(quantity.definition) ||
           std::holds_alternative<Convolved>(quantity.definition) ||
           std::holds_alternative<Multiplication>(quantity.definition);
}

void line(std::string& text, std::string_view label, const std::string& what) {
    text += fmt::format("  {:<12} {}\n", label, what);
}

}  // namespace

Result<Explanation> explain(const ProvableModel& model, std::span<const ml::Values> inputs, BytesView proof) {
    ProofReader reader(proof);
    BOOST_OUTCOME_TRY(const BytesView head, reader.take_bytes(2));
    if (head[0] != kProofVersion)
        return Error{ProofError::bad_parameters, "version " + std::to_string(head[0])};
    BOOST_OUTCOME_TRY(const SecurityProfile profile, profile_of(head[1]));
    BOOST_OUTCOME_TRY(const BytesView bytes, reader.take_bytes(count_saturations(*model.graph)));
    BOOST_OUTCOME_TRY(auto flags, decode_flags(bytes));
    GivenSaturations saturations(std::move(flags));
    BOOST_OUTCOME_TRY(Circuit circuit, compile(*model.graph, saturations, inputs));
    BOOST_OUTCOME_TRY(OpeningParameters opening, secure_parameters(circuit, profile));
    opening.soundness = account_of(circuit, opening);
    return Explanation{std::move(circuit), std::move(opening)};
}

std::string describe(const Explanation& explanation) {
    const Circuit& circuit = explanation.circuit;
    std::uint64_t cells = 0;
    for (const Column& column : circuit.columns)
        cells += column.shape.elements();
    std::uint64_t weights = 0;
    std::uint64_t weight_cells = 0;
    for (const Quantity& quantity : circuit.quantities) {
        if (!std::holds_alternative<CommittedWeight>(quantity.definition)) continue;
        ++weights;
        weight_cells += quantity.shape.elements();
    }
    std::string tables;
    for (const auto& variables : circuit.weight_variables) {
        if (variables) tables += fmt::format("{}2^{}", tables.empty() ? " in " : " and ", *variables);
    }
    std::uint64_t looked_up = 0;
    for (const Lookup& lookup : circuit.lookups)
        looked_up += lookup.layout.shape.elements();
    const auto terms =
        std::count_if(circuit.quantities.begin(), circuit.quantities.end(), is_bilinear_quantity);

    std::string text = "circuit\n";
    line(text, "quantities", std::to_string(circuit.quantities.size()));
    line(text, "columns",
         fmt::format("{}, {} cells in 2^{}", circuit.columns.size(), cells, circuit.witness_variables));
    line(text, "weights", fmt::format("{}, {} cells{}", weights, weight_cells, tables));
    line(text, "lookups",
         fmt::format("{}, of {} elements, in {} tables", circuit.lookups.size(), looked_up,
                     circuit.tables.size()));
    line(text, "leaves", std::to_string(circuit.leaves));
    line(text, "terms", fmt::format("{} of products, {} of zeros", terms, circuit.zeros.size()));
    text += "opening and soundness (bits of each round)\n";
    return text + explanation.opening.explain();
}

}  // namespace valence::zk
