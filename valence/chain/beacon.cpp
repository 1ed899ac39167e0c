#include "valence/chain/beacon.hpp"

#include "valence/chain/rule_set.hpp"
#include "valence/chain/system/da_header.hpp"
#include "valence/crypto/keccak.hpp"

namespace valence::chain {

std::array<std::uint8_t, 16> beacon_message(std::uint64_t chain_id, std::uint64_t number) {
    std::array<std::uint8_t, 16> message;
    for (std::size_t i = 0; i < 8; ++i) {
        message[i] = static_cast<std::uint8_t>(chain_id >> (56 - 8 * i));
        message[8 + i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
    }
    return message;
}

Hash beacon_mix(const BeaconSignature& signature, const Hash& da_header) {
    return crypto::Keccak256{}.update(signature).update(da_header).finish();
}

Hash fallback_mix(const Hash& da_header) {
    return crypto::Keccak256{}.update(base::as_bytes("valence fallback")).update(da_header).finish();
}

Result<void> validate_beacon_mix(const RuleSet& rules, const Header& header,
                                 const std::optional<BeaconSignature>& beacon, const Hash& da_header) {
    if (!rules.beacon_key) {
        if (beacon) return Error{ChainError::beacon_unexpected};
        return success();
    }
    if (!beacon) return Error{ChainError::beacon_missing};
    const auto want = beacon_mix(*beacon, da_header);
    if (header.mix_hash == want) return success();
    return Error{ChainError::beacon_mix_wrong,
                 "have " + base::to_hex_prefixed(header.mix_hash) + ", want " + base::to_hex_prefixed(want)};
}

Hash da_header_hash(const RuleSet& rules, const Block& block) {
    if (!rules.system || block.transactions.empty()) return {};
    const auto header = decode_da_info_call(block.transactions[0].data);
    return header ? header->hash : Hash{};
}

const crypto::bls::SecretKey& development_beacon_key() {
    static const auto key = [] {
        const auto made = crypto::bls::SecretKey::from_bytes(
            crypto::keccak256(base::as_bytes("valence development beacon key")));
        VALENCE_CHECK(made.has_value());
        return *made;
    }();
    return key;
}

}  // namespace valence::chain
