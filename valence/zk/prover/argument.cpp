#include "valence/zk/prover/argument.hpp"

#include "valence/zk/protocol/circuit/tables.hpp"
#include "valence/zk/prover/bilinear_sum.hpp"
#include "valence/zk/prover/fractional_sum.hpp"
#include "valence/zk/prover/polynomial/multilinear.hpp"
#include "valence/zk/prover/witness/term_tables.hpp"

namespace valence::zk {
namespace {

template <typename E>
LargeVector<E> denominators_of(const Circuit& circuit, Assignment& assignment,
                               const Fingerprint<E>& fingerprint) {
    LargeVector<E> denominators(circuit.leaves, fingerprint.filling());
    for (const Lookup& lookup : circuit.lookups) {
        const E constant = fingerprint.template denominator<Goldilocks>(lookup.table, lookup.selector, {});
        lookup.layout.for_each_run(
            [&](std::uint64_t, std::uint64_t leaf, std::uint64_t count, std::uint64_t step) {
                for (std::uint64_t k = 0; k < count; ++k)
                    denominators[leaf + k * step] = constant;
            });
        for (std::size_t j = 0; j < lookup.entries.size(); ++j) {
            const auto values = assignment.values(circuit, lookup.entries[j]);
            const E factor = -fingerprint.gammas[2 + j];
            lookup.layout.for_each_run(
                [&](std::uint64_t element, std::uint64_t leaf, std::uint64_t count, std::uint64_t step) {
                    if (step == 1)
                        return add_multiple<E>(values.subspan(element, count), factor,
                                               denominators.data() + leaf);
                    for (std::uint64_t k = 0; k < count; ++k)
                        denominators[leaf + k * step] += factor * values[element + k];
                });
        }
    }
    for (std::uint32_t number = 0; number < circuit.tables.size(); ++number) {
        const LookupTable& table = circuit.tables[number];
        const E constant = fingerprint.template denominator<Goldilocks>(number, {}, {});
        E* const of_rows = denominators.data() + table.layout.base;
        std::fill_n(of_rows, rows(table.rows), constant);
        const auto subtract = [&](std::size_t place, std::span<const Goldilocks> list) {
            add_multiple<E>(list, -fingerprint.gammas[1 + place], of_rows);
        };
        const auto lists = listed(table.rows);
        for (std::size_t place = 0; place < lists.size(); ++place)
            subtract(place, lists[place]);
        if (const auto* computed = std::get_if<ComputedTable>(&table.rows)) {
            for (std::size_t j = 0; j < computed->entries.size(); ++j)
                subtract(1 + j, assignment.values(circuit, computed->entries[j]));
        }
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
    const LargeVector<E> denominators = denominators_of(circuit, assignment, fingerprint);
    const LargeVector<Goldilocks> rest = table_numerators(circuit, assignment);
    times.enter("lookups");
    const auto leaves = prove_fractional_sum<E>({circuit.lookup_leaves, rest}, denominators, channel);

    times.enter("claims");
    const auto output_point = channel.challenges<E>("output point", output_variables(circuit));
    const E batching = channel.challenge<E>("claim batching");
    Claims<E> claims = claims_of<E>(circuit, fingerprint, leaves, outputs, output_point, batching);
    Grounded<E> grounded = ground(circuit, std::move(claims.claims));

    times.enter("product tables");
    std::vector<TermTables<E>> tables;
    std::vector<BilinearTerm<E>> terms;
    E product_value;
    for (const Claim<E>& product : grounded.products)
        tables.push_back(term_tables(circuit, assignment, product));
    for (const TermTables<E>& each : tables) {
        for (std::size_t k = 0; k < each.left.size(); ++k)
            product_value += each.left[k] * each.right[k];
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
