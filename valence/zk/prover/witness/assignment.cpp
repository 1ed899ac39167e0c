#include "valence/zk/prover/witness/assignment.hpp"

#include <algorithm>

#include "valence/zk/protocol/argument/argument.hpp"
#include "valence/zk/prover/witness/linear_values.hpp"

namespace valence::zk {
namespace {

/// The parts of one requantisation (circuit.hpp).
struct Requantised {
    std::int64_t result;  // y − low
    std::int64_t remainder;
    std::int64_t above;
    std::int64_t below;

    std::int64_t part(RequantisationPart which) const {
        switch (which) {
            case RequantisationPart::result:
                return result;
            case RequantisationPart::remainder:
                return remainder;
            case RequantisationPart::above:
                return above;
            case RequantisationPart::below:
                return below;
        }
        return 0;
    }
};

Requantised requantised(Goldilocks rounded_sum, const ml::Requantisation& to) {
    const std::int64_t sum = to_signed(rounded_sum);
    const std::int64_t quotient = sum >> to.shift;
    const std::int64_t y = std::clamp<std::int64_t>(quotient, to.low, to.high);
    return {y - to.low, sum - quotient * (std::int64_t{1} << to.shift),
            std::max<std::int64_t>(quotient - y, 0), std::max<std::int64_t>(y - quotient, 0)};
}

Goldilocks bits_of(std::int64_t value, unsigned first, unsigned bits) {
    return Goldilocks((static_cast<std::uint64_t>(value) >> first) & ((std::uint64_t{1} << bits) - 1));
}

Excess excess_for(std::int64_t largest) {
    if (largest == 0) return Excess::none;
    return largest < 32768 ? Excess::bits_15 : Excess::bits_30;
}

}  // namespace

Assignment::Assignment(const ml::Graph& graph, std::span<const ml::Values> inputs)
    : graph_(graph), inputs_(inputs) {}

Result<Saturation> Assignment::saturation(const Circuit& so_far, QuantityId sum,
                                          const ml::Requantisation& to) {
    std::int64_t above = 0;
    std::int64_t below = 0;
    for (const Goldilocks element : values(so_far, sum)) {
        const Requantised parts = requantised(element, to);
        above = std::max(above, parts.above);
        below = std::max(below, parts.below);
    }
    saturations_.push_back({excess_for(above), excess_for(below)});
    return saturations_.back();
}

std::span<const Goldilocks> Assignment::values(const Circuit& circuit, QuantityId id) {
    if (quantities_.size() < circuit.quantities.size()) quantities_.resize(circuit.quantities.size());
    if (!quantities_[id]) quantities_[id] = find(circuit, id);
    return *quantities_[id];
}

Assignment::Elements Assignment::find(const Circuit& circuit, QuantityId id) {
    const Quantity& quantity = circuit.quantities[id];
    const auto shape = [&](QuantityId of) -> const ml::Shape& { return circuit.quantities[of].shape; };
    const auto of = [&](QuantityId argument) { return values(circuit, argument); };
    struct Finder {
        Assignment& self;
        const Circuit& circuit;
        const Quantity& quantity;
        decltype(shape)& shape_of;
        decltype(of)& values_of;

        Elements operator()(const WitnessColumn& leaf) const {
            return self.find_column(circuit, circuit.columns[leaf.column]);
        }
        Elements operator()(const CommittedWeight& leaf) const {
            const ml::Weight& weight = self.graph_.weights[leaf.weight];
            Elements elements(weight.shape.elements());
            for (std::size_t k = 0; k < elements.size(); ++k)
                elements[k] = Goldilocks::of(weight[k]);
            return elements;
        }
        Elements operator()(const PublicInput& leaf) const {
            Elements elements;
            for (const std::int64_t element : self.inputs_[leaf.port].data)
                elements.push_back(Goldilocks::of(element));
            return elements;
        }
        Elements operator()(const Affine& sum) const {
            Elements elements(quantity.shape.elements(), sum.constant);
            for (const auto& [coefficient, term] : sum.terms) {
                const auto added = values_of(term);
                for (std::size_t k = 0; k < elements.size(); ++k)
                    elements[k] += coefficient * added[k];
            }
            return elements;
        }
        Elements operator()(const Reshaped& view) const {
            const auto elements = values_of(view.of);
            return {elements.begin(), elements.end()};
        }
        Elements operator()(const Transposed& view) const {
            return transpose(values_of(view.of), shape_of(view.of), view.permutation);
        }
        Elements operator()(const Placed& view) const {
            return place(values_of(view.of), shape_of(view.of), view);
        }
        Elements operator()(const Broadcasted& view) const {
            return broadcast(values_of(view.of), shape_of(view.of), quantity.shape);
        }
        Elements operator()(const Summed& view) const {
            return sum_over(values_of(view.of), shape_of(view.of), quantity.shape);
        }
        Elements operator()(const Multiplied& view) const {
            return multiply_along(values_of(view.of), quantity.shape, view);
        }
        Elements operator()(const InnerProducts& product) const {
            return inner_products(values_of(product.left), shape_of(product.left), values_of(product.right),
                                  shape_of(product.right));
        }
        Elements operator()(const Convolved& product) const {
            return convolve(values_of(product.weight), shape_of(product.weight), values_of(product.image),
                            shape_of(product.image), quantity.shape, product);
        }
        Elements operator()(const Multiplication& product) const {
            const auto left = values_of(product.left);
            const auto right = values_of(product.right);
            Elements elements(left.begin(), left.end());
            for (std::size_t k = 0; k < elements.size(); ++k)
                elements[k] *= right[k];
            return elements;
        }
    };
    return std::visit(Finder{*this, circuit, quantity, shape, of}, quantity.definition);
}

Assignment::Elements Assignment::find_column(const Circuit& circuit, const Column& column) {
    struct Finder {
        Assignment& self;
        const Circuit& circuit;

        Elements operator()(const RequantisationLimb& rule) const {
            const auto sums = self.values(circuit, rule.sum);
            Elements elements(sums.size());
            for (std::size_t k = 0; k < sums.size(); ++k)
                elements[k] = bits_of(requantised(sums[k], rule.to).part(rule.part), rule.first, rule.bits);
            return elements;
        }
        Elements operator()(const Limb& rule) const {
            const auto values = self.values(circuit, rule.of);
            Elements elements(values.size());
            for (std::size_t k = 0; k < values.size(); ++k)
                elements[k] = bits_of(to_signed(values[k]), rule.first, rule.bits);
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
        Elements operator()(const Multiplicity& rule) const {
            return Elements(rows(circuit.tables[rule.table].rows));  // until count()
        }
    };
    return std::visit(Finder{*this, circuit}, column.rule);
}

void Assignment::complete(const Circuit& circuit) {
    columns_.resize(circuit.columns.size());
    for (QuantityId id = 0; id < circuit.quantities.size(); ++id) {
        const auto* leaf = std::get_if<WitnessColumn>(&circuit.quantities[id].definition);
        if (leaf == nullptr) continue;
        const auto elements = values(circuit, id);
        columns_[leaf->column].assign(elements.begin(), elements.end());
    }
    count(circuit);
}

void Assignment::count(const Circuit& circuit) {
    std::vector<std::vector<std::uint64_t>> counts;
    for (const LookupTable& table : circuit.tables)
        counts.emplace_back(rows(table.rows), 0);
    for (const Lookup& lookup : circuit.lookups) {
        // Rows (b, v) stand by b, then v: row 2^b − 1 + v.
        const std::uint64_t first = (std::uint64_t{1} << lookup.selector.value()) - 1;
        auto& table = counts[lookup.table];
        for (const Goldilocks value : values(circuit, lookup.entries[0])) {
            // A value outside the table is in no row: the proof of such an assignment will not verify.
            if (first + value.value() < table.size()) ++table[first + value.value()];
        }
    }
    counts[0][0] += filling_leaves(circuit);
    for (std::size_t table = 0; table < counts.size(); ++table) {
        const QuantityId multiplicity = circuit.tables[table].multiplicity;
        Elements elements;
        for (const std::uint64_t times : counts[table])
            elements.emplace_back(times);
        columns_[std::get<WitnessColumn>(circuit.quantities[multiplicity].definition).column] = elements;
        quantities_[multiplicity] = std::move(elements);
    }
}

}  // namespace valence::zk
