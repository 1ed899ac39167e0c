#include "valence/rpc/simulation/transfer_tracer.hpp"

namespace valence::rpc::simulation {

namespace {

constexpr auto kCoinAddress = "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"_address;
/// keccak256("Transfer(address,address,uint256)")
constexpr auto kTransferTopic = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"_hash;

}  // namespace

void TransferTracer::add_transfer(const Address& from, const Address& to, const U256& value) {
    if (transfers_ == Transfers::ignored || value.is_zero()) return;
    const auto word = value.to_hash();
    add({kCoinAddress,
         {kTransferTopic, U256::from_address(from).to_hash(), U256::from_address(to).to_hash()},
         base::to_bytes(word.bytes)});
}

void TransferTracer::on_enter(const evm::Message& message, evm::Host& host) {
    FailureTracer::on_enter(message, host);
    checkpoints_.push_back(logs_.size());
    if (message.kind == evm::CallKind::delegate_call) return;
    const auto& to = message.kind == evm::CallKind::call_code ? message.code_address : message.recipient;
    add_transfer(message.sender, to, message.value);
}

void TransferTracer::on_exit(const evm::Message& message, const evm::CallResult& result, evm::Host& host) {
    FailureTracer::on_exit(message, result, host);
    if (checkpoints_.empty()) return;
    if (result.status != evm::Status::success) logs_.resize(checkpoints_.back());
    checkpoints_.pop_back();
}

void TransferTracer::on_self_destruct(const Address& account, const Address& beneficiary,
                                      const U256& balance) {
    add_transfer(account, beneficiary, balance);
}

}  // namespace valence::rpc::simulation
