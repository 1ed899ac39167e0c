// System transactions (type 0x7e): calls that a block makes by rule, from nobody's account. What they are
// follows from the block and the state, so they are derived by everybody and compared byte for byte.
//
//   the first of each block    DaInfo.set(height, hash, time)
//   then, as they are due      Scheduler.deliver(id)
//   behind one that failed     Scheduler.drop(id)
//
// Encoding, hash and receipt are those of the OP Stack's deposits, which wallets and explorers read:
// 0x7e ‖ rlp([sourceHash, from, to, mint, value, gas, isSystemTx, data]), mint and isSystemTx empty, value 0.
#pragma once

#include "valence/chain/block.hpp"
#include "valence/chain/system/da_header.hpp"

namespace valence::chain {

/// Kinds, and the domains of their source hashes: other numbers than the OP Stack's (0 to 4).
enum class SystemCall : std::uint64_t { da_info = 0x5600, delivery = 0x5601, drop = 0x5602 };

/// keccak256(bytes32(kind) ‖ keccak256(bytes32(block number) ‖ bytes32(id))), the form of the OP Stack's. A
/// block has at most one of each kind and id, so no two transactions of a chain have the same.
Hash system_source_hash(SystemCall kind, std::uint64_t block_number, const U256& id);

/// What the Scheduler says is to be delivered next.
struct Delivery {
    U256 id;
    /// All gas, and the part that counts in the block: the rest pays for computing only.
    std::uint64_t gas_limit = 0;
    std::uint64_t counted_gas = 0;
    /// The first block in which it could have been delivered: with the id it names this delivery for good.
    std::uint64_t due_since = 0;

    bool operator==(const Delivery&) const = default;
};

/// The call Scheduler.next(), and its answer; nothing when nothing is due or the answer makes no sense.
Bytes encode_next_call();
std::optional<Delivery> decode_next_answer(BytesView answer);

struct SystemTransaction {
    Transaction transaction;
    SystemCall kind = SystemCall::da_info;
    /// What of the transaction's gas execution may use.
    std::uint64_t execution_gas = 0;
    /// What is delivered, or dropped.
    Delivery delivery;
    /// In place of the transaction's hash in the salts of its jobs: a delivery that waits for an outcome has
    /// another hash in each block, but must ask for the same job.
    Hash salt_source;
};

SystemTransaction da_info_transaction(const Header& block, const DaHeader& header);
SystemTransaction delivery_transaction(const Header& block, const Delivery& delivery);
SystemTransaction drop_transaction(const Header& block, const Delivery& delivery);

/// Gas of a drop: taking an entry out of the largest heap.
inline constexpr std::uint64_t kDropGas = 1'500'000;

/// The header that a block's first transaction says it refers to. Error: system_transaction_missing.
Result<DaHeader> referred_da_header(const Block& block);

}  // namespace valence::chain
