#include "valence/sequencer/pool_transaction.hpp"

#include "valence/crypto/keccak.hpp"

namespace valence::sequencer {

Result<PoolTransaction> decode_pool_transaction(BytesView encoded) {
    std::vector<Bytes> one;
    one.push_back(base::to_bytes(encoded));
    return std::move(decode_pool_transactions(std::move(one)).front());
}

std::vector<Result<PoolTransaction>> decode_pool_transactions(std::vector<Bytes> encoded) {
    std::vector<Result<PoolTransaction>> decoded;
    decoded.reserve(encoded.size());
    std::vector<crypto::RecoverRequest> requests;
    requests.reserve(encoded.size());
    for (auto& bytes : encoded) {
        auto transaction = chain::decode_transaction(bytes);
        if (!transaction) {
            decoded.emplace_back(std::move(transaction).error());
            continue;
        }
        requests.push_back(chain::sender_request(transaction.value()));
        const auto hash = crypto::keccak256(bytes);
        decoded.emplace_back(PoolTransaction{
            std::move(transaction).value(), {}, hash, std::move(bytes), Authorisation::signature});
    }
    std::vector<std::optional<Address>> senders(requests.size());
    crypto::recover_addresses(requests, senders);
    auto sender = senders.begin();
    for (auto& transaction : decoded) {
        if (!transaction) continue;
        if (*sender) {
            transaction.value().sender = **sender;
        } else {
            transaction = Error{chain::ChainError::signature_invalid};
        }
        ++sender;
    }
    return decoded;
}

PoolTransaction pool_transaction(const chain::ForcedTransaction& forced) {
    auto encoded = chain::encode_transaction(forced.transaction);
    const auto hash = crypto::keccak256(encoded);
    return {forced.transaction, forced.sender, hash, std::move(encoded), Authorisation::signature};
}

PoolTransaction impersonated_transaction(chain::Transaction transaction, const Address& sender) {
    transaction.signature = {U256{0, 0, std::uint64_t{1} << 32, 0} + U256::from_address(sender), U256{1},
                             false};
    auto encoded = chain::encode_transaction(transaction);
    const auto hash = crypto::keccak256(encoded);
    return {std::move(transaction), sender, hash, std::move(encoded), Authorisation::impersonation};
}

}  // namespace valence::sequencer
