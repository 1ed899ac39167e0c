#include "valence/zk/protocol/argument/argument.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <numeric>

#include "valence/ml/functions/table.hpp"
#include "valence/zk/protocol/circuit/tables.hpp"

namespace valence::zk {
namespace {

template <typename E>
E one() {
    return E(std::uint64_t{1});
}

/// All axes as one factor.
template <typename E>
Functional<E> flat_functional(const ml::Shape& shape, std::vector<E> weights) {
    std::vector<Axis> axes(shape.rank());
    std::iota(axes.begin(), axes.end(), Axis{0});
    return {shape, {{std::move(axes), std::move(weights)}}};
}

/// Σ of a list with some weights.
template <typename E>
E weighted(std::span<const E> weights, std::span<const Goldilocks> list) {
    E sum;
    for (std::size_t k = 0; k < list.size(); ++k)
        sum += weights[k] * list[k];
    return sum;
}

/// Of 16-bit integers, up to 2^15 of them: the halves of the weights' words are added up as integers.
template <typename E>
E weighted(std::span<const E> weights, std::span<const std::int16_t> list) {
    typename E::Coefficients sums;
    for (std::size_t i = 0; i < sums.size(); ++i) {
        std::int64_t low = 0;
        std::int64_t high = 0;
        for (std::size_t k = 0; k < list.size(); ++k) {
            const std::uint64_t word = weights[k][i].value();
            low += static_cast<std::int64_t>(word & 0xffffffff) * list[k];
            high += static_cast<std::int64_t>(word >> 32) * list[k];
        }
        sums[i] = Goldilocks::of(low) + Goldilocks::of(high) * Goldilocks(std::uint64_t{1} << 32);
    }
    return E(sums);
}

/// Σ of a list with the weights of a table's rows, by one axis or two.
template <typename E, typename Entry>
E weighted(const Functional<E>& of_rows, std::span<const Entry> list) {
    const std::span<const E> inner(of_rows.factors.back().values.list());
    if (of_rows.factors.size() == 1) return weighted(inner, list);
    E total;
    for (std::size_t block = 0; block * inner.size() < list.size(); ++block)
        total += of_rows.factors[0].values[block] *
                 weighted(inner, list.subspan(block * inner.size(), inner.size()));
    return total;
}

/// Σ of the rows' numbers, of which there are `rows`.
template <typename E>
E weighted_numbers(const Functional<E>& of_rows, std::size_t rows) {
    const auto numbers = [](const std::vector<E>& weights) {
        E sum;
        for (std::size_t number = 0; number < weights.size(); ++number)
            sum += weights[number] * Goldilocks(number);
        return sum;
    };
    const std::vector<E>& inner = of_rows.factors.back().values;
    if (of_rows.factors.size() == 1) return numbers(inner);
    const Functional<E> outer{{}, {of_rows.factors[0]}};
    const Functional<E> last{{}, {of_rows.factors[1]}};
    VALENCE_CHECK(of_rows.factors[0].values.size() * inner.size() == rows);
    return numbers(of_rows.factors[0].values) * last.total() * Goldilocks(inner.size()) +
           outer.total() * numbers(inner);
}

/// Whether a quantity is some of a weight's elements, under another shape.
bool is_reshaped_weight(const Circuit& circuit, QuantityId id) {
    const Definition* definition = &circuit.quantities[id].definition;
    if (!std::holds_alternative<Reshaped>(*definition)) return false;
    for (;;) {
        if (const auto* reshaped = std::get_if<Reshaped>(definition))
            definition = &circuit.quantities[reshaped->of].definition;
        else if (const auto* placed = std::get_if<Placed>(definition))
            definition = &circuit.quantities[placed->of].definition;
        else
            return std::holds_alternative<CommittedWeight>(*definition);
    }
}

/// A claim's functional on an entry of a computed table. Of weights, the number stays apart from the rows'
/// weights until these are reshaped: entries that lie side by side then have them in common, and become one.
template <typename E>
Functional<E> on_entry(const Circuit& circuit, QuantityId entry, const Functional<E>& of_rows, const E& by) {
    if (!is_reshaped_weight(circuit, entry)) return of_rows.scaled(by);
    Functional<E> result = of_rows;
    result.factors.push_back({{}, {by}});
    return result;
}

/// What a table that is not computed adds to Σ of fingerprints: its rows, each entry times its γ.
template <typename E>
E weighted_rows(const Functional<E>& of_rows, const TableRows& rows, std::span<const E> gammas) {
    if (const auto* span = std::get_if<SpanTable>(&rows))
        return gammas[2] * weighted_numbers(of_rows, std::size_t{1} << span->bits);
    if (const auto* entries = std::get_if<EntryTable>(&rows)) {
        const auto function = ml::tabulate(entries->function);
        // Rows ascend from x = −2^15, where the function's own entries have x as an unsigned number.
        constexpr std::size_t kHalf = 32768;
        std::vector<std::int16_t> values(2 * kHalf);
        std::rotate_copy(function->data.begin(), function->data.begin() + kHalf, function->data.end(),
                         values.begin());
        return gammas[2] * (weighted_numbers(of_rows, values.size()) - of_rows.total() * Goldilocks(kHalf)) +
               gammas[3] * weighted(of_rows, std::span<const std::int16_t>(values));
    }
    E sum;
    const auto lists = listed(rows);
    for (std::size_t place = 0; place < lists.size(); ++place) {
        const bool zeros = place == 0 && !std::holds_alternative<RangeTable>(rows);  // selectors
        if (!zeros) sum += gammas[1 + place] * weighted(of_rows, std::span<const Goldilocks>(lists[place]));
    }
    return sum;
}

/// Σ of the functionals at a point of the table they are on; layout_of(id) is null for what is in another.
template <typename E, typename Id, typename LayoutOf>
E evaluate_all(std::span<const std::pair<Id, Functional<E>>> functionals, std::span<const E> point,
               LayoutOf layout_of) {
    PointWeights<E> at_point(point);
    E sum;
    for (const auto& [id, functional] : functionals) {
        if (const Layout* const layout = layout_of(id)) sum += at_point.product(functional, *layout);
    }
    return sum;
}

}  // namespace

template <typename E>
Fingerprint<E> draw_fingerprint(const Circuit& circuit, Transcript& transcript) {
    std::size_t widest = 0;
    for (const LookupTable& table : circuit.tables)
        widest = std::max(widest, width(table.rows));
    Fingerprint<E> fingerprint;
    fingerprint.alpha = transcript.challenge<E>("alpha");
    fingerprint.gammas = transcript.challenges<E>("gamma", 1 + widest);
    return fingerprint;
}

template <typename E>
E eq_prefix(std::span<const E> point, std::uint64_t count) {
    if (count == std::uint64_t{1} << point.size()) return one<E>();
    // Along the path to `count`: wherever it turns right, all to its left is below.
    E sum;
    E path = one<E>();
    for (std::size_t j = 0; j < point.size(); ++j) {
        const bool bit = ((count >> (point.size() - 1 - j)) & 1) != 0;
        if (bit) sum += path * (one<E>() - point[j]);
        path *= bit ? point[j] : one<E>() - point[j];
    }
    return sum;
}

std::uint64_t filling_leaves(const Circuit& circuit) {
    std::uint64_t elements = 0;
    for (const Lookup& lookup : circuit.lookups)
        elements += lookup.layout.shape.elements();
    return circuit.lookup_leaves - elements;
}

template <typename E>
Claims<E> claims_of(const Circuit& circuit, const Fingerprint<E>& fingerprint,
                    const FractionalClaim<E>& leaves, std::span<const ml::Values> outputs,
                    std::span<const E> output_point, const E& batching) {
    const std::span<const E> point(leaves.point);
    Claims<E> result;
    E power = one<E>();

    // Denominators: α − fingerprint at lookups, the filling's, the tables', and 1 after the last leaf.
    PointWeights<E> weights_at(point);
    std::vector<Functional<E>> weights;
    E known = one<E>() - eq_prefix(point, circuit.leaves);
    const E lookups_total = eq_prefix(point, circuit.lookup_leaves);
    E filling_total = lookups_total;
    for (const Lookup& lookup : circuit.lookups) {
        weights.push_back(weights_at.of(lookup.layout));
        const E total = weights.back().total();
        filling_total -= total;
        known += total * fingerprint.template denominator<Goldilocks>(lookup.table, lookup.selector, {});
        for (std::size_t j = 0; j < lookup.entries.size(); ++j)
            result.claims.push_back({lookup.entries[j], weights.back().scaled(-fingerprint.gammas[2 + j])});
    }
    known += filling_total * fingerprint.filling();
    std::vector<Functional<E>> table_weights;
    for (std::uint32_t number = 0; number < circuit.tables.size(); ++number) {
        const LookupTable& table = circuit.tables[number];
        table_weights.push_back(weights_at.of(table.layout));
        const auto& of_rows = table_weights.back();
        const E constant = fingerprint.template denominator<Goldilocks>(number, {}, {});
        known += of_rows.total() * constant;
        if (const auto* computed = std::get_if<ComputedTable>(&table.rows)) {
            for (std::size_t j = 0; j < computed->entries.size(); ++j)
                result.claims.push_back(
                    {computed->entries[j],
                     on_entry(circuit, computed->entries[j], of_rows, -fingerprint.gammas[2 + j])});
            continue;
        }
        known -= weighted_rows<E>(of_rows, table.rows, fingerprint.gammas);
    }
    result.value = leaves.denominator - known;

    // Numerators: 1 at lookups and their filling, minus the multiplicity at tables' rows.
    power *= batching;
    for (std::uint32_t number = 0; number < circuit.tables.size(); ++number)
        result.claims.push_back({circuit.tables[number].multiplicity, table_weights[number].scaled(power)});
    result.value += power * (lookups_total - leaves.numerator);

    for (const Zero& zero : circuit.zeros) {
        power *= batching;
        result.claims.push_back({zero.vanishing, weights[zero.weighed_as].scaled(power)});
    }
    for (const Output& output : circuit.outputs) {
        power *= batching;
        const ml::Shape& shape = circuit.quantities[output.quantity].shape;
        auto functional = flat_functional(shape, eq_range(output_point, 0, shape.elements())).scaled(power);
        result.value += value_on(functional, outputs[output.port]);
        result.claims.push_back({output.quantity, std::move(functional)});
    }
    return result;
}

std::size_t output_variables(const Circuit& circuit) {
    std::uint64_t largest = 1;
    for (const Output& output : circuit.outputs)
        largest = std::max(largest, circuit.quantities[output.quantity].shape.elements());
    return static_cast<std::size_t>(std::bit_width(largest - 1));
}

std::size_t batched_claims(const Circuit& circuit) {
    return 1 + circuit.zeros.size() + circuit.outputs.size();
}

template <typename E>
E value_on(const Functional<E>& functional, const ml::Values& tensor) {
    const std::vector<E> weights = functional.expand();
    E sum;
    for (std::size_t k = 0; k < weights.size(); ++k)
        sum += weights[k] * Goldilocks::of(tensor.data[k]);
    return sum;
}

template <typename E>
E known_part(const Grounded<E>& grounded, std::span<const ml::Values> inputs) {
    E sum = grounded.constant;
    for (const auto& [port, functional] : grounded.inputs)
        sum += value_on(functional, inputs[port]);
    return sum;
}

template <typename E>
OpeningClaim<E> opening_claim(const Circuit& circuit, Grounded<E> grounded, const E& linear_value,
                              std::span<const E> point, std::span<const std::pair<E, E>> side_values,
                              std::span<const ml::Values> inputs, const E& batching) {
    OpeningClaim<E> opening{std::move(grounded.columns), std::move(grounded.weights), linear_value};
    std::vector<Claim<E>> claims;
    E power = one<E>();
    for (std::size_t t = 0; t < grounded.products.size(); ++t) {
        const auto variables = static_cast<std::size_t>(term_variables(circuit, grounded.products[t]));
        Sides<E> sides = sides_at(circuit, grounded.products[t], point.last(variables));
        for (auto [side, value] :
             {std::pair{&sides.left, side_values[t].first}, std::pair{&sides.right, side_values[t].second}}) {
            power *= batching;
            opening.value += power * value;
            claims.push_back({side->quantity, side->functional.scaled(power)});
        }
    }
    Grounded<E> sides = ground(circuit, std::move(claims));
    VALENCE_CHECK(sides.products.empty());  // arguments of products are linear in leaves
    opening.value -= known_part(sides, inputs);
    opening.columns.insert(opening.columns.end(), std::make_move_iterator(sides.columns.begin()),
                           std::make_move_iterator(sides.columns.end()));
    opening.weights.insert(opening.weights.end(), std::make_move_iterator(sides.weights.begin()),
                           std::make_move_iterator(sides.weights.end()));
    return opening;
}

template <typename E>
E evaluate_columns(const Circuit& circuit, const OpeningClaim<E>& claim, std::span<const E> point) {
    return evaluate_all<E, ColumnId>(claim.columns, point,
                                     [&](ColumnId id) { return &circuit.columns[id].layout; });
}

template <typename E>
E evaluate_weights(const Circuit& circuit, const OpeningClaim<E>& claim, WeightTable table,
                   std::span<const E> point) {
    return evaluate_all<E, ml::WeightId>(claim.weights, point, [&](ml::WeightId id) {
        return circuit.weights[id]->table == table ? &circuit.weights[id]->layout : nullptr;
    });
}

#define VALENCE_ZK_INSTANTIATE(E)                                                                         \
    template Fingerprint<E> draw_fingerprint(const Circuit&, Transcript&);                                \
    template E eq_prefix(std::span<const E>, std::uint64_t);                                              \
    template Claims<E> claims_of(const Circuit&, const Fingerprint<E>&, const FractionalClaim<E>&,        \
                                 std::span<const ml::Values>, std::span<const E>, const E&);              \
    template E value_on(const Functional<E>&, const ml::Values&);                                         \
    template E known_part(const Grounded<E>&, std::span<const ml::Values>);                               \
    template OpeningClaim<E> opening_claim(const Circuit&, Grounded<E>, const E&, std::span<const E>,     \
                                           std::span<const std::pair<E, E>>, std::span<const ml::Values>, \
                                           const E&);                                                     \
    template E evaluate_columns(const Circuit&, const OpeningClaim<E>&, std::span<const E>);              \
    template E evaluate_weights(const Circuit&, const OpeningClaim<E>&, WeightTable, std::span<const E>);
VALENCE_ZK_INSTANTIATE(Extension2)
VALENCE_ZK_INSTANTIATE(Extension3)

}  // namespace valence::zk
