#include "valence/zk/prover/commitment/row_rounds.hpp"

#include <algorithm>
#include <type_traits>

#include "valence/zk/protocol/commitment/opening_steps.hpp"
#include "valence/zk/prover/kernels/row_combination.hpp"
#include "valence/zk/prover/polynomial/multilinear.hpp"

namespace valence::zk {
namespace {

Goldilocks as_element(std::int64_t integer) { return Goldilocks::of(integer); }
Goldilocks as_element(Goldilocks element) { return element; }

std::vector<Goldilocks> as_elements(const TableValues& values) {
    return std::visit(
        [](const auto& span) {
            std::vector<Goldilocks> elements(span.size());
            std::ranges::transform(span, elements.begin(), [](auto value) { return as_element(value); });
            return elements;
        },
        values);
}

template <typename E>
E sum_of_products(std::span<const E> a, std::span<const E> b) {
    E sum;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += a[i] * b[i];
    return sum;
}

}  // namespace

template <typename E>
std::vector<E> row_sums(const TableValues& values, const OracleShape& shape, const RowProduct<E>& product) {
    VALENCE_CHECK(product.first_column + product.columns.size() <= shape.columns());
    return std::visit(
        [&](const auto& span) {
            std::vector<E> sums(shape.rows);
            std::vector<Goldilocks> piece(product.columns.size());
            for (std::size_t row = 0; row < shape.rows; ++row) {
                const auto from = span.subspan(row * shape.columns() + product.first_column, piece.size());
                std::ranges::transform(from, piece.begin(), [](auto value) { return as_element(value); });
                sums[row] = inner_product<E>(std::span<const Goldilocks>(piece), product.columns);
            }
            return sums;
        },
        values);
}

template <typename E>
RowRounds<E>::RowRounds(const OpeningInput<E>& input, int rounds)
    : input_(input), shape_(input.table->shape().oracle()), late_(rounds - shape_.log_rows()) {
    const TableFunctional<E>& q = input.functional;
    VALENCE_CHECK(late_ >= 0 && size_of(input.table->values()) == shape_.rows * shape_.columns());
    for (const RowProduct<E>& product : q.products) {
        VALENCE_CHECK(product.rows.size() == shape_.rows);
        row_sums_.push_back(product.row_sums.empty() ? row_sums(input.table->values(), shape_, product)
                                                     : product.row_sums);
        VALENCE_CHECK(row_sums_.back().size() == shape_.rows);
    }
    for (std::size_t i = 0; i < q.products.size(); ++i)
        products_.emplace_back(std::span<const E>(row_sums_[i]), std::span<const E>(q.products[i].rows));
    if (!q.dense.empty()) {
        VALENCE_CHECK(q.dense.size() == shape_.rows * shape_.columns());
        std::span<const Goldilocks> elements;
        if (const auto* given = std::get_if<std::span<const Goldilocks>>(&input.table->values())) {
            elements = *given;
        } else {
            field_values_ = as_elements(input.table->values());
            elements = field_values_;
        }
        dense_.emplace_back(elements, std::span<const E>(q.dense));
        if (late_ > 0) waiting_sum_ += inner_product<E>(elements, q.dense);
    }
    if (late_ > 0) {
        for (std::size_t i = 0; i < q.products.size(); ++i)
            waiting_sum_ += sum_of_products<E>(row_sums_[i], q.products[i].rows);
    }
}

template <typename E>
RoundSums<E> RowRounds<E>::message(int round) {
    // Before the table joins it is its sum times 1 − X.
    if (!joined(round)) return {factor_ * waiting_sum_, E()};
    RoundSums<E> sums;
    for (auto& product : products_)
        sums += product.message();
    for (auto& product : dense_)
        sums += product.message();
    return {factor_ * sums.zero, factor_ * sums.infinity};
}

template <typename E>
void RowRounds<E>::bind(int round, const E& challenge) {
    if (!joined(round)) {
        factor_ *= E(std::uint64_t{1}) - challenge;
        return;
    }
    challenges_.push_back(challenge);
    for (auto& product : products_)
        product.bind(challenge);
    for (auto& product : dense_)
        product.bind(challenge);
}

template <typename E>
void RowRounds<E>::write_row(std::span<E> to) const {
    if (!dense_.empty()) {
        std::ranges::copy(dense_.front().left().span(), to.begin());
        return;
    }
    const auto weights = eq_weights<E>(challenges_);
    std::visit([&]<typename T>(std::span<const T> values) { combine_rows<E, T>(values, weights, to); },
               input_.table->values());
}

template <typename E>
void RowRounds<E>::write_functional(std::span<E> to) const {
    if (dense_.empty()) {
        std::ranges::fill(to, E());
    } else {
        std::ranges::transform(dense_.front().right().span(), to.begin(),
                               [&](const E& q) { return factor_ * q; });
    }
    for (std::size_t i = 0; i < products_.size(); ++i) {
        const RowProduct<E>& product = input_.functional.products[i];
        const E weight = factor_ * products_[i].right()[0];
        for (std::size_t c = 0; c < product.columns.size(); ++c)
            to[product.first_column + c] += weight * product.columns[c];
    }
}

template std::vector<Extension2> row_sums(const TableValues&, const OracleShape&,
                                          const RowProduct<Extension2>&);
template std::vector<Extension3> row_sums(const TableValues&, const OracleShape&,
                                          const RowProduct<Extension3>&);
template class RowRounds<Extension2>;
template class RowRounds<Extension3>;

}  // namespace valence::zk
