#include "valence/zk/verifier/opening.hpp"

#include <algorithm>
#include <type_traits>

#include "valence/zk/protocol/commitment/opening_steps.hpp"
#include "valence/zk/protocol/merkle/merkle_opening.hpp"

namespace valence::zk {
namespace {

/// An oracle whose positions are still to be queried.
template <typename E>
struct Pending {
    Hash root;
    OracleShape shape;
    int queries = 0;
    bool over_base = false;
    /// Where its folded row lies in the vector at hand.
    std::size_t offset = 0;
    /// eq of the challenges that bound its rows.
    std::vector<E> row_weights;
};

/// Claims ⟨vector, powers of the point⟩ that joined the running claim.
template <typename E>
struct Queried {
    std::vector<std::uint64_t> positions;
    std::vector<E> coefficients;
    int log_columns = 0;
    std::size_t offset = 0;
    /// The first of the later challenges that binds the vector.
    std::size_t first_challenge = 0;
};

/// Each column of leaves, row after row, summed with the rows' weights.
template <typename E, typename T>
std::vector<E> fold_columns(std::span<const T> leaves, std::size_t rows, std::span<const E> weights) {
    std::vector<E> folded(leaves.size() / rows);
    for (std::size_t i = 0; i < folded.size(); ++i) {
        for (std::size_t row = 0; row < rows; ++row)
            folded[i] += weights[row] * leaves[i * rows + row];
    }
    return folded;
}

template <typename E>
class OpeningVerifier {
public:
    OpeningVerifier(const OpeningParameters& parameters, const E& claim, VerifierChannel& channel)
        : parameters_(parameters), claim_(claim), channel_(channel) {}

    Result<void> verify(std::span<const Hash> roots, std::span<const FunctionalAtPoint<E>> functionals) {
        BOOST_OUTCOME_TRYV(rounds(parameters_.first_rounds, row_challenges_));
        for (std::size_t i = 0; i < roots.size(); ++i) {
            const auto& table = parameters_.tables[i];
            pending_.push_back({roots[i], table.shape.oracle(), table.queries, true, table.offset,
                                eq_weights<E>(rows_of(i))});
        }
        for (const auto& level : parameters_.levels) {
            BOOST_OUTCOME_TRY(const auto root, channel_.receive_digest(opening_label::kRoot));
            BOOST_OUTCOME_TRYV(query());
            BOOST_OUTCOME_TRYV(rounds(level.shape.log_rows(), later_challenges_));
            pending_ = {{root, level.shape, level.queries, false, 0,
                         eq_weights<E>(last_challenges(level.shape.log_rows()))}};
        }
        BOOST_OUTCOME_TRY(const auto vector,
                          channel_.template receive_all<E>(opening_label::kVector, parameters_.clear_size));
        BOOST_OUTCOME_TRYV(query());
        BOOST_OUTCOME_TRYV(rounds(parameters_.clear_variables(), later_challenges_));

        const auto weights = eq_weights<E>(last_challenges(parameters_.clear_variables()));
        E value;
        for (std::size_t i = 0; i < vector.size(); ++i)
            value += weights[i] * vector[i];
        if (value * functional_value(functionals) != claim_)
            return Error{ProofError::opening_mismatch,
                         "the vector in clear does not have the claimed product"};
        return success();
    }

private:
    std::span<const E> last_challenges(int count) const {
        return std::span<const E>(later_challenges_).last(static_cast<std::size_t>(count));
    }
    /// The challenges that bound a table's rows.
    std::span<const E> rows_of(std::size_t table) const {
        return std::span<const E>(row_challenges_)
            .last(static_cast<std::size_t>(parameters_.tables[table].shape.log_rows));
    }

    Result<void> rounds(int count, std::vector<E>& challenges) {
        for (int round = 0; round < count; ++round) {
            BOOST_OUTCOME_TRY(const E at_zero, channel_.template receive<E>(opening_label::kRound));
            BOOST_OUTCOME_TRY(const E square, channel_.template receive<E>(opening_label::kRound));
            challenges.push_back(channel_.template challenge<E>(opening_label::kChallenge));
            claim_ = RoundMessage<E>{at_zero, square}.next_claim(claim_, challenges.back());
        }
        return success();
    }

    /// What the leaves at a pending oracle's positions fold to.
    template <typename T>
    Result<std::vector<E>> receive_folded(const Pending<E>& pending,
                                          std::span<const std::uint64_t> positions) {
        const MerkleShape tree{pending.shape.log_length(), pending.shape.rows * 8 * kCoefficients<T>};
        BOOST_OUTCOME_TRY(const auto leaves,
                          receive_merkle_elements<T>(pending.root, tree, positions, channel_.proof));
        return fold_columns<E, T>(leaves, pending.shape.rows, pending.row_weights);
    }

    Result<void> query() {
        BOOST_OUTCOME_TRYV(channel_.check_grinding(opening_label::kWork, parameters_.grinding_bits));
        std::vector<std::vector<E>> values;
        const std::size_t first = queried_.size();
        for (const Pending<E>& pending : pending_) {
            auto positions = opening_order(channel_.positions(opening_label::kPositions,
                                                              static_cast<std::size_t>(pending.queries),
                                                              pending.shape.log_length()));
            BOOST_OUTCOME_TRY(auto folded, pending.over_base ? receive_folded<Goldilocks>(pending, positions)
                                                             : receive_folded<E>(pending, positions));
            values.push_back(std::move(folded));
            queried_.push_back({std::move(positions),
                                {},
                                pending.shape.log_columns,
                                pending.offset,
                                later_challenges_.size()});
        }
        const E join = channel_.template challenge<E>(opening_label::kJoin);
        E power = join;
        for (std::size_t i = 0; i < values.size(); ++i) {
            for (const E& value : values[i]) {
                queried_[first + i].coefficients.push_back(power);
                claim_ += power * value;
                power *= join;
            }
        }
        return success();
    }

    /// The functional that the last claim is about, at all challenges after the rows'.
    E functional_value(std::span<const FunctionalAtPoint<E>> functionals) const {
        const std::span<const E> point(later_challenges_);
        E value;
        for (std::size_t i = 0; i < functionals.size(); ++i) {
            const auto& table = parameters_.tables[i];
            const int log_columns = table.shape.oracle().log_columns;
            const auto own = point.last(static_cast<std::size_t>(log_columns));
            std::vector<E> at(rows_of(i).begin(), rows_of(i).end());
            at.insert(at.end(), own.begin(), own.end());
            value += late_factor<E>(parameters_, i, row_challenges_) *
                     eq_weight<E>(point.first(point.size() - own.size()), table.offset >> log_columns) *
                     functionals[i](at);
        }
        for (const Queried<E>& queried : queried_) {
            const auto of_vector = point.subspan(queried.first_challenge);
            const auto own = of_vector.last(static_cast<std::size_t>(queried.log_columns));
            E sum;
            for (std::size_t j = 0; j < queried.positions.size(); ++j)
                sum += queried.coefficients[j] * evaluate_powers<E>(code_point(queried.positions[j]), own);
            value += eq_weight<E>(of_vector.first(of_vector.size() - own.size()),
                                  queried.offset >> queried.log_columns) *
                     sum;
        }
        return value;
    }

    const OpeningParameters& parameters_;
    /// The running claim: ⟨vector at hand, functional⟩.
    E claim_;
    VerifierChannel& channel_;
    std::vector<E> row_challenges_, later_challenges_;
    std::vector<Pending<E>> pending_;
    std::vector<Queried<E>> queried_;
};

}  // namespace

template <typename E>
Result<void> verify_opening(const OpeningParameters& parameters, std::span<const Hash> roots,
                            std::span<const FunctionalAtPoint<E>> functionals, const E& claim,
                            VerifierChannel& channel) {
    VALENCE_CHECK(roots.size() == parameters.tables.size() && functionals.size() == roots.size());
    absorb_opening_statement<E>(channel.transcript, parameters, roots, claim);
    return OpeningVerifier<E>(parameters, claim, channel).verify(roots, functionals);
}

template Result<void> verify_opening(const OpeningParameters&, std::span<const Hash>,
                                     std::span<const FunctionalAtPoint<Extension2>>, const Extension2&,
                                     VerifierChannel&);
template Result<void> verify_opening(const OpeningParameters&, std::span<const Hash>,
                                     std::span<const FunctionalAtPoint<Extension3>>, const Extension3&,
                                     VerifierChannel&);

}  // namespace valence::zk
