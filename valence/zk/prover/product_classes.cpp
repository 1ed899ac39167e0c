#include "valence/zk/prover/product_classes.hpp"

#include <algorithm>

namespace valence::zk {
namespace {

/// Whether it gives a weight to every column, in blocks one after the other.
template <typename E>
bool covers_rows(const RowProduct<E>& product, std::size_t columns) {
    return product.first_column == 0 && product.stride == product.columns.size() &&
           product.repeats * product.stride == columns && product.sums.empty();
}

/// Divides a vector by its first element, and multiplies the factors by it.
template <typename E>
bool normalise(RowProduct<E>& product) {
    const E first = product.columns.front();
    if (first.is_zero()) return false;
    const E inverse = first.inverse();
    for (E& value : product.columns)
        value *= inverse;
    for (E& factor : product.factors) {
        if (!factor.is_zero()) factor *= first;
    }
    return true;
}

/// If `vector` is w ⊗ base, base[0] being 1: w.
template <typename E>
std::vector<E> quotient(std::span<const E> vector, std::span<const E> base) {
    std::vector<E> factors;
    for (std::size_t begin = 0; begin < vector.size(); begin += base.size()) {
        const E factor = vector[begin];
        for (std::size_t i = 1; i < base.size(); ++i) {
            if (vector[begin + i] != factor * base[i]) return {};
        }
        factors.push_back(factor);
    }
    return factors;
}

/// Adds a product to one over shorter blocks.
template <typename E>
void add(const RowProduct<E>& product, std::span<const E> quotient, RowProduct<E>& to) {
    for (std::size_t p = 0; p < product.factors.size(); ++p) {
        if (product.factors[p].is_zero()) continue;
        for (std::size_t j = 0; j < quotient.size(); ++j)
            to.factors[p * quotient.size() + j] += product.factors[p] * quotient[j];
    }
}

}  // namespace

template <typename E>
std::vector<RowProduct<E>> joined(std::vector<RowProduct<E>> products, std::size_t columns) {
    std::ranges::stable_sort(products, {}, [](const RowProduct<E>& each) { return each.columns.size(); });
    std::vector<RowProduct<E>> result;
    std::vector<std::size_t> bases;  // those of the result that others can join
    for (RowProduct<E>& product : products) {
        const bool can_join = covers_rows(product, columns) && normalise(product);
        const auto base = std::ranges::find_if(bases, [&](std::size_t number) {
            if (!can_join) return false;
            const auto factors = quotient<E>(product.columns, result[number].columns);
            if (!factors.empty()) add<E>(product, factors, result[number]);
            return !factors.empty();
        });
        if (base != bases.end()) continue;
        if (can_join) bases.push_back(result.size());
        result.push_back(std::move(product));
    }
    return result;
}

template std::vector<RowProduct<Extension2>> joined(std::vector<RowProduct<Extension2>>, std::size_t);
template std::vector<RowProduct<Extension3>> joined(std::vector<RowProduct<Extension3>>, std::size_t);

}  // namespace valence::zk
