// What code of the reference machine can learn about where it runs: message, block, transaction, accounts.
#include "valence/evm/reference/run.hpp"

namespace valence::evm::reference {

void Run::context(std::uint8_t op) {
    struct Row {
        std::uint8_t op;
        Gas gas;
        Revision since;
        U256 (*read)(const Run&);
    };
    constexpr auto kFrontier = Revision::frontier;
    static constexpr Row kRows[] = {
        {0x30, 2, kFrontier, [](const Run& r) { return U256::from_address(r.message_.recipient); }},
        {0x32, 2, kFrontier, [](const Run& r) { return U256::from_address(r.machine_.transaction_.origin); }},
        {0x33, 2, kFrontier, [](const Run& r) { return U256::from_address(r.message_.sender); }},
        {0x34, 2, kFrontier, [](const Run& r) { return r.message_.value; }},
        {0x36, 2, kFrontier, [](const Run& r) { return U256{r.calldata_.size()}; }},
        {0x38, 2, kFrontier, [](const Run& r) { return U256{r.code_.size()}; }},
        {0x3a, 2, kFrontier, [](const Run& r) { return r.machine_.transaction_.gas_price; }},
        {0x3d, 2, Revision::byzantium, [](const Run& r) { return U256{r.return_data_.size()}; }},
        {0x41, 2, kFrontier, [](const Run& r) { return U256::from_address(r.machine_.block_.coinbase); }},
        {0x42, 2, kFrontier, [](const Run& r) { return U256{r.machine_.block_.timestamp}; }},
        {0x43, 2, kFrontier, [](const Run& r) { return U256{r.machine_.block_.number}; }},
        {0x44, 2, kFrontier, [](const Run& r) { return r.machine_.block_.prev_randao; }},
        {0x45, 2, kFrontier, [](const Run& r) { return U256{r.machine_.block_.gas_limit}; }},
        {0x46, 2, Revision::istanbul, [](const Run& r) { return U256{r.machine_.block_.chain_id}; }},
        {0x47, 5, Revision::istanbul, [](const Run& r) { return r.host_.balance(r.message_.recipient); }},
        {0x48, 2, Revision::london, [](const Run& r) { return r.machine_.block_.base_fee; }},
        {0x4a, 2, Revision::cancun, [](const Run& r) { return r.machine_.block_.blob_base_fee; }},
    };
    for (const auto& row : kRows) {
        if (row.op != op) continue;
        require(row.since);
        pay(row.gas);
        return push(row.read(*this));
    }
    if (op == 0x31 || op == 0x3b || op == 0x3c || op == 0x3f) return account(op);
    if (op == 0x37 || op == 0x39 || op == 0x3e) return copy(op);
    look_up(op);
}

/// What an operand picks from.
void Run::look_up(std::uint8_t op) {
    if (op == 0x49) require(Revision::cancun);
    const auto index = pop();
    pay(op == 0x40 ? 20 : 3);
    switch (op) {
        case 0x35: {
            std::array<std::uint8_t, 32> word{};
            for (std::size_t i = 0; i < 32; ++i) {
                if (index.saturated_u64() < calldata_.size() && i < calldata_.size() - index.low_u64()) {
                    word[i] = calldata_[index.low_u64() + i];
                }
            }
            return push(U256::from_be(word));
        }
        case 0x40: {
            const U256 now{machine_.block_.number};
            const bool known = index < now && index + U256{256} >= now;
            return push(known ? U256::from_hash(host_.block_hash(index.low_u64())) : U256{});
        }
        default: {
            const auto& hashes = machine_.transaction_.blob_hashes;
            return push(index.saturated_u64() < hashes.size() ? U256::from_hash(hashes[index.low_u64()])
                                                              : U256{});
        }
    }
}

void Run::account(std::uint8_t op) {
    if (op == 0x3f) require(Revision::constantinople);
    const auto account = pop().to_address();
    const bool tangerine_whistle = revision_ >= Revision::tangerine_whistle;
    const bool istanbul = revision_ >= Revision::istanbul;
    switch (op) {
        case 0x31:
            pay_access(account, istanbul ? 700 : tangerine_whistle ? 400 : 20);
            return push(host_.balance(account));
        case 0x3b:
            pay_access(account, tangerine_whistle ? 700 : 20);
            return push(host_.code(account).bytes.size());
        case 0x3c: {
            const auto to = pop();
            const auto from = pop();
            const auto size = pop();
            pay_access(account, tangerine_whistle ? 700 : 20);
            reach(to, size);
            pay(3 * word_count(size));
            return copy_in(to, host_.code(account).bytes, from, size);
        }
        default:
            pay_access(account, istanbul ? 700 : 400);
            return push(host_.is_empty(account) ? U256{} : U256::from_hash(host_.code_hash(account)));
    }
}

/// CALLDATACOPY, CODECOPY, RETURNDATACOPY.
void Run::copy(std::uint8_t op) {
    if (op == 0x3e) require(Revision::byzantium);
    const auto to = pop();
    const auto from = pop();
    const auto size = pop();
    pay(3);
    reach(to, size);
    pay(3 * word_count(size));
    const BytesView source = op == 0x37 ? calldata_ : op == 0x39 ? code_ : BytesView{return_data_};
    // Only return data may not be read past its end (EIP-211).
    if (op == 0x3e &&
        (from.saturated_u64() > source.size() || size.low_u64() > source.size() - from.low_u64())) {
        stop(Status::return_data_out_of_bounds);
    }
    copy_in(to, source, from, size);
}

}  // namespace valence::evm::reference
