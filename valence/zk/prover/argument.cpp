#include "valence/zk/prover/argument.hpp"

#include "valence/zk/protocol/circuit/tables.hpp"
#include "valence/zk/prover/bilinear_sum.hpp"
#include "valence/zk/prover/fractional_sum.hpp"
#include "valence/zk/prover/parallel.hpp"
#include "valence/zk/prover/polynomial/multilinear.hpp"
#include "valence/zk/prover/witness/term_tables.hpp"

namespace valence::zk {
namespace {

/// constant + Σ_j factors[j]·lists[j] from `to` on, in blocks that stay in the nearest cache.
template <typename E>
void combine(const E& constant, std::span<const E> factors, std::span<const ElementsView> lists,
             std::uint64_t first, std::uint64_t count, E* to) {
    constexpr std::uint64_t kBlock = 1024;
    for (std::uint64_t begin = 0; begin < count; begin += kBlock) {
        const std::uint64_t block = std::min(kBlock, count - begin);
        std::fill_n(to + begin, block, constant);
        for (std::size_t j = 0; j < lists.size(); ++j)
            add_multiple<E>(lists[j].subspan(first + begin, block), factors[j], to + begin);
    }
}

/// Writes the denominators of one lookup's leaves, those that only fill up included.
template <typename E>
void write_denominators(const Lookup& lookup, std::span<const ElementsView> entries,
                        const Fingerprint<E>& fingerprint, std::span<E> to) {
    const E constant = fingerprint.template denominator<Goldilocks>(lookup.table, lookup.selector, {});
    std::vector<E> factors;
    for (std::size_t j = 0; j < entries.size(); ++j)
        factors.push_back(-fingerprint.gammas[2 + j]);
    if (lookup.layout.size() != lookup.layout.shape.elements())
        std::fill_n(to.data() + lookup.layout.base, lookup.layout.size(), fingerprint.filling());
    lookup.layout.for_each_run(
        [&](std::uint64_t element, std::uint64_t leaf, std::uint64_t count, std::uint64_t step) {
            if (step == 1) return combine<E>(constant, factors, entries, element, count, to.data() + leaf);
            for (std::uint64_t k = 0; k < count; ++k) {
                E& denominator = to[leaf + k * step] = constant;
                for (std::size_t j = 0; j < entries.size(); ++j)
                    denominator += factors[j] * entries[j][element + k];
            }
        });
}

template <typename E>
Table<E> denominators_of(const Circuit& circuit, Assignment& assignment, const Fingerprint<E>& fingerprint) {
    // All that is looked up is found first: threads then only read it.
    std::vector<std::vector<ElementsView>> entries;
    std::uint64_t end = 0;
    for (const Lookup& lookup : circuit.lookups) {
        auto& of_lookup = entries.emplace_back();
        for (const QuantityId entry : lookup.entries)
            of_lookup.push_back(assignment.values(circuit, entry));
        end = std::max(end, lookup.layout.base + lookup.layout.size());
    }
    Table<E> denominators(circuit.leaves);
    const std::span<E> all(denominators.data(), denominators.size());
    each_in_parallel(circuit.lookups.size(), 4 * end, [&](std::size_t number) {
        write_denominators<E>(circuit.lookups[number], entries[number], fingerprint, all);
    });
    std::fill(all.begin() + static_cast<std::ptrdiff_t>(end), all.end(), fingerprint.filling());
    for (std::uint32_t number = 0; number < circuit.tables.size(); ++number) {
        const LookupTable& table = circuit.tables[number];
        const auto lists = listed(table.rows);
        std::vector<ElementsView> views;
        std::vector<E> factors;
        const auto subtract = [&](std::size_t place, ElementsView list) {
            views.push_back(list);
            factors.push_back(-fingerprint.gammas[1 + place]);
        };
        const auto* const computed = std::get_if<ComputedTable>(&table.rows);
        const bool has_selectors = std::holds_alternative<RangeTable>(table.rows);  // others' are 0
        for (std::size_t place = has_selectors ? 0 : 1; computed == nullptr && place < lists.size(); ++place)
            subtract(place, lists[place]);
        for (std::size_t j = 0; computed != nullptr && j < computed->entries.size(); ++j)
            subtract(1 + j, assignment.values(circuit, computed->entries[j]));
        const E constant = fingerprint.template denominator<Goldilocks>(number, {}, {});
        E* const of_rows = denominators.data() + table.layout.base;
        in_parallel(rows(table.rows), 5, [&](std::size_t begin, std::size_t last) {
            combine<E>(constant, factors, views, begin, last - begin, of_rows + begin);
        });
    }
    return denominators;
}

/// Minus how often each row is looked up, in the order of the tables' leaves.
LargeVector<Goldilocks> table_numerators(const Circuit& circuit, Assignment& assignment) {
    const std::uint64_t first = circuit.lookup_leaves;
    LargeVector<Goldilocks> numerators(circuit.leaves - first);
    for (const LookupTable& table : circuit.tables) {
        const auto counts = assignment.values(circuit, table.multiplicity);
        for (std::size_t row = 0; row < counts.size(); ++row)
            numerators[table.layout.base - first + row] = -counts[row];
    }
    return numerators;
}

}  // namespace

template <typename E>
OpeningClaim<E> prove_argument(const Circuit& circuit, Assignment& assignment,
                               std::span<const ml::Values> inputs, std::span<const ml::Values> outputs,
                               ProverChannel& channel, StageTimes& times) {
    times.enter("denominators");
    const auto fingerprint = draw_fingerprint<E>(circuit, channel.transcript);
    const Table<E> denominators = denominators_of(circuit, assignment, fingerprint);
    const LargeVector<Goldilocks> rest = table_numerators(circuit, assignment);
    times.enter("lookups");
    const auto leaves = prove_fractional_sum<E>({circuit.lookup_leaves, rest}, denominators.span(), channel);

    times.enter("claims");
    const auto output_point = channel.challenges<E>("output point", output_variables(circuit));
    const E batching = channel.challenge<E>("claim batching");
    Claims<E> claims = claims_of<E>(circuit, fingerprint, leaves, outputs, output_point, batching);
    Grounded<E> grounded = ground(circuit, std::move(claims.claims));

    times.enter("product tables");
    const auto tables = term_tables<E>(circuit, assignment, grounded.products);
    std::vector<BilinearTerm<E>> terms;
    E product_value;
    for (const TermTables<E>& each : tables) {
        product_value += inner_product<E>(std::span<const E>(each.left), each.right);
        terms.push_back(BilinearTerm<E>(std::span<const E>(each.left), std::span<const E>(each.right)));
    }
    times.enter("product rounds");
    channel.send("products", product_value);
    const auto sums = prove_bilinear_sum<E>(terms, product_value, channel);

    times.enter("sides");
    std::vector<std::pair<E, E>> side_values;
    for (const auto& values : sums.values)
        side_values.emplace_back(values.left, values.right);
    const E linear_value = claims.value - known_part(grounded, inputs) - product_value;
    return opening_claim<E>(circuit, std::move(grounded), linear_value, sums.point, side_values, inputs,
                            channel.challenge<E>("opening batching"));
}

template OpeningClaim<Extension2> prove_argument(const Circuit&, Assignment&, std::span<const ml::Values>,
                                                 std::span<const ml::Values>, ProverChannel&, StageTimes&);
template OpeningClaim<Extension3> prove_argument(const Circuit&, Assignment&, std::span<const ml::Values>,
                                                 std::span<const ml::Values>, ProverChannel&, StageTimes&);

}  // namespace valence::zk
