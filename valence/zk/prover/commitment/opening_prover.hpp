// The prover's side of an opening, step by step. Its seams are where a cheating prover would deviate: tests
// do.
#pragma once

#include <deque>
#include <span>
#include <vector>

#include "valence/zk/prover/commitment/opening.hpp"
#include "valence/zk/prover/commitment/running_product.hpp"

namespace valence::zk {

template <typename E>
class OpeningProver {
public:
    OpeningProver(const OpeningParameters& parameters, std::span<const OpeningInput<E>> inputs,
                  ProverChannel& channel)
        : parameters_(parameters), inputs_(inputs), channel_(channel) {}
    virtual ~OpeningProver() = default;

    /// All of it, once the statement is absorbed.
    void prove();

protected:
    /// What is sent of a round.
    virtual RoundSums<E> message(const RoundSums<E>& honest) { return honest; }
    /// What is committed of a vector.
    virtual Oracle commit(std::span<const E> vector, const OracleShape& shape) { return {vector, shape}; }
    /// What is sent as the vector in clear; both are as long.
    virtual std::vector<E> in_clear(std::span<const E> vector) { return {vector.begin(), vector.end()}; }

private:
    /// An oracle whose positions are still to be queried.
    struct Pending {
        const Oracle* oracle = nullptr;
        int queries = 0;
        /// Where its folded row lies in the vector at hand.
        std::size_t offset = 0;
    };

    void bind_rows();
    /// Opens positions of the oracles behind the vector at hand and joins what they say of it to the claim.
    void query();
    RunningProduct<E> rounds_over(int variables);
    E exchange(const RoundSums<E>& honest);
    /// The values of the vector at hand that can be other than zero.
    std::span<const E> vector_of(const OracleShape& shape) const;

    const OpeningParameters& parameters_;
    std::span<const OpeningInput<E>> inputs_;
    ProverChannel& channel_;
    std::deque<Oracle> levels_;
    std::vector<Pending> pending_;
    /// The vector and the functional that the running claim is about, padded to a power of two.
    Table<E> vector_, functional_;
};

}  // namespace valence::zk
