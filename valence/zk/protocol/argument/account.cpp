#include "valence/zk/protocol/argument/account.hpp"

#include "valence/zk/protocol/argument/argument.hpp"
#include "valence/zk/protocol/proof/proof_error.hpp"
#include "valence/zk/protocol/proof_format.hpp"

namespace valence::zk {

SoundnessAccount account_of(const Circuit& circuit, const OpeningParameters& opening) {
    const int degree = opening.profile.extension_degree;
    const auto variables = fraction_variables(circuit.leaves);
    // A term for each multiplication, at most; products of a circuit each enter the sumcheck once or more
    // often.
    std::uint64_t terms = 0;
    int rounds = 0;
    for (QuantityId id = 0; id < circuit.quantities.size(); ++id) {
        const Definition& definition = circuit.quantities[id].definition;
        if (!std::holds_alternative<InnerProducts>(definition) &&
            !std::holds_alternative<Convolved>(definition) &&
            !std::holds_alternative<Multiplication>(definition))
            continue;
        ++terms;
        rounds = std::max(rounds, most_term_variables(circuit, id));
    }
    SoundnessAccount account;
    account.add("lookups: fractions at random challenges", lookup_bits(circuit.leaves, degree));
    account.add("lookups: joining numerator and denominator", batching_bits(1, degree),
                static_cast<int>(variables));
    account.add("lookups: sumcheck rounds", sumcheck_round_bits(2, degree),
                static_cast<int>(variables * (variables + 1) / 2));
    account.add("lookups: halves of a layer", batching_bits(1, degree), static_cast<int>(variables));
    // The leaf point also weighs zeros: a multilinear polynomial that is not zero, at a random point.
    account.add("zeros and outputs at a random point",
                root_bits(std::max<std::uint64_t>({variables, output_variables(circuit), 1}), degree));
    account.add("joining the claims", batching_bits(batched_claims(circuit), degree));
    account.add("products: sumcheck rounds", sumcheck_round_bits(2, degree), rounds);
    account.add("joining the products' sides", batching_bits(2 * std::max<std::uint64_t>(terms, 1), degree));
    account.add(opening.soundness);
    return account;
}

Result<OpeningParameters> secure_parameters(const Circuit& circuit, const SecurityProfile& profile) {
    if (circuit.leaves > kMaxLeaves) return Error{ProofError::bad_parameters, "too many lookups"};
    const auto tables = opened_tables(circuit);
    BOOST_OUTCOME_TRY(OpeningParameters opening, opening_parameters(profile, tables));
    if (account_of(circuit, opening).worst() < Bits::of(profile.target_bits))
        return Error{ProofError::bad_parameters, "below the target"};
    return opening;
}

}  // namespace valence::zk
