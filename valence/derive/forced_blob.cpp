#include "valence/derive/forced_blob.hpp"

#include "valence/chain/inference/inference_rules.hpp"
#include "valence/chain/validate_transaction.hpp"
#include "valence/derive/derive_error.hpp"

namespace valence::derive {
namespace {

constexpr std::size_t kChainIdSize = 8;

std::array<std::uint8_t, kChainIdSize> chain_id_bytes(std::uint64_t chain_id) {
    std::array<std::uint8_t, kChainIdSize> bytes{};
    for (std::size_t i = 0; i < kChainIdSize; ++i)
        bytes[i] = static_cast<std::uint8_t>(chain_id >> (56 - 8 * i));
    return bytes;
}

}  // namespace

Bytes encode_forced(std::uint64_t chain_id, BytesView transaction) {
    Bytes blob = base::to_bytes(chain_id_bytes(chain_id));
    base::append(blob, transaction);
    return blob;
}

bool may_be_forced(BytesView blob, std::uint64_t chain_id) {
    return blob.size() > kChainIdSize && blob.size() <= kChainIdSize + kMostForced &&
           base::equal(blob.first(kChainIdSize), chain_id_bytes(chain_id));
}

Result<chain::ForcedTransaction> open_forced(BytesView blob, const chain::RuleSet& rules,
                                             std::uint64_t time) {
    VALENCE_CHECK(rules.system && rules.system->layer);
    if (!may_be_forced(blob, rules.chain_id))
        return Error{DeriveError::not_forced, std::to_string(blob.size()) + " bytes, or of another chain"};
    const auto encoded = blob.subspan(kChainIdSize);
    BOOST_OUTCOME_TRY(auto transaction, chain::decode_transaction(encoded));
    // What opens a model needs the model's file, which nobody may have: no block could be made with it.
    if (transaction.to == chain::kModelRegistry)
        return Error{DeriveError::not_forced, "to the registry of models"};
    const auto revision = rules.revision(1, time);
    // Blobs of a transaction would have to be somewhere; none of ours carries any.
    BOOST_OUTCOME_TRYV(chain::validate_transaction(rules, revision, transaction, 0));
    const auto gas = chain::execution_gas_limit(rules, revision, transaction.gas_limit);
    if (gas > chain::most_forced_gas(*rules.system->layer))
        return Error{DeriveError::too_large, std::to_string(gas) + " gas"};
    BOOST_OUTCOME_TRY(const auto sender, chain::recover_sender(transaction));
    return chain::ForcedTransaction{std::move(transaction), sender};
}

}  // namespace valence::derive
