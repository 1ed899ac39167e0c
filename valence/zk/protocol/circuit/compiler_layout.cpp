// Where columns, weights and leaves lie, once all of them are known.
#include <algorithm>
#include <array>
#include <bit>

#include "valence/zk/protocol/circuit/axis_groups.hpp"
#include "valence/zk/protocol/circuit/compiler.hpp"
#include "valence/zk/protocol/circuit/tables.hpp"

namespace valence::zk {
namespace {

/// Cells from which on narrow weights have a table of their own: below, a second opening costs more than it
/// saves.
constexpr std::uint64_t kManyWeights = std::uint64_t{1} << 19;

}  // namespace

void Compiler::lay_out() {
    for (std::uint32_t table = 0; table < circuit_.tables.size(); ++table) {
        ml::Shape of = shape_of_rows(circuit_.tables[table].rows);
        if (const auto* computed = std::get_if<ComputedTable>(&circuit_.tables[table].rows))
            of = shape(computed->entries[0]);
        circuit_.tables[table].multiplicity = column(of, Multiplicity{table});
        const bool by_two_axes = of.rank() == 2 && std::has_single_bit(of[1]) &&
                                 !std::holds_alternative<ComputedTable>(circuit_.tables[table].rows);
        circuit_.tables[table].layout = {of, by_two_axes ? AxisGroups{{0}, {1}} : one_group(of), 0};
    }
    std::vector<Layout*> columns;
    for (Column& each : circuit_.columns)
        columns.push_back(&each.layout);
    circuit_.witness_cells = place(columns);
    circuit_.witness_variables = log2_ceil(circuit_.witness_cells);

    lay_out_weights();

    // Lookups first, since their numerators are 1; then the tables, from where the longest blocks may begin.
    std::vector<Layout*> lookups;
    for (Lookup& lookup : circuit_.lookups)
        lookups.push_back(&lookup.layout);
    std::uint64_t block = 1;
    std::vector<Layout*> tables;
    for (LookupTable& table : circuit_.tables) {
        tables.push_back(&table.layout);
        block = std::max(block, std::uint64_t{1} << table.layout.inner_bits());
    }
    circuit_.lookup_leaves = (place(lookups) + block - 1) / block * block;
    circuit_.leaves = circuit_.lookup_leaves + place(tables);
    for (Layout* table : tables)
        table->base += circuit_.lookup_leaves;
}

void Compiler::lay_out_weights() {
    std::uint64_t committed = 0;
    for (const auto& weight : circuit_.weights) {
        if (weight) committed += weight->layout.size();
    }
    std::array<std::vector<Layout*>, 2> tables;
    for (std::size_t id = 0; id < circuit_.weights.size(); ++id) {
        auto& weight = circuit_.weights[id];
        if (!weight) continue;
        if (committed >= kManyWeights && graph_.weights[id].type == ml::WeightType::int8)
            weight->table = WeightTable::narrow;
        tables[static_cast<std::size_t>(weight->table)].push_back(&weight->layout);
    }
    for (std::size_t table = 0; table < tables.size(); ++table) {
        if (tables[table].empty()) continue;
        circuit_.weight_cells[table] = place(tables[table]);
        circuit_.weight_variables[table] = log2_ceil(circuit_.weight_cells[table]);
    }
}

}  // namespace valence::zk
