#include "valence/zk/prover/commitment/opening.hpp"

#include <algorithm>
#include <deque>

#include "valence/zk/protocol/commitment/opening_steps.hpp"
#include "valence/zk/protocol/merkle/merkle_opening.hpp"
#include "valence/zk/prover/commitment/query_table.hpp"
#include "valence/zk/prover/commitment/row_rounds.hpp"
#include "valence/zk/prover/kernels/row_transform.hpp"

namespace valence::zk {
namespace {

/// An oracle whose positions are still to be queried.
struct Pending {
    const Oracle* oracle = nullptr;
    int queries = 0;
    /// Where its folded row lies in the vector at hand.
    std::size_t offset = 0;
};

template <typename E>
class OpeningProver {
public:
    OpeningProver(const OpeningParameters& parameters, std::span<const OpeningInput<E>> inputs,
                  ProverChannel& channel)
        : parameters_(parameters), inputs_(inputs), channel_(channel) {}

    void prove() {
        bind_rows();
        for (const auto& level : parameters_.levels) {
            levels_.emplace_back(vector_of(level.shape), level.shape);
            channel_.send(opening_label::kRoot, levels_.back().root());
            query();
            auto rounds = rounds_over(level.shape.log_rows());
            vector_ = rounds.left();
            functional_ = rounds.right();
            pending_ = {{&levels_.back(), level.queries, 0}};
        }
        channel_.send_all(opening_label::kVector, vector_.span().first(parameters_.clear_size));
        query();
        rounds_over(parameters_.clear_variables());
    }

private:
    /// The values of the vector at hand that can be other than zero.
    std::span<const E> vector_of(const OracleShape& shape) const {
        return vector_.span().first(std::min(vector_.size(), shape.rows * shape.columns()));
    }

    E exchange(const RoundSums<E>& message) {
        channel_.send(opening_label::kRound, message.zero);
        channel_.send(opening_label::kRound, message.infinity);
        return channel_.challenge<E>(opening_label::kChallenge);
    }

    void bind_rows() {
        std::deque<RowRounds<E>> tables;
        for (const auto& input : inputs_)
            tables.emplace_back(input, parameters_.first_rounds);
        for (int round = 0; round < parameters_.first_rounds; ++round) {
            RoundSums<E> message;
            for (auto& table : tables)
                message += table.message(round);
            const E challenge = exchange(message);
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

    /// Opens positions of the oracles behind the vector at hand and joins what they say of it to the claim.
    void query() {
        channel_.grind(opening_label::kWork, parameters_.grinding_bits);
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

    RunningProduct<E> rounds_over(int variables) {
        RunningProduct<E> rounds(vector_.span(), functional_.span());
        for (int round = 0; round < variables; ++round)
            rounds.bind(exchange(rounds.message()));
        return rounds;
    }

    const OpeningParameters& parameters_;
    std::span<const OpeningInput<E>> inputs_;
    ProverChannel& channel_;
    std::deque<Oracle> levels_;
    std::vector<Pending> pending_;
    /// The vector and the functional that the running claim is about, padded to a power of two.
    Table<E> vector_, functional_;
};

}  // namespace

template <typename E>
E apply(const CommittedTable& table, const TableFunctional<E>& functional) {
    const OpeningInput<E> input{&table, functional};
    // As if it joined late: all its sum is in the message of the round before.
    return RowRounds<E>(input, table.shape().log_rows + 1).message(0).zero;
}

template <typename E>
void prove_opening(const OpeningParameters& parameters, std::span<const OpeningInput<E>> inputs,
                   const E& claim, ProverChannel& channel) {
    VALENCE_CHECK(inputs.size() == parameters.tables.size());
    std::vector<Hash> roots;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        VALENCE_CHECK(inputs[i].table->shape() == parameters.tables[i].shape);
        roots.push_back(inputs[i].table->root());
    }
    absorb_opening_statement<E>(channel.transcript, parameters, roots, claim);
    OpeningProver<E>(parameters, inputs, channel).prove();
}

template Extension2 apply(const CommittedTable&, const TableFunctional<Extension2>&);
template Extension3 apply(const CommittedTable&, const TableFunctional<Extension3>&);
template void prove_opening(const OpeningParameters&, std::span<const OpeningInput<Extension2>>,
                            const Extension2&, ProverChannel&);
template void prove_opening(const OpeningParameters&, std::span<const OpeningInput<Extension3>>,
                            const Extension3&, ProverChannel&);

}  // namespace valence::zk
