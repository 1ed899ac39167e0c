#include "valence/zk/verifier/fractional_sum.hpp"

namespace valence::zk {
namespace {

/// What is sent of a layer's children at a point.
template <typename E>
struct Children {
    E p0, p1, q0, q1;
};

template <typename E>
Result<Children<E>> receive_children(VerifierChannel& channel) {
    BOOST_OUTCOME_TRY(const auto values, channel.receive_all<E>("fractions", 4));
    return Children<E>{values[0], values[1], values[2], values[3]};
}

template <typename E>
void merge(const Children<E>& children, VerifierChannel& channel, FractionalClaim<E>& claim) {
    const E tau = channel.challenge<E>("tau");
    claim.numerator = children.p0 + tau * (children.p1 - children.p0);
    claim.denominator = children.q0 + tau * (children.q1 - children.q0);
    claim.point.insert(claim.point.begin(), tau);
}

}  // namespace

template <typename E>
Result<FractionalClaim<E>> verify_fractional_sum(std::size_t leaves, VerifierChannel& channel) {
    if (leaves == 0 || leaves > kMaxFractions)
        return Error{ProofError::bad_parameters, std::to_string(leaves) + " leaves"};
    channel.transcript.absorb_number("fractional sum", leaves);
    FractionalClaim<E> claim;
    const std::size_t variables = fraction_variables(leaves);
    if (variables == 0) {
        BOOST_OUTCOME_TRY(claim.denominator, channel.receive<E>("denominator"));
        if (claim.denominator.is_zero()) return Error{ProofError::lookup_mismatch, "denominator 0"};
        return claim;
    }

    BOOST_OUTCOME_TRY(auto children, receive_children<E>(channel));
    if (!(children.p0 * children.q1 + children.p1 * children.q0).is_zero())
        return Error{ProofError::lookup_mismatch, "the fractions' sum is not 0"};
    if ((children.q0 * children.q1).is_zero())
        return Error{ProofError::lookup_mismatch, "a denominator is 0"};
    merge(children, channel, claim);

    for (std::size_t layer = 1; layer < variables; ++layer) {
        const E lambda = channel.challenge<E>("lambda");
        E sum = claim.numerator + lambda * claim.denominator;
        for (E& coordinate : claim.point) {
            BOOST_OUTCOME_TRY(const auto linear, channel.receive<E>("linear"));
            BOOST_OUTCOME_TRY(const auto quadratic, channel.receive<E>("quadratic"));
            const E constant = sum - coordinate * (linear + quadratic);
            coordinate = channel.challenge<E>("round");
            sum = constant + coordinate * (linear + coordinate * quadratic);
        }
        BOOST_OUTCOME_TRY(children, receive_children<E>(channel));
        const auto& [p0, p1, q0, q1] = children;
        if (p0 * q1 + p1 * q0 + lambda * (q0 * q1) != sum)
            return Error{ProofError::sumcheck_mismatch, "fractions, layer " + std::to_string(layer)};
        merge(children, channel, claim);
    }
    return claim;
}

template Result<FractionalClaim<Extension2>> verify_fractional_sum(std::size_t, VerifierChannel&);
template Result<FractionalClaim<Extension3>> verify_fractional_sum(std::size_t, VerifierChannel&);

}  // namespace valence::zk
