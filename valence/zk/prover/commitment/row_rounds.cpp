#include "valence/zk/prover/commitment/row_rounds.hpp"

#include <algorithm>
#include <bit>
#include <type_traits>

#include "valence/zk/protocol/commitment/opening_steps.hpp"
#include "valence/zk/prover/kernels/row_combination.hpp"
#include "valence/zk/prover/kernels/row_contraction.hpp"
#include "valence/zk/prover/parallel.hpp"
#include "valence/zk/prover/polynomial/multilinear.hpp"

namespace valence::zk {
namespace {

Goldilocks as_element(std::int64_t integer) { return Goldilocks::of(integer); }
Goldilocks as_element(Goldilocks element) { return element; }

LargeVector<Goldilocks> as_elements(const TableValues& values, std::size_t size) {
    return std::visit(
        [size](const auto& span) {
            LargeVector<Goldilocks> elements(size);
            std::ranges::transform(span, elements.begin(), [](auto value) { return as_element(value); });
            return elements;
        },
        values);
}

}  // namespace

template <typename E>
std::vector<E> sums_of(const TableValues& values, const OracleShape& shape, const RowProduct<E>& product,
                       const ByteDigits* digits) {
    VALENCE_CHECK(product.first_column + (product.repeats - 1) * product.stride + product.columns.size() <=
                  shape.columns());
    std::vector<E> sums(shape.rows * product.repeats);
    const std::size_t stored_rows = size_of(values) >> shape.log_columns;
    const RowContraction<E> contraction(product.columns);
    const auto of_each = [&](auto sum_at) {
        in_parallel(stored_rows, product.repeats * (8 + product.columns.size() / 4),
                    [&](std::size_t begin, std::size_t end) {
                        for (std::size_t row = begin; row < end; ++row) {
                            const std::size_t first = row * shape.columns() + product.first_column;
                            for (std::size_t p = 0; p < product.repeats; ++p)
                                sums[row * product.repeats + p] = sum_at(first + p * product.stride);
                        }
                    });
    };
    if (digits != nullptr) {
        of_each([&](std::size_t at) { return digits->contract(contraction, at, product.columns.size()); });
    } else {
        std::visit([&](auto span) { of_each([&](std::size_t at) { return contraction.of(&span[at]); }); },
                   values);
    }
    return sums;
}

template <typename E>
RowRounds<E>::RowRounds(const OpeningInput<E>& input, int rounds)
    : input_(input), shape_(input.table->shape().matrix()), late_(rounds - shape_.log_rows()) {
    const TableFunctional<E>& q = input.functional;
    const std::size_t stored = size_of(input.table->values()), all = shape_.rows * shape_.columns();
    VALENCE_CHECK(late_ >= 0 && stored <= all && stored % shape_.columns() == 0);
    for (const RowProduct<E>& product : q.products) {
        VALENCE_CHECK(product.factors.size() == shape_.rows * product.repeats);
        const auto sums = product.sums.empty()
                              ? sums_of(input.table->values(), shape_, product, input.table->digits())
                              : product.sums;
        VALENCE_CHECK(sums.size() == product.factors.size());
        const std::size_t repeats = std::bit_ceil(product.repeats);
        ProductTables& tables = product_tables_.emplace_back();
        tables.sums.resize(shape_.rows * repeats);
        tables.factors.resize(shape_.rows * repeats);
        for (std::size_t row = 0; row < shape_.rows; ++row) {
            std::copy_n(&sums[row * product.repeats], product.repeats, &tables.sums[row * repeats]);
            std::copy_n(&product.factors[row * product.repeats], product.repeats,
                        &tables.factors[row * repeats]);
        }
    }
    for (const ProductTables& tables : product_tables_)
        products_.emplace_back(std::span<const E>(tables.sums), std::span<const E>(tables.factors));
    if (!q.dense.empty()) {
        VALENCE_CHECK(q.dense.size() == all);
        std::span<const Goldilocks> elements;
        const auto* given = std::get_if<std::span<const Goldilocks>>(&input.table->values());
        if (given != nullptr && stored == all) {
            elements = *given;
        } else {
            field_values_ = as_elements(input.table->values(), all);
            elements = field_values_;
        }
        dense_.emplace_back(elements, std::span<const E>(q.dense));
        if (late_ > 0) waiting_sum_ += inner_product<E>(elements, q.dense);
    }
    if (late_ > 0) {
        for (const ProductTables& tables : product_tables_)
            waiting_sum_ += inner_product<E>(std::span<const E>(tables.sums), tables.factors);
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
    if (const ByteDigits* const digits = input_.table->digits()) return digits->combine<E>(weights, to);
    std::visit([&]<typename T>(std::span<const T> values) { combine_rows<E, T>(values, weights, to); },
               input_.table->values());
}

template <typename E>
void RowRounds<E>::write_functional(std::span<E> to) const {
    if (dense_.empty()) {
        std::ranges::fill(to, E());
    } else {
        const auto right = dense_.front().right();
        if (late_ == 0)
            std::ranges::copy(right.span(), to.begin());
        else
            std::ranges::transform(right.span(), to.begin(), [&](const E& q) { return factor_ * q; });
    }
    for (std::size_t i = 0; i < products_.size(); ++i) {
        const RowProduct<E>& product = input_.functional.products[i];
        const auto factors = products_[i].right();
        const auto add_repeats = [&](std::size_t begin, std::size_t end) {
            for (std::size_t p = begin; p < end; ++p) {
                if (!factors[p].is_zero())
                    add_multiple<E>(std::span<const E>(product.columns), factor_ * factors[p],
                                    to.data() + product.first_column + p * product.stride);
            }
        };
        if (product.stride >= product.columns.size())
            in_parallel(product.repeats, 6 * product.columns.size(), add_repeats);
        else
            add_repeats(0, product.repeats);
    }
}

template std::vector<Extension2> sums_of(const TableValues&, const OracleShape&,
                                         const RowProduct<Extension2>&, const ByteDigits*);
template std::vector<Extension3> sums_of(const TableValues&, const OracleShape&,
                                         const RowProduct<Extension3>&, const ByteDigits*);
template class RowRounds<Extension2>;
template class RowRounds<Extension3>;

}  // namespace valence::zk
