#include "valence/zk/prover/commitment/opening_prover.hpp"

#include <algorithm>

#include "valence/zk/protocol/commitment/opening_steps.hpp"
#include "valence/zk/protocol/merkle/merkle_opening.hpp"
#include "valence/zk/prover/commitment/nonce_search.hpp"
#include "valence/zk/prover/commitment/query_table.hpp"
#include "valence/zk/prover/commitment/row_rounds.hpp"

namespace valence::zk {

template <typename E>
void OpeningProver<E>::prove() {
    bind_rows();
    for (const auto& level : parameters_.levels) {
        levels_.push_back(commit(vector_of(level.shape), level.shape));
        channel_.send(opening_label::kRoot, levels_.back().root());
        query();
        const auto rounds = rounds_over(level.shape.log_rows());
        auto folded = rounds.left();
        functional_ = rounds.right();
        vector_ = std::move(folded);
        pending_ = {{&levels_.back(), level.queries, 0}};
    }
    channel_.send_all(opening_label::kVector, in_clear(vector_.span().first(parameters_.clear_size)));
    query();
    rounds_over(parameters_.clear_variables());
}

template <typename E>
std::span<const E> OpeningProver<E>::vector_of(const OracleShape& shape) const {
    return vector_.span().first(std::min(vector_.size(), shape.rows * shape.columns()));
}

template <typename E>
E OpeningProver<E>::exchange(const RoundSums<E>& honest) {
    const RoundSums<E> sent = message(honest);
    channel_.send(opening_label::kRound, sent.zero);
    channel_.send(opening_label::kRound, sent.infinity);
    return channel_.challenge<E>(opening_label::kChallenge);
}

template <typename E>
void OpeningProver<E>::bind_rows() {
    std::deque<RowRounds<E>> tables;
    for (const auto& input : inputs_)
        tables.emplace_back(input, parameters_.first_rounds);
    for (int round = 0; round < parameters_.first_rounds; ++round) {
        RoundSums<E> sums;
        for (auto& table : tables)
            sums += table.message(round);
        const E challenge = exchange(sums);
        for (auto& table : tables)
            table.bind(round, challenge);
    }
    const std::size_t padded = std::size_t{1} << parameters_.stack_variables();
    vector_ = Table<E>(padded);
    functional_ = Table<E>(padded);
    std::fill(vector_.data() + parameters_.stack_size, vector_.data() + padded, E());
    std::fill(functional_.data() + parameters_.stack_size, functional_.data() + padded, E());
    for (std::size_t i = 0; i < tables.size(); ++i) {
        const auto& table = parameters_.tables[i];
        const std::size_t columns = table.shape.oracle().columns();
        tables[i].write_row({vector_.data() + table.offset, columns});
        tables[i].write_functional({functional_.data() + table.offset, columns});
        pending_.push_back({&inputs_[i].table->oracle(), table.queries, table.offset});
    }
}

template <typename E>
void OpeningProver<E>::query() {
    channel_.grind(opening_label::kWork, parameters_.grinding_bits, least_nonce_in_parallel);
    std::vector<std::vector<std::uint64_t>> opened;
    for (const Pending& pending : pending_) {
        opened.push_back(opening_order(channel_.positions(opening_label::kPositions,
                                                          static_cast<std::size_t>(pending.queries),
                                                          pending.oracle->shape().log_length())));
        pending.oracle->open(opened.back(), channel_.proof);
    }
    const E join = channel_.challenge<E>(opening_label::kJoin);
    E power = join;
    for (std::size_t i = 0; i < pending_.size(); ++i) {
        const OracleShape& shape = pending_[i].oracle->shape();
        std::vector<E> coefficients(opened[i].size());
        for (E& coefficient : coefficients) {
            coefficient = power;
            power *= join;
        }
        add_query_functionals<E>(shape, opened[i], coefficients,
                                 {functional_.data() + pending_[i].offset, shape.columns()});
    }
}

template <typename E>
RunningProduct<E> OpeningProver<E>::rounds_over(int variables) {
    RunningProduct<E> rounds(vector_.span(), functional_.span());
    for (int round = 0; round < variables; ++round)
        rounds.bind(exchange(rounds.message()));
    return rounds;
}

template class OpeningProver<Extension2>;
template class OpeningProver<Extension3>;

}  // namespace valence::zk
