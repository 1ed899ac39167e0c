#include "valence/chain/system/scheduler_view.hpp"

#include "valence/crypto/keccak.hpp"

namespace valence::chain {
namespace {

U256 mapping_slot(const U256& key, std::uint64_t slot) {
    return U256::from_hash(crypto::Keccak256{}.update(key.to_hash()).update(U256{slot}.to_hash()).finish());
}

}  // namespace

std::uint64_t requests_in_line(const U256& first_word) { return (first_word >> 192).low_u64(); }

U256 request_slot(const U256& id) { return mapping_slot(id, 1); }
U256 schedule_slot(const U256& id) { return mapping_slot(id, 2); }

std::optional<WaitingRequest> decode_request(const U256& word) {
    const WaitingRequest request{base::from_right_aligned<Address>(word.to_hash()), (word >> 160).low_u64()};
    if (request.requester.is_zero()) return std::nullopt;
    return request;
}

}  // namespace valence::chain
