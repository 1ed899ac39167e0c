#include "valence/chain/inference/testing/genesis_model.hpp"

#include "valence/chain/genesis_contracts.hpp"
#include "valence/chain/inference/call_abi.hpp"
#include "valence/chain/inference/described_model.hpp"
#include "valence/chain/inference/registry_view.hpp"

namespace valence::chain::testing {

void open_model(std::map<Address, GenesisAccount>& accounts, const ml::Graph& graph, outcome::ModeSet modes) {
    const auto key = ml::encode_verifying_key(ml::verifying_key(graph));
    const auto id = ml::model_id(graph);
    auto& key_account = accounts[model_account(id)];
    key_account.nonce = 1;
    key_account.code = {0xfe};
    base::append(key_account.code, key);
    auto& registry = accounts[kModelRegistry];
    registry.nonce = 1;
    registry.storage[policy_slot(id)] = encode_policy({{}, modes, 0, 1});
}

Bytes encode_call(std::string_view signature, const codec::AbiValue& arguments) {
    const auto selector = selector_of(signature);
    Bytes data{static_cast<std::uint8_t>(selector >> 24), static_cast<std::uint8_t>(selector >> 16),
               static_cast<std::uint8_t>(selector >> 8), static_cast<std::uint8_t>(selector)};
    const auto type = codec::AbiType::parse(signature.substr(signature.find('(')));
    base::append(data, codec::abi_encode(type.value(), arguments).value());
    return data;
}

codec::AbiValue id_value(const ml::ModelId& id) { return Bytes(id.bytes.begin(), id.bytes.end()); }

Bytes infer_call(const ml::ModelId& model, outcome::Mode mode, const codec::AbiValue& input) {
    return encode_call(
        "infer(bytes32,uint8,int256[])",
        std::vector<codec::AbiValue>{id_value(model), U256{static_cast<std::uint64_t>(mode)}, input});
}

}  // namespace valence::chain::testing
