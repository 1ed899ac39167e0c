// The elements of columns by their rules.
#include "valence/ml/reference/step.hpp"
#include "valence/zk/protocol/circuit/tables.hpp"
#include "valence/zk/prover/parallel.hpp"
#include "valence/zk/prover/witness/assignment.hpp"
#include "valence/zk/prover/witness/integers.hpp"
#include "valence/zk/prover/witness/lines.hpp"

namespace valence::zk {
namespace {

Goldilocks bits_of(std::int64_t value, unsigned first, unsigned bits) {
    return Goldilocks((static_cast<std::uint64_t>(value) >> first) & ((std::uint64_t{1} << bits) - 1));
}

/// ⌊√value⌋ for value < 2^62.
std::int64_t square_root(std::int64_t value) {
    std::int64_t root = 0;
    for (std::int64_t bit = std::int64_t{1} << 30; bit > 0; bit >>= 1)
        if ((root + bit) * (root + bit) <= value) root += bit;
    return root;
}

}  // namespace

/// Finds a column's elements by its rule.
struct Assignment::ColumnFinder {
    Assignment& self;
    const Circuit& circuit;
    const Column& column;

    Elements operator()(const RequantisationLimb& rule) const {
        const auto sums = self.values(circuit, rule.sum);
        Elements elements(sums.size());
        in_parallel(sums.size(), 3, [&](std::size_t begin, std::size_t end) {
            for (std::size_t k = begin; k < end; ++k)
                elements[k] = bits_of(requantised(sums[k], rule.to).part(rule.part), rule.first, rule.bits);
        });
        return elements;
    }
    Elements operator()(const Limb& rule) const {
        const auto values = self.values(circuit, rule.of);
        Elements elements(values.size());
        in_parallel(values.size(), 2, [&](std::size_t begin, std::size_t end) {
            for (std::size_t k = begin; k < end; ++k)
                elements[k] = bits_of(to_signed(values[k]), rule.first, rule.bits);
        });
        return elements;
    }
    Elements operator()(const Greatest& rule) const {
        const auto first = self.values(circuit, rule.of[0]);
        Elements elements(first.begin(), first.end());
        for (const QuantityId other : rule.of) {
            const auto values = self.values(circuit, other);
            for (std::size_t k = 0; k < elements.size(); ++k) {
                if (to_signed(values[k]) > to_signed(elements[k])) elements[k] = values[k];
            }
        }
        return elements;
    }
    Elements operator()(const Copy& rule) const {
        const auto values = self.values(circuit, rule.of);
        return {values.begin(), values.end()};
    }
    /// function(element of one, element of the other)
    template <typename Function>
    Elements map(QuantityId one, QuantityId other, Function function) const {
        const auto left = self.values(circuit, one);
        const auto right = self.values(circuit, other);
        Elements elements(left.size());
        in_parallel(left.size(), 5, [&](std::size_t begin, std::size_t end) {
            for (std::size_t k = begin; k < end; ++k)
                elements[k] = function(left[k], right[k]);
        });
        return elements;
    }
    template <typename Function>
    Elements map(QuantityId of, Function function) const {
        return map(of, of, [&](Goldilocks element, Goldilocks) { return function(element); });
    }
    Elements operator()(const Shifted& rule) const {
        return map(rule.of, [&](Goldilocks x) { return Goldilocks::of(to_signed(x) >> rule.bits); });
    }
    Elements operator()(const Negative& rule) const {
        return map(rule.of, [](Goldilocks x) { return Goldilocks(to_signed(x) < 0 ? 1 : 0); });
    }
    Elements operator()(const Vanishes& rule) const {
        return map(rule.of, [](Goldilocks x) { return Goldilocks(x == Goldilocks(0) ? 1 : 0); });
    }
    Elements operator()(const Inverse& rule) const {
        return map(rule.of, [](Goldilocks x) { return x == Goldilocks(0) ? x : x.inverse(); });
    }
    Elements operator()(const SquareRoot& rule) const {
        return map(rule.of, [](Goldilocks x) { return Goldilocks::of(square_root(to_signed(x))); });
    }
    Elements operator()(const Quotient& rule) const {
        return map(rule.numerator, rule.divisor, [&](Goldilocks numerator, Goldilocks divisor) {
            return Goldilocks::of(
                std::clamp(quotient(to_signed(numerator), to_signed(divisor)), rule.low, rule.high));
        });
    }
    Elements operator()(const QuotientExcess& rule) const {
        return map(rule.rest, rule.divisor, [&](Goldilocks rest, Goldilocks divisor) {
            const std::int64_t times = quotient(to_signed(rest), to_signed(divisor));
            const std::int64_t amount = (rule.above ? times : -times) * to_signed(divisor);
            return bits_of(std::max<std::int64_t>(amount, 0), rule.first, rule.bits);
        });
    }
    Elements operator()(const RowEntry& rule) const {
        const auto& rows = self.rows_of(circuit, rule.table);
        const auto entries = self.entries_of(circuit, rule.table, rule.entry);
        return map(rule.key, [&](Goldilocks key) { return entries[rows.by_first.at_most(key)]; });
    }
    Elements operator()(const GreatestAlong& rule) const {
        return greatest_along(self.values(circuit, rule.of), circuit.quantities[rule.of].shape, rule.axis);
    }
    Elements operator()(const FirstZero& rule) const {
        return first_zeros(self.values(circuit, rule.of), circuit.quantities[rule.of].shape, rule.axis);
    }
    Elements operator()(const Foremost& rule) const {
        return foremost(self.values(circuit, rule.of), circuit.quantities[rule.of].shape, rule,
                        column.shape[rule.axis]);
    }
    Elements operator()(const ScanStates& rule) const { return self.find_states(circuit, rule); }
    Elements operator()(const Multiplicity& rule) const {
        return Elements(rows(circuit.tables[rule.table].rows));  // until count()
    }
};

Elements Assignment::find_column(const Circuit& circuit, const Column& column) {
    return std::visit(ColumnFinder{*this, circuit, column}, column.rule);
}

/// Runs the body step by step as the definition does.
Elements Assignment::find_states(const Circuit& circuit, const ScanStates& rule) {
    const ml::Subgraph& body = graph_.bodies[rule.body];
    const auto tensor = [&](std::size_t input, std::span<const Goldilocks> elements, std::size_t first) {
        const ml::Tensor& of = body.tensors[body.inputs[input]];
        ml::Values values{of.type, of.shape, {}};
        for (std::size_t k = 0; k < of.shape.elements(); ++k)
            values.data.push_back(to_signed(elements[first + k]));
        return values;
    };
    const std::size_t states = rule.initial.size();
    std::vector<ml::Values> state;
    for (std::size_t k = 0; k < states; ++k)
        state.push_back(tensor(k, values(circuit, rule.initial[k]), 0));
    const std::uint32_t steps = circuit.quantities[rule.elements[0]].shape[0];
    Elements result;
    for (std::uint32_t step = 0; step < steps; ++step) {
        for (const std::int64_t element : state[rule.state].data)
            result.push_back(Goldilocks::of(element));
        std::vector<ml::Values> inputs = state;
        for (std::size_t k = 0; k < rule.elements.size(); ++k) {
            const std::size_t size = body.tensors[body.inputs[states + k]].shape.elements();
            inputs.push_back(tensor(states + k, values(circuit, rule.elements[k]), step * size));
        }
        auto results = ml::reference::run(graph_, body, std::move(inputs));
        for (std::size_t k = 0; k < states; ++k)
            state[k] = std::move(results[k]);
    }
    return result;
}

}  // namespace valence::zk
