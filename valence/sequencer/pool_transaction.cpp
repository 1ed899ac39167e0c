#include "valence/sequencer/pool_transaction.hpp"

#include "valence/chain/signing_message.hpp"
#include "valence/crypto/keccak.hpp"
#include "valence/crypto/keccak_batch.hpp"

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
    std::vector<Bytes> signed_bytes;
    signed_bytes.reserve(encoded.size());
    for (auto& bytes : encoded) {
        auto transaction = chain::decode_transaction(bytes);
        if (!transaction) {
            decoded.emplace_back(std::move(transaction).error());
            continue;
        }
        requests.push_back({{}, transaction.value().signature});
        signed_bytes.push_back(chain::signing_message(transaction.value()));
        decoded.emplace_back(PoolTransaction{
            std::move(transaction).value(), {}, {}, std::move(bytes), Authorisation::signature});
    }

    // Both hashes of every transaction, four at a time.
    std::vector<BytesView> inputs(signed_bytes.begin(), signed_bytes.end());
    for (const auto& transaction : decoded)
        if (transaction) inputs.emplace_back(transaction.value().encoded);
    std::vector<Hash> hashes(inputs.size());
    crypto::keccak256_batch(inputs, hashes);
    for (std::size_t i = 0; i < requests.size(); ++i)
        requests[i].digest = hashes[i];

    std::vector<std::optional<Address>> senders(requests.size());
    crypto::recover_addresses(requests, senders);
    std::size_t place = 0;
    for (auto& transaction : decoded) {
        if (!transaction) continue;
        if (const auto& sender = senders[place]) {
            transaction.value().hash = hashes[requests.size() + place];
            transaction.value().sender = *sender;
        } else {
            transaction = Error{chain::ChainError::signature_invalid};
        }
        ++place;
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
