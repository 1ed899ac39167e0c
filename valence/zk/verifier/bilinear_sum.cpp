#include "valence/zk/verifier/bilinear_sum.hpp"

namespace valence::zk {
namespace {

constexpr std::size_t kMaxVariables = 40;

}  // namespace

template <typename E>
Result<BilinearClaim<E>> verify_bilinear_sum(std::span<const std::size_t> variables, const E& sum,
                                             VerifierChannel& channel) {
    const std::size_t rounds = bilinear_rounds(variables);
    if (rounds > kMaxVariables)
        return Error{ProofError::bad_parameters, std::to_string(rounds) + " variables"};
    channel.transcript.absorb_number("bilinear sum", variables.size());
    for (const std::size_t m : variables)
        channel.transcript.absorb_number("variables", m);
    channel.transcript.absorb("sum", sum);

    BilinearClaim<E> claim;
    E running = sum;
    for (std::size_t round = 0; round < rounds; ++round) {
        BOOST_OUTCOME_TRY(const auto constant, channel.receive<E>("constant"));
        BOOST_OUTCOME_TRY(const auto quadratic, channel.receive<E>("quadratic"));
        const E linear = running - constant - constant - quadratic;  // g(0) + g(1) = running
        const E r = channel.challenge<E>("round");
        running = constant + r * (linear + r * quadratic);
        claim.point.push_back(r);
    }

    BOOST_OUTCOME_TRY(const auto values, channel.receive_all<E>("values", 2 * variables.size()));
    E total;
    for (std::size_t t = 0; t < variables.size(); ++t) {
        claim.values.push_back({values[2 * t], values[2 * t + 1]});
        total += bilinear_weight<E>(claim.point, variables[t]) * (values[2 * t] * values[2 * t + 1]);
    }
    if (total != running) return Error{ProofError::sumcheck_mismatch, "bilinear sum"};
    return claim;
}

template Result<BilinearClaim<Extension2>> verify_bilinear_sum(std::span<const std::size_t>,
                                                               const Extension2&, VerifierChannel&);
template Result<BilinearClaim<Extension3>> verify_bilinear_sum(std::span<const std::size_t>,
                                                               const Extension3&, VerifierChannel&);

}  // namespace valence::zk
