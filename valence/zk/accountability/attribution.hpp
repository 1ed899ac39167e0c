// Which check catches what: the table that every alteration is held to, and
// docs/proof-system/accountability.md shows.
#pragma once

#include <system_error>
#include <vector>

#include "valence/zk/accountability/attempt.hpp"
#include "valence/zk/protocol/proof/proof_error.hpp"

namespace valence::zk::testing {

/// The kinds of fields of a proof, in their order in it.
enum class Part {
    witness_root,
    first_fractions,  // the children of the fractions' root
    fraction_round,   // of a layer's sumcheck
    layer_fractions,  // its last message
    product_sum,
    product_round,
    product_values,
    opening_round,  // before the last queries
    level_root,
    clear_vector,
    last_round,  // after them
};
inline constexpr Part kParts[] = {Part::witness_root,    Part::first_fractions, Part::fraction_round,
                                  Part::layer_fractions, Part::product_sum,     Part::product_round,
                                  Part::product_values,  Part::opening_round,   Part::level_root,
                                  Part::clear_vector,    Part::last_round};
const char* name(Part part);

/// Of the items of a conversation that are sent.
Part part_of(const Conversation& conversation, std::size_t number);

/// What may refuse a proof one of whose messages is another than the honest prover's,
struct Attribution {
    Part part;
    /// the prover going on as if it were its own: everything after it follows;
    std::vector<ProofError> followed;
    /// and the rest of the proof being as it was, so that challenges after it no longer fit.
    std::vector<ProofError> alone;
};
const Attribution& attribution(Part part);

bool is_one_of(const std::error_code& verdict, const std::vector<ProofError>& allowed);

}  // namespace valence::zk::testing
