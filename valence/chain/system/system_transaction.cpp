#include "valence/chain/system/system_transaction.hpp"

#include "valence/chain/genesis_contracts.hpp"
#include "valence/chain/system_contracts.hpp"
#include "valence/crypto/keccak.hpp"

namespace valence::chain {
namespace {

using Selector = std::array<std::uint8_t, 4>;

/// keccak256 of "next()", "deliver(uint256)", "drop(uint256)".
constexpr Selector kNext{0x4c, 0x8f, 0xe5, 0x26};
constexpr Selector kDeliver{0x3b, 0xd5, 0xd1, 0x73};
constexpr Selector kDrop{0x21, 0x1d, 0x9a, 0x53};

/// DaInfo.set takes some 60,000; as the OP Stack gives its own.
constexpr std::uint64_t kDaInfoGas = 1'000'000;

constexpr std::size_t kWord = 32;

Bytes call_with(const Selector& selector, const U256& argument) {
    Bytes call{selector.begin(), selector.end()};
    base::append(call, argument.to_hash());
    return call;
}

SystemTransaction make(SystemCall kind, const Header& block, const U256& id, const Address& to, Bytes data,
                       std::uint64_t gas_limit) {
    SystemTransaction made;
    made.kind = kind;
    made.execution_gas = gas_limit;
    auto& t = made.transaction;
    t.type = TransactionType::system;
    t.source_hash = system_source_hash(kind, block.number, id);
    t.from = kSystemAddress;
    t.to = to;
    t.gas_limit = gas_limit;
    t.data = std::move(data);
    made.salt_source = t.source_hash;
    return made;
}

}  // namespace

Hash system_source_hash(SystemCall kind, std::uint64_t block_number, const U256& id) {
    const auto inner = crypto::Keccak256{}.update(U256{block_number}.to_hash()).update(id.to_hash()).finish();
    return crypto::Keccak256{}
        .update(U256{static_cast<std::uint64_t>(kind)}.to_hash())
        .update(inner)
        .finish();
}

Bytes encode_next_call() { return {kNext.begin(), kNext.end()}; }

std::optional<Delivery> decode_next_answer(BytesView answer) {
    if (answer.size() != 4 * kWord) return std::nullopt;
    const auto word = [&](std::size_t i) { return U256::from_be(answer.subspan(i * kWord, kWord)); };
    for (std::size_t i = 1; i < 4; ++i)
        if (!word(i).fits_u64()) return std::nullopt;
    const Delivery delivery{word(0), word(1).low_u64(), word(2).low_u64(), word(3).low_u64()};
    if (delivery.id.is_zero() || delivery.counted_gas > delivery.gas_limit) return std::nullopt;
    return delivery;
}

SystemTransaction da_info_transaction(const Header& block, const DaHeader& header) {
    return make(SystemCall::da_info, block, {}, kDaInfo, encode_da_info_call(header),
                std::min(kDaInfoGas, block.gas_limit));
}

SystemTransaction delivery_transaction(const Header& block, const Delivery& delivery) {
    auto made = make(SystemCall::delivery, block, delivery.id, kScheduler, call_with(kDeliver, delivery.id),
                     delivery.gas_limit);
    made.execution_gas = delivery.counted_gas;
    made.delivery = delivery;
    made.salt_source = system_source_hash(SystemCall::delivery, delivery.due_since, delivery.id);
    return made;
}

SystemTransaction drop_transaction(const Header& block, const Delivery& delivery) {
    auto made =
        make(SystemCall::drop, block, delivery.id, kScheduler, call_with(kDrop, delivery.id), kDropGas);
    made.delivery = delivery;
    return made;
}

Result<DaHeader> referred_da_header(const Block& block) {
    if (!block.transactions.empty() && block.transactions[0].is_system() &&
        block.transactions[0].to == kDaInfo) {
        if (const auto header = decode_da_info_call(block.transactions[0].data)) return *header;
    }
    return Error{ChainError::system_transaction_missing, "DaInfo.set at place 0"};
}

}  // namespace valence::chain
