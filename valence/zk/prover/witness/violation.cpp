#include "valence/zk/prover/witness/violation.hpp"

#include <fmt/format.h>

#include "valence/zk/protocol/circuit/tables.hpp"

namespace valence::zk {
namespace {

/// A table for asking whether tuples are rows.
class RowsOf {
public:
    RowsOf(const Circuit& circuit, Assignment& assignment, const TableRows& table) {
        if (const auto* range = std::get_if<RangeTable>(&table)) {
            range_bits_ = range->bits;
            return;
        }
        if (const auto* span = std::get_if<SpanTable>(&table)) {
            span_bits_ = span->bits;
            return;
        }
        entries_ = listed(table);
        if (!entries_.empty()) entries_.erase(entries_.begin());  // selectors
        if (const auto* computed = std::get_if<ComputedTable>(&table)) {
            for (const QuantityId entry : computed->entries) {
                const auto elements = assignment.values(circuit, entry);
                entries_.emplace_back(elements.begin(), elements.end());
            }
        }
        by_first_ = RowFinder(entries_[0]);
    }

    bool contains(Goldilocks selector, std::span<const Goldilocks> entries) const {
        if (range_bits_) {
            return entries.size() == 1 && selector.value() <= *range_bits_ &&
                   entries[0].value() < std::uint64_t{1} << selector.value();
        }
        if (span_bits_) {
            return entries.size() == 1 && selector == Goldilocks(0) &&
                   entries[0].value() < std::uint64_t{1} << *span_bits_;
        }
        if (selector != Goldilocks(0) || entries.size() != entries_.size()) return false;
        const std::size_t row = by_first_.at_most(entries[0]);
        for (std::size_t entry = 0; entry < entries.size(); ++entry) {
            if (entries_[entry][row] != entries[entry]) return false;
        }
        return true;
    }

private:
    std::optional<std::uint8_t> range_bits_, span_bits_;
    std::vector<std::vector<Goldilocks>> entries_;
    RowFinder by_first_;
};

const char* kind_of(const TableRows& table) {
    constexpr const char* kKinds[] = {"range", "span", "segments", "entries", "listed", "computed"};
    return kKinds[table.index()];
}

}  // namespace

std::string describe(const Circuit& circuit, const Violation& violation) {
    if (violation.kind == Violation::Kind::zero)
        return fmt::format("zero {}, element {}", violation.number, violation.element);
    const Lookup& lookup = circuit.lookups[violation.number];
    return fmt::format("lookup {} ({}, selector {}), element {}", violation.number,
                       kind_of(circuit.tables[lookup.table].rows), lookup.selector.value(),
                       violation.element);
}

std::optional<Violation> first_violation(const Circuit& circuit, Assignment& assignment) {
    std::vector<RowsOf> tables;
    for (const LookupTable& table : circuit.tables)
        tables.emplace_back(circuit, assignment, table.rows);
    for (std::uint32_t number = 0; number < circuit.lookups.size(); ++number) {
        const Lookup& lookup = circuit.lookups[number];
        for (std::uint64_t element = 0; element < lookup.layout.shape.elements(); ++element) {
            std::vector<Goldilocks> entries;
            for (const QuantityId entry : lookup.entries)
                entries.push_back(assignment.values(circuit, entry)[element]);
            if (!tables[lookup.table].contains(lookup.selector, entries))
                return Violation{Violation::Kind::lookup, number, element};
        }
    }
    for (std::uint32_t number = 0; number < circuit.zeros.size(); ++number) {
        const auto elements = assignment.values(circuit, circuit.zeros[number].vanishing);
        for (std::uint64_t element = 0; element < elements.size(); ++element) {
            if (elements[element] != Goldilocks(0)) return Violation{Violation::Kind::zero, number, element};
        }
    }
    return std::nullopt;
}

}  // namespace valence::zk
