#include "bench/node/workload.hpp"

#include "valence/chain/genesis_contracts.hpp"
#include "valence/chain/inference/testing/genesis_model.hpp"
#include "valence/chain/testing/signed_transaction.hpp"
#include "valence/crypto/keccak.hpp"

namespace valence::bench {
namespace {

using chain::testing::kGwei;

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
    constexpr std::uint64_t kHundredth = 10'000'000'000'000'000;
    return chain::testing::infer_call(model, outcome::Mode::replay,
                                      std::vector<codec::AbiValue>{U256{first} * U256{kHundredth}, U256{0}});
}

/// A call with this much gas.
Bytes signed_call(const node::DevAccount& from, std::uint64_t nonce, const Address& to, std::uint64_t gas,
                  Bytes data) {
    return chain::testing::signed_transaction(from.private_key, nonce, [&](chain::Transaction& t) {
        t.max_fee_per_gas = 10 * kGwei;
        t.gas_limit = gas;
        t.to = to;
        t.value = 0;
        t.data = std::move(data);
    });
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
    chain::testing::open_model(genesis.accounts, outcome::testing::tiny_graph(),
                               outcome::bit(outcome::Mode::replay));
    return genesis;
}

std::vector<Bytes> Workload::sign(std::size_t count) const {
    std::vector<Bytes> list;
    for (std::size_t i = 0; i < count; ++i)
        list.push_back(signed_call(accounts_[i % senders_], i / senders_, kToken, 80'000,
                                   transfer_data(i % kRecipients)));
    return list;
}

std::vector<Bytes> Workload::sign_inferences(std::size_t count) const {
    std::vector<Bytes> list;
    for (std::size_t i = 0; i < count; ++i)
        list.push_back(signed_call(accounts_[senders_ + i], 0, chain::kInferenceAddress, 500'000,
                                   inference_data(model_, i + 1)));
    return list;
}

}  // namespace valence::bench
