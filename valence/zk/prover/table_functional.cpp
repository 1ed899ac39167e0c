#include "valence/zk/prover/table_functional.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "valence/zk/prover/functional_table.hpp"
#include "valence/zk/prover/parallel.hpp"
#include "valence/zk/prover/product_classes.hpp"

namespace valence::zk {
namespace {

/// Rough times of one core in nanoseconds: of a value in a pass for products, of each vector there, and of a
/// value whose weight is one of a table over the extension, built, multiplied and folded.
constexpr double kSmallInteger = 0.3, kElement = 2.0, kVector = 25.0, kDense = 20.0;

/// What lies within one row: its weights are the columns, and only this row counts.
template <typename E>
RowProduct<E> within_row(const OracleShape& shape, const StoredPart<E>& part) {
    Layout layout = *part.layout;
    layout.base = 0;
    RowProduct<E> product;
    product.first_column = part.layout->base & (shape.columns() - 1);
    product.columns.resize(layout.size());
    add_weights<E>(*part.functional, layout, product.columns);
    product.factors.resize(shape.rows);
    product.factors[part.layout->base >> shape.log_columns] = E(std::uint64_t{1});
    return product;
}

/// Over several rows: the same vector in each inner block, times the weights of the first group's axes.
/// Nothing if a factor covers axes of both, or the blocks are longer than rows.
template <typename E>
std::optional<RowProduct<E>> across_rows(const OracleShape& shape, const StoredPart<E>& part) {
    const Layout& layout = *part.layout;
    const int block_bits = layout.inner_bits();
    if (block_bits > shape.log_columns) return std::nullopt;
    auto weights = split(*part.functional, layout);
    if (!weights) return std::nullopt;
    RowProduct<E> product;
    product.columns = std::move(weights->inner);
    product.stride = product.columns.size();
    product.repeats = shape.columns() >> block_bits;
    product.factors.resize(shape.rows * product.repeats);
    std::ranges::copy(weights->outer,
                      product.factors.begin() + static_cast<std::ptrdiff_t>(layout.base >> block_bits));
    return product;
}

/// Time of the sums of a product.
template <typename E>
double cost_of(const OracleShape& shape, const RowProduct<E>& product, double value_cost) {
    const auto vectors = static_cast<double>(shape.rows * product.repeats);
    return vectors * (kVector + value_cost * static_cast<double>(product.columns.size()));
}

template <typename E>
TableFunctional<E> dense(std::size_t size, std::span<const StoredPart<E>> parts) {
    // Parts of different tensors lie apart; those of one are added up one after the other.
    std::map<std::uint64_t, std::vector<const StoredPart<E>*>> by_place;
    std::uint64_t cells = 0;
    for (const StoredPart<E>& each : parts) {
        by_place[each.layout->base].push_back(&each);
        cells += each.layout->size();
    }
    std::vector<const std::vector<const StoredPart<E>*>*> places;
    for (const auto& [base, at_base] : by_place)
        places.push_back(&at_base);
    TableFunctional<E> functional;
    functional.dense.resize(size);
    each_in_parallel(places.size(), 8 * cells, [&](std::size_t place) {
        for (const StoredPart<E>* each : *places[place])
            add_weights<E>(*each->functional, *each->layout, functional.dense);
    });
    return functional;
}

}  // namespace

template <typename E>
TableFunctional<E> table_functional(const TableShape& shape, const TableValues& values,
                                    std::span<const StoredPart<E>> parts) {
    const OracleShape matrix = shape.matrix();
    const double dense_cost = kDense * static_cast<double>(size_of(values));
    const bool small_integers = std::holds_alternative<std::span<const std::int8_t>>(values);
    const double value_cost = small_integers ? kSmallInteger : kElement;
    TableFunctional<E> functional;
    double cost = 0;
    for (const StoredPart<E>& part : parts) {
        const std::uint64_t last = part.layout->base + part.layout->size() - 1;
        std::optional<RowProduct<E>> product;
        if (part.layout->base >> matrix.log_columns == last >> matrix.log_columns)
            product = within_row(matrix, part);
        else
            product = across_rows(matrix, part);
        if (product) cost += cost_of(matrix, *product, value_cost);
        // Weights' products join to few; of a witness there would be hundreds, each with factors of its own.
        if (!product || (!small_integers && cost > dense_cost)) return dense(size_of(values), parts);
        functional.products.push_back(std::move(*product));
    }
    functional.products = joined(std::move(functional.products), matrix.columns());
    cost = 0;
    for (const RowProduct<E>& product : functional.products)
        cost += cost_of(matrix, product, value_cost);
    return cost > dense_cost ? dense(size_of(values), parts) : functional;
}

template TableFunctional<Extension2> table_functional(const TableShape&, const TableValues&,
                                                      std::span<const StoredPart<Extension2>>);
template TableFunctional<Extension3> table_functional(const TableShape&, const TableValues&,
                                                      std::span<const StoredPart<Extension3>>);

}  // namespace valence::zk
