#include "valence/zk/verifier/argument.hpp"

#include "valence/zk/protocol/argument/account.hpp"
#include "valence/zk/verifier/bilinear_sum.hpp"
#include "valence/zk/verifier/fractional_sum.hpp"

namespace valence::zk {

template <typename E>
Result<OpeningClaim<E>> verify_argument(const Circuit& circuit, std::span<const ml::Values> inputs,
                                        std::span<const ml::Values> outputs, VerifierChannel& channel) {
    const auto fingerprint = draw_fingerprint<E>(circuit, channel.transcript);
    BOOST_OUTCOME_TRY(const auto leaves, verify_fractional_sum<E>(circuit.leaves, channel));

    const auto output_point = channel.challenges<E>("output point", output_variables(circuit));
    const E batching = channel.challenge<E>("claim batching");
    Claims<E> claims = claims_of<E>(circuit, fingerprint, leaves, outputs, output_point, batching);
    Grounded<E> grounded = ground(circuit, std::move(claims.claims));

    if (grounded.products.size() > kMaxTerms)
        return Error{ProofError::bad_parameters, std::to_string(grounded.products.size()) + " terms"};

    BOOST_OUTCOME_TRY(const E product_value, channel.receive<E>("products"));
    std::vector<std::size_t> variables;
    for (const Claim<E>& product : grounded.products)
        variables.push_back(static_cast<std::size_t>(term_variables(circuit, product)));
    BOOST_OUTCOME_TRY(const auto sums, verify_bilinear_sum<E>(variables, product_value, channel));

    std::vector<std::pair<E, E>> side_values;
    for (const auto& values : sums.values)
        side_values.emplace_back(values.left, values.right);
    const E linear_value = claims.value - known_part(grounded, inputs) - product_value;
    return opening_claim<E>(circuit, std::move(grounded), linear_value, sums.point, side_values, inputs,
                            channel.challenge<E>("opening batching"));
}

template Result<OpeningClaim<Extension2>> verify_argument(const Circuit&, std::span<const ml::Values>,
                                                          std::span<const ml::Values>, VerifierChannel&);
template Result<OpeningClaim<Extension3>> verify_argument(const Circuit&, std::span<const ml::Values>,
                                                          std::span<const ml::Values>, VerifierChannel&);

}  // namespace valence::zk
