#include "valence/sequencer/pool_transaction.hpp"

#include "valence/crypto/keccak.hpp"

namespace valence::sequencer {

Result<PoolTransaction> decode_pool_transaction(BytesView encoded) {
    BOOST_OUTCOME_TRY(auto transaction, chain::decode_transaction(encoded));
    BOOST_OUTCOME_TRY(const auto sender, chain::recover_sender(transaction));
    return PoolTransaction{std::move(transaction), sender, crypto::keccak256(encoded),
                           base::to_bytes(encoded), Authorisation::signature};
}

PoolTransaction impersonated_transaction(chain::Transaction transaction, const Address& sender) {
    transaction.signature = {U256{0, 0, std::uint64_t{1} << 32, 0} + U256::from_address(sender), U256{1},
                             false};
    auto encoded = chain::encode_transaction(transaction);
    const auto hash = crypto::keccak256(encoded);
    return {std::move(transaction), sender, hash, std::move(encoded), Authorisation::impersonation};
}

}  // namespace valence::sequencer
