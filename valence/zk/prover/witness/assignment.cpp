#include "valence/zk/prover/witness/assignment.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "valence/zk/protocol/argument/argument.hpp"
#include "valence/zk/protocol/circuit/tables.hpp"
#include "valence/zk/prover/kernels/row_transform.hpp"
#include "valence/zk/prover/parallel.hpp"
#include "valence/zk/prover/witness/integers.hpp"
#include "valence/zk/prover/witness/linear_values.hpp"

namespace valence::zk {
namespace {

Excess excess_for(std::int64_t largest) {
    if (largest == 0) return Excess::none;
    return largest < 32768 ? Excess::bits_15 : Excess::bits_30;
}

template <typename Integer>
Elements elements_of(const Bytes& stored) {
    static_assert(std::endian::native == std::endian::little, "as weights are stored");
    Elements elements(stored.size() / sizeof(Integer));
    for (std::size_t k = 0; k < elements.size(); ++k) {
        Integer integer;
        std::memcpy(&integer, stored.data() + k * sizeof(Integer), sizeof(Integer));
        elements[k] = Goldilocks::of(std::int64_t{integer});
    }
    return elements;
}

Elements elements_of(const ml::Weight& weight) {
    switch (weight.type) {
        case ml::WeightType::int8:
            return elements_of<std::int8_t>(weight.data);
        case ml::WeightType::int16:
            return elements_of<std::int16_t>(weight.data);
        case ml::WeightType::int32:
            return elements_of<std::int32_t>(weight.data);
        case ml::WeightType::int64:
            return elements_of<std::int64_t>(weight.data);
        case ml::WeightType::uint8:
            return elements_of<std::uint8_t>(weight.data);
    }
    return {};
}

}  // namespace

Assignment::Assignment(const ml::Graph& graph, std::span<const ml::Values> inputs, const ProductSums* sums)
    : graph_(graph), inputs_(inputs), sums_(sums) {}

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

Result<Saturation> Assignment::quotient_saturation(const Circuit& so_far, const Quotient& of) {
    const auto numerators = values(so_far, of.numerator);
    const auto divisors = values(so_far, of.divisor);
    Saturation answer;
    for (std::size_t k = 0; k < numerators.size(); ++k) {
        const std::int64_t found = quotient(to_signed(numerators[k]), to_signed(divisors[k]));
        if (found > of.high) answer.above = Excess::bits_30;
        if (found < of.low) answer.below = Excess::bits_30;
    }
    saturations_.push_back(answer);
    return answer;
}

const Assignment::Rows& Assignment::rows_of(const Circuit& circuit, std::uint32_t table) {
    if (const auto found = tables_.find(table); found != tables_.end()) return found->second;
    Rows rows;
    const TableRows& of = circuit.tables[table].rows;
    if (const auto* computed = std::get_if<ComputedTable>(&of)) {
        rows.by_first = RowFinder(values(circuit, computed->entries[0]));
    } else {
        rows.lists = listed(of);
        rows.by_first = RowFinder(rows.lists[1]);
    }
    return tables_.emplace(table, std::move(rows)).first->second;
}

std::span<const Goldilocks> Assignment::entries_of(const Circuit& circuit, std::uint32_t table,
                                                   std::size_t entry) {
    if (const auto* computed = std::get_if<ComputedTable>(&circuit.tables[table].rows))
        return values(circuit, computed->entries[entry]);
    return rows_of(circuit, table).lists[1 + entry];
}

std::span<const Goldilocks> Assignment::values(const Circuit& circuit, QuantityId id) {
    if (quantities_.size() < circuit.quantities.size()) quantities_.resize(circuit.quantities.size());
    if (!quantities_[id]) quantities_[id] = find(circuit, id);
    return *quantities_[id];
}

Elements Assignment::find(const Circuit& circuit, QuantityId id) {
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
            const auto forged = self.forged_.find(leaf.column);
            if (forged != self.forged_.end()) return forged->second;
            return self.find_column(circuit, circuit.columns[leaf.column]);
        }
        Elements operator()(const CommittedWeight& leaf) const {
            return elements_of(self.graph_.weights[leaf.weight]);
        }
        Elements operator()(const PublicInput& leaf) const {
            Elements elements;
            for (const std::int64_t element : self.inputs_[leaf.port].data)
                elements.push_back(Goldilocks::of(element));
            return elements;
        }
        Elements operator()(const Affine& sum) const {
            std::vector<ElementsView> terms;
            for (const auto& [coefficient, term] : sum.terms)
                terms.push_back(values_of(term));
            Elements elements(quantity.shape.elements(), sum.constant);
            in_parallel(elements.size(), terms.size(), [&](std::size_t begin, std::size_t end) {
                for (std::size_t i = 0; i < terms.size(); ++i)
                    add_scaled_row(&terms[i][begin], sum.terms[i].first, &elements[begin], end - begin);
            });
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
            const auto weight = weight_of(circuit, product.right);
            if (weight && self.sums_ != nullptr) {
                if (auto sums = self.sums_->linear(*weight, values_of(product.left))) return std::move(*sums);
            }
            return inner_products(values_of(product.left), shape_of(product.left), values_of(product.right),
                                  shape_of(product.right));
        }
        Elements operator()(const Convolved& product) const {
            const auto weight = weight_of(circuit, product.weight);
            if (weight && self.sums_ != nullptr) {
                if (auto sums = self.sums_->convolution(*weight, product, values_of(product.image),
                                                        shape_of(product.image)))
                    return std::move(*sums);
            }
            return convolve(values_of(product.weight), shape_of(product.weight), values_of(product.image),
                            shape_of(product.image), quantity.shape, product);
        }
        Elements operator()(const Multiplication& product) const {
            const auto left = values_of(product.left);
            const auto right = values_of(product.right);
            Elements elements(left.begin(), left.end());
            in_parallel(elements.size(), 2, [&](std::size_t begin, std::size_t end) {
                for (std::size_t k = begin; k < end; ++k)
                    elements[k] *= right[k];
            });
            return elements;
        }
    };
    return std::visit(Finder{*this, circuit, quantity, shape, of}, quantity.definition);
}

void Assignment::complete(const Circuit& circuit) {
    columns_.resize(circuit.columns.size());
    for (QuantityId id = 0; id < circuit.quantities.size(); ++id) {
        const auto* leaf = std::get_if<WitnessColumn>(&circuit.quantities[id].definition);
        if (leaf == nullptr) continue;
        columns_[leaf->column] = values(circuit, id);
    }
    count(circuit);
}

void Assignment::forge(const Circuit& circuit, ColumnId column, std::size_t position, Goldilocks element,
                       Others others) {
    const Forgery one{column, position, element};
    forge(circuit, {&one, 1}, others);
}

void Assignment::forge(const Circuit& circuit, std::span<const Forgery> forgeries, Others others) {
    const auto keep = [&](ColumnId id) {
        if (!forged_.contains(id)) forged_[id] = Elements(columns_[id].begin(), columns_[id].end());
    };
    if (others == Others::stay) {
        for (ColumnId id = 0; id < columns_.size(); ++id) {
            if (!std::holds_alternative<Multiplicity>(circuit.columns[id].rule)) keep(id);
        }
    }
    for (const Forgery& each : forgeries) {
        keep(each.column);
        forged_[each.column][each.position] = each.element;
    }
    quantities_.clear();
    tables_.clear();
    complete(circuit);
}

void Assignment::count(const Circuit& circuit) {
    std::vector<std::vector<std::uint64_t>> counts;
    for (const LookupTable& table : circuit.tables)
        counts.emplace_back(rows(table.rows), 0);
    for (const Lookup& lookup : circuit.lookups) {
        // An element outside the table is in no row: the proof of such an assignment will not verify.
        auto& table = counts[lookup.table];
        const auto keys = values(circuit, lookup.entries[0]);
        if (std::holds_alternative<SpanTable>(circuit.tables[lookup.table].rows)) {
            for (const Goldilocks key : keys) {
                if (key.value() < table.size()) ++table[key.value()];
            }
            continue;
        }
        if (!std::holds_alternative<RangeTable>(circuit.tables[lookup.table].rows)) {
            const RowFinder& rows = rows_of(circuit, lookup.table).by_first;
            for (const Goldilocks key : keys) {
                if (const auto row = rows.find(key)) ++table[*row];
            }
            continue;
        }
        // Rows (b, v) stand by b, then v: row 2^b − 1 + v.
        const std::uint64_t first = (std::uint64_t{1} << lookup.selector.value()) - 1;
        for (const Goldilocks value : keys) {
            if (first + value.value() < table.size()) ++table[first + value.value()];
        }
    }
    counts[0][0] += filling_leaves(circuit);
    for (std::size_t table = 0; table < counts.size(); ++table) {
        const QuantityId multiplicity = circuit.tables[table].multiplicity;
        Elements elements(counts[table].size());
        std::ranges::transform(counts[table], elements.begin(),
                               [](std::uint64_t times) { return Goldilocks(times); });
        const ColumnId column = std::get<WitnessColumn>(circuit.quantities[multiplicity].definition).column;
        if (const auto forged = forged_.find(column); forged != forged_.end()) elements = forged->second;
        quantities_[multiplicity] = std::move(elements);
        columns_[column] = *quantities_[multiplicity];
    }
}

}  // namespace valence::zk
