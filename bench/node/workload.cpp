#include "bench/node/workload.hpp"

#include "valence/chain/genesis_contracts.hpp"
#include "valence/chain/inference/call_abi.hpp"
#include "valence/chain/inference/described_model.hpp"
#include "valence/chain/inference/registry_view.hpp"
#include "valence/crypto/keccak.hpp"

namespace valence::bench {
namespace {

constexpr std::uint64_t kGwei = 1'000'000'000;
constexpr auto kToken = "0x00000000000000000000000000000000000700c0"_address;
constexpr std::size_t kRecipients = 1'000;

/// What an ERC-20's transfer does, whatever the selector: caller's balance down (or revert), recipient's up,
/// the Transfer event, true. Balances are a Solidity mapping in slot 0.
Bytes token_code() {
    return *base::from_hex(
        // to, amount; slot of the caller's balance, balance
        "60043560243533600052604060002080548281"
        // enough? subtract and store
        "10605f5782900390558160005260406000208054"
        // add to the recipient's and store
        "8201905560005233"
        // event
        "7fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef60206000a3"
        // true; revert
        "600160005260206000f35b60006000fd");
}

U256 balance_slot(const Address& account) {
    std::array<std::uint8_t, 64> key{};
    std::copy(account.begin(), account.end(), key.begin() + 12);
    return U256::from_hash(crypto::keccak256(key));
}

Bytes transfer_data(std::size_t recipient) {
    Bytes data = *base::from_hex("a9059cbb");
    base::append(data, U256{0x10000 + recipient}.to_hash());
    base::append(data, U256{1}.to_hash());
    return data;
}

/// infer(model, REPLAY, [first, 0]), `first` in hundredths.
Bytes inference_data(const ml::ModelId& model, std::uint64_t first) {
    constexpr std::string_view kSignature = "infer(bytes32,uint8,int256[])";
    constexpr std::uint64_t kHundredth = 10'000'000'000'000'000;
    const auto selector = chain::selector_of(kSignature);
    Bytes data{static_cast<std::uint8_t>(selector >> 24), static_cast<std::uint8_t>(selector >> 16),
               static_cast<std::uint8_t>(selector >> 8), static_cast<std::uint8_t>(selector)};
    using Items = std::vector<codec::AbiValue>;
    const auto type = codec::AbiType::parse("(bytes32,uint8,int256[])");
    base::append(data,
                 codec::abi_encode(type.value(), Items{Bytes(model.bytes.begin(), model.bytes.end()), U256{1},
                                                       Items{U256{first} * U256{kHundredth}, U256{0}}})
                     .value());
    return data;
}

}  // namespace

Workload::Workload(std::size_t senders, std::size_t askers)
    : senders_(senders),
      accounts_(node::derive_dev_accounts(node::kDevMnemonic, senders + askers).value()),
      models_(std::make_shared<outcome::testing::GivenModels>()),
      model_(models_->add(outcome::testing::tiny_graph())) {}

chain::Genesis Workload::genesis() const {
    chain::Genesis genesis;
    genesis.rules = chain::valence_rules();
    genesis.gas_limit = 1'000'000'000;
    genesis.extra_data = Bytes(32, 0);
    genesis.accounts = chain::genesis_contract_accounts({});
    auto& token = genesis.accounts[kToken];
    token.code = token_code();
    token.nonce = 1;
    for (const auto& account : accounts_)
        token.storage[balance_slot(account.address)] = U256{1} << 128;
    for (const auto& account : accounts_)
        genesis.accounts[account.address].balance = U256{1'000'000} * U256{kGwei} * U256{kGwei};
    auto& model = genesis.accounts[chain::model_account(model_)];
    model.nonce = 1;
    model.code = {0xfe};
    base::append(model.code, ml::encode_verifying_key(ml::verifying_key(outcome::testing::tiny_graph())));
    auto& registry = genesis.accounts[chain::kModelRegistry];
    registry.nonce = 1;
    registry.storage[chain::policy_slot(model_)] =
        chain::encode_policy({{}, outcome::bit(outcome::Mode::replay), 0, 1});
    return genesis;
}

std::vector<Bytes> Workload::sign(std::size_t count) const {
    std::vector<Bytes> signed_transactions;
    for (std::size_t i = 0; i < count; ++i) {
        chain::Transaction t;
        t.type = chain::TransactionType::dynamic_fee;
        t.chain_id = 1986;
        t.nonce = i / senders_;
        t.max_fee_per_gas = 10 * kGwei;
        t.max_priority_fee_per_gas = kGwei;
        t.gas_limit = 80'000;
        t.to = kToken;
        t.data = transfer_data(i % kRecipients);
        chain::sign_transaction(t, accounts_[i % senders_].private_key);
        signed_transactions.push_back(chain::encode_transaction(t));
    }
    return signed_transactions;
}

std::vector<Bytes> Workload::sign_inferences(std::size_t count) const {
    std::vector<Bytes> signed_transactions;
    for (std::size_t i = 0; i < count; ++i) {
        chain::Transaction t;
        t.type = chain::TransactionType::dynamic_fee;
        t.chain_id = 1986;
        t.max_fee_per_gas = 10 * kGwei;
        t.max_priority_fee_per_gas = kGwei;
        t.gas_limit = 500'000;
        t.to = chain::kInferenceAddress;
        t.data = inference_data(model_, i + 1);
        chain::sign_transaction(t, accounts_[senders_ + i].private_key);
        signed_transactions.push_back(chain::encode_transaction(t));
    }
    return signed_transactions;
}

}  // namespace valence::bench
