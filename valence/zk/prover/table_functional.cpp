#include "valence/zk/prover/table_functional.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <optional>

#include "valence/zk/prover/functional_table.hpp"
#include "valence/zk/prover/kernels/digit_sums.hpp"
#include "valence/zk/prover/parallel.hpp"
#include "valence/zk/prover/product_classes.hpp"

namespace valence::zk {
namespace {

/// Rough times of one core in nanoseconds: of a value in a pass for products, of each vector there with the
/// rounds over its sum; of a column of a product, prepared for the pass and added up in the end; and of a
/// value of a table over the extension that is multiplied and folded.
constexpr double kSmallInteger = 0.2, kElement = 2.0, kVector = 30.0, kColumn = 20.0, kDense = 13.0;

/// How many rows a tensor lies in.
std::uint64_t rows_of(const OracleShape& shape, const Layout& layout) {
    const std::uint64_t last = layout.base + layout.size() - 1;
    return (last >> shape.log_columns) - (layout.base >> shape.log_columns) + 1;
}

/// Row by row: its weights there are the columns, and only this row counts.
template <typename E>
std::vector<RowProduct<E>> within_rows(const OracleShape& shape, const StoredPart<E>& part) {
    Layout layout = *part.layout;
    layout.base = 0;
    std::vector<E> weights(layout.size());
    add_weights<E>(*part.functional, layout, weights);
    std::vector<RowProduct<E>> products;
    for (std::size_t done = 0; done < weights.size(); done += products.back().columns.size()) {
        const std::uint64_t at = part.layout->base + done;
        RowProduct<E>& product = products.emplace_back();
        product.first_column = at & (shape.columns() - 1);
        const std::size_t count = std::min(weights.size() - done, shape.columns() - product.first_column);
        const auto from = weights.begin() + static_cast<std::ptrdiff_t>(done);
        product.columns.assign(from, from + static_cast<std::ptrdiff_t>(count));
        product.factors.resize(shape.rows);
        product.factors[at >> shape.log_columns] = E(std::uint64_t{1});
    }
    return products;
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

/// What passes over a table's values take, in nanoseconds.
struct Costs {
    OracleShape shape;
    double value;  // of one value

    double of_product(std::size_t columns, std::size_t repeats) const {
        const auto length = static_cast<double>(columns);
        // What is no whole step of the kernel is taken value by value.
        const double each = columns < kContractionStep ? 5 * kElement : value;
        return kColumn * length + static_cast<double>(shape.rows * repeats) * (kVector + each * length);
    }
    double across_rows(const Layout& layout) const {
        const int bits = layout.inner_bits();
        if (bits > shape.log_columns) return std::numeric_limits<double>::infinity();
        return of_product(std::size_t{1} << bits, shape.columns() >> bits);
    }
    /// Row by row.
    double within_rows(const Layout& layout) const {
        const auto length = static_cast<double>(layout.size());
        const auto vectors = static_cast<double>(shape.rows * rows_of(shape, layout));
        return kColumn * length + vectors * kVector + static_cast<double>(shape.rows) * value * length;
    }
};

template <typename E>
TableFunctional<E> dense(std::size_t size, std::span<const StoredPart<E>> parts) {
    VALENCE_CHECK(!parts.empty());
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
    E* const table = functional.dense.data();
    each_in_parallel(places.size(), 8 * cells + size, [&](std::size_t place) {
        // Each tensor's part is cleared together with what nothing has before the next one.
        const auto begin_of = [&](std::size_t k) { return places[k]->front()->layout->base; };
        std::fill(table + (place == 0 ? 0 : begin_of(place)),
                  table + (place + 1 == places.size() ? size : begin_of(place + 1)), E());
        for (const StoredPart<E>* each : *places[place])
            add_weights<E>(*each->functional, *each->layout, functional.dense);
    });
    return functional;
}

}  // namespace

template <typename E>
TableFunctional<E> table_functional(const TableShape& shape, const TableValues& values,
                                    std::span<const StoredPart<E>> parts, const ByteDigits* digits) {
    const OracleShape matrix = shape.matrix();
    const std::size_t size = matrix.rows * matrix.columns();
    const double dense_cost = kDense * static_cast<double>(size);
    const bool small_integers =
        digits != nullptr || std::holds_alternative<std::span<const std::int8_t>>(values);
    const double passes = digits == nullptr ? 1 : digits->passes();
    const Costs costs{matrix, small_integers ? kSmallInteger * passes : kElement};
    // Products across rows of weights join to few; all others add up, and of a witness there are hundreds,
    // each with factors of its own.
    double alone = 0;
    for (const StoredPart<E>& part : parts) {
        const double within = costs.within_rows(*part.layout), across = costs.across_rows(*part.layout);
        const double least = std::min(within, across);
        if (!small_integers || within <= across) alone += least;
        if (std::max(alone, least) > dense_cost) return dense(size, parts);
    }
    TableFunctional<E> functional;
    for (const StoredPart<E>& part : parts) {
        const double within = costs.within_rows(*part.layout);
        std::optional<RowProduct<E>> across;
        if (costs.across_rows(*part.layout) < within) across = across_rows(matrix, part);
        if (across) {
            functional.products.push_back(std::move(*across));
        } else if (within > dense_cost) {
            return dense(size, parts);
        } else {
            std::ranges::move(within_rows(matrix, part), std::back_inserter(functional.products));
        }
    }
    functional.products = joined(std::move(functional.products), matrix.columns());
    double cost = 0;
    for (const RowProduct<E>& product : functional.products)
        cost += costs.of_product(product.columns.size(), product.repeats);
    return cost > dense_cost ? dense(size, parts) : functional;
}

template TableFunctional<Extension2> table_functional(const TableShape&, const TableValues&,
                                                      std::span<const StoredPart<Extension2>>,
                                                      const ByteDigits*);
template TableFunctional<Extension3> table_functional(const TableShape&, const TableValues&,
                                                      std::span<const StoredPart<Extension3>>,
                                                      const ByteDigits*);

}  // namespace valence::zk
