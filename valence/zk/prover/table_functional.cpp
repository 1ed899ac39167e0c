#include "valence/zk/prover/table_functional.hpp"

#include <algorithm>
#include <optional>

namespace valence::zk {
namespace {

/// Rough times of one core in nanoseconds: of a value in a pass for products, and of a value whose weight is
/// one of a table over the extension, built, multiplied and folded.
constexpr double kSmallInteger = 0.3, kElement = 2.0, kDense = 20.0;

/// What lies within one row: its weights are the columns, and only this row counts.
template <typename E>
RowProduct<E> within_row(const OracleShape& shape, const StoredPart<E>& part) {
    StoredLayout layout = *part.layout;
    layout.base = 0;
    RowProduct<E> product;
    product.first_column = part.layout->base & (shape.columns() - 1);
    product.columns.resize(layout.size());
    add<E>(*part.functional, layout, product.columns);
    product.factors.resize(shape.rows);
    product.factors[part.layout->base >> shape.log_columns] = E(std::uint64_t{1});
    return product;
}

/// Over several rows: the same vector in each block of the innermost axis, times the weights of the other
/// axes. One product for each of the blocks that the axis is cut into. Nothing if that axis has no vector of
/// its own, or its blocks are longer than rows.
template <typename E>
std::optional<std::vector<RowProduct<E>>> across_rows(const OracleShape& shape, const StoredPart<E>& part) {
    const StoredLayout& layout = *part.layout;
    const std::uint8_t last = layout.order.back();
    const Factor<E>& inner = part.functional->factor_of(last);
    if (inner.axes.size() != 1 || layout.block_bits > shape.log_columns) return std::nullopt;

    Functional<E> others = *part.functional;
    others.shape[last] = 1;
    for (Factor<E>& factor : others.factors) {
        if (factor.axes == inner.axes) factor.values = {E(std::uint64_t{1})};
    }
    std::vector<E> outer(others.shape.elements());
    add<E>(others, StoredLayout{others.shape, layout.order, 0, 0}, outer);

    const std::size_t block = std::size_t{1} << layout.block_bits, blocks = layout.blocks();
    std::vector<RowProduct<E>> products(blocks);
    for (std::size_t i = 0; i < blocks; ++i) {
        RowProduct<E>& product = products[i];
        const std::size_t begin = i * block, end = std::min(begin + block, inner.values.size());
        product.columns.assign(inner.values.begin() + static_cast<std::ptrdiff_t>(begin),
                               inner.values.begin() + static_cast<std::ptrdiff_t>(end));
        product.stride = block;
        product.repeats = shape.columns() >> layout.block_bits;
        product.factors.resize(shape.rows * product.repeats);
        for (std::size_t o = 0; o < outer.size(); ++o)
            product.factors[(layout.base >> layout.block_bits) + o * blocks + i] = outer[o];
    }
    return products;
}

/// Values that the sums of a product pass over.
template <typename E>
double passed_over(const OracleShape& shape, const RowProduct<E>& product) {
    return static_cast<double>(shape.rows) * static_cast<double>(product.repeats * product.columns.size());
}

}  // namespace

template <typename E>
TableFunctional<E> table_functional(const TableShape& shape, const TableValues& values,
                                    std::span<const StoredPart<E>> parts) {
    const OracleShape matrix = shape.oracle();
    const double dense_cost = kDense * static_cast<double>(size_of(values));
    const double value_cost =
        std::holds_alternative<std::span<const std::int8_t>>(values) ? kSmallInteger : kElement;
    TableFunctional<E> functional;
    double cost = 0;
    for (const StoredPart<E>& part : parts) {
        const std::uint64_t last = part.layout->base + part.layout->size() - 1;
        std::optional<std::vector<RowProduct<E>>> products;
        if (part.layout->base >> matrix.log_columns == last >> matrix.log_columns)
            products = {within_row(matrix, part)};
        else
            products = across_rows(matrix, part);
        if (products) {
            for (RowProduct<E>& product : *products) {
                cost += value_cost * passed_over(matrix, product);
                functional.products.push_back(std::move(product));
            }
        }
        if (!products || cost > dense_cost) {
            functional = {};
            functional.dense.resize(size_of(values));
            for (const StoredPart<E>& each : parts)
                add<E>(*each.functional, *each.layout, functional.dense);
            return functional;
        }
    }
    return functional;
}

template TableFunctional<Extension2> table_functional(const TableShape&, const TableValues&,
                                                      std::span<const StoredPart<Extension2>>);
template TableFunctional<Extension3> table_functional(const TableShape&, const TableValues&,
                                                      std::span<const StoredPart<Extension3>>);

}  // namespace valence::zk
