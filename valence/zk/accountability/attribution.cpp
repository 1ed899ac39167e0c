#include "valence/zk/accountability/attribution.hpp"

#include <algorithm>

namespace valence::zk::testing {
namespace {

// Altered alone, a message changes every challenge after it. The first check that depends on one: the layer's
// sumcheck; in the opening the work, and, for the one nonce in 2^bits that has it by chance, the leaves,
// which other positions may have more of than the proof.
const std::vector<Attribution> kTable{
    {Part::witness_root, {ProofError::merkle_mismatch}, {ProofError::sumcheck_mismatch}},
    {Part::first_fractions, {ProofError::lookup_mismatch}, {ProofError::lookup_mismatch}},
    {Part::fraction_round, {ProofError::sumcheck_mismatch}, {ProofError::sumcheck_mismatch}},
    {Part::layer_fractions, {ProofError::sumcheck_mismatch}, {ProofError::sumcheck_mismatch}},
    {Part::product_sum, {ProofError::sumcheck_mismatch}, {ProofError::sumcheck_mismatch}},
    {Part::product_round, {ProofError::sumcheck_mismatch}, {ProofError::sumcheck_mismatch}},
    {Part::product_values, {ProofError::sumcheck_mismatch}, {ProofError::sumcheck_mismatch}},
    {Part::opening_round,
     {ProofError::opening_mismatch},
     {ProofError::wrong_grinding, ProofError::merkle_mismatch, ProofError::truncated}},
    {Part::level_root,
     {ProofError::merkle_mismatch},
     {ProofError::wrong_grinding, ProofError::merkle_mismatch, ProofError::truncated}},
    {Part::clear_vector,
     {ProofError::opening_mismatch},
     {ProofError::wrong_grinding, ProofError::merkle_mismatch, ProofError::truncated}},
    {Part::last_round, {ProofError::opening_mismatch}, {ProofError::opening_mismatch}},
};

}  // namespace

const char* name(Part part) {
    constexpr const char* kNames[] = {"witness root", "first fractions", "fraction round", "layer fractions",
                                      "product sum",  "product round",   "product values", "opening round",
                                      "level root",   "clear vector",    "last round"};
    return kNames[static_cast<std::size_t>(part)];
}

Part part_of(const Conversation& conversation, std::size_t number) {
    const auto& item = conversation.items()[number];
    const std::string& label = item.honest.label;
    const bool after_products = number > conversation.number("products");
    if (label == "witness") return Part::witness_root;
    if (label == "fractions") return item.occurrence == 0 ? Part::first_fractions : Part::layer_fractions;
    if (label == "linear") return Part::fraction_round;
    if (label == "products") return Part::product_sum;
    if (label == "constant") return Part::product_round;
    if (label == "quadratic") return after_products ? Part::product_round : Part::fraction_round;
    if (label == "values") return Part::product_values;
    if (label == "opening: root") return Part::level_root;
    if (label == "opening: vector") return Part::clear_vector;
    VALENCE_CHECK(label == "opening: round");
    return item.works_before == conversation.works() ? Part::last_round : Part::opening_round;
}

const Attribution& attribution(Part part) { return *std::ranges::find(kTable, part, &Attribution::part); }

bool is_one_of(const std::error_code& verdict, const std::vector<ProofError>& allowed) {
    return std::ranges::any_of(allowed, [&](ProofError error) { return verdict == make_error_code(error); });
}

}  // namespace valence::zk::testing
