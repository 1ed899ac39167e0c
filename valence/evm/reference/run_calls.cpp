// What ends a frame of the reference machine or begins another: RETURN, the calls, the creations,
// SELFDESTRUCT.
#include "valence/evm/reference/run.hpp"

namespace valence::evm::reference {

void Run::system(std::uint8_t op) {
    switch (op) {
        case 0xf0:
            return create(op);
        case 0xf1:
        case 0xf2:
            return call(op);
        case 0xf3:
        case 0xfd: {
            if (op == 0xfd) require(Revision::byzantium);
            const auto offset = pop();
            const auto size = pop();
            reach(offset, size);
            throw Stop{op == 0xf3 ? Status::success : Status::revert, range(offset, size)};
        }
        case 0xf4:
            require(Revision::homestead);
            return call(op);
        case 0xf5:
            require(Revision::constantinople);
            return create(op);
        case 0xfa:
            require(Revision::byzantium);
            return call(op);
        case 0xff:
            return self_destruct();
        default:
            stop(op == 0xfe ? Status::invalid_instruction : Status::undefined_instruction);
    }
}

void Run::call(std::uint8_t op) {
    const bool has_value_argument = op == 0xf1 || op == 0xf2;
    const auto requested = pop();
    const auto to = pop().to_address();
    const auto value = has_value_argument ? pop() : U256{};
    const auto input_offset = pop();
    const auto input_size = pop();
    const auto output_offset = pop();
    const auto output_size = pop();
    if (op == 0xf1 && !value.is_zero()) require_writable();

    pay_access(to, revision_ >= Revision::tangerine_whistle ? 700 : 40);
    reach(input_offset, input_size);
    reach(output_offset, output_size);
    if (!value.is_zero()) pay(9000);
    if (op == 0xf1) {
        const bool pays_for_account = revision_ >= Revision::spurious_dragon
                                          ? !value.is_zero() && host_.is_empty(to)
                                          : !host_.exists(to);
        if (pays_for_account) pay(25'000);
    }
    if (const auto code = host_.code(to).bytes; revision_ >= Revision::prague && is_delegation(code)) {
        pay_access(base::from_right_aligned<Address>(code), 0);
    }
    Gas handed = 0;
    if (revision_ >= Revision::tangerine_whistle) {
        const Gas most = gas_ - gas_ / 64;
        handed =
            requested < U256{static_cast<std::uint64_t>(most)} ? static_cast<Gas>(requested.low_u64()) : most;
    } else {
        if (U256{static_cast<std::uint64_t>(gas_)} < requested) stop(Status::out_of_gas);
        handed = static_cast<Gas>(requested.low_u64());
    }
    pay(handed);

    Message message;
    message.kind = op == 0xf2 ? CallKind::call_code : op == 0xf4 ? CallKind::delegate_call : CallKind::call;
    message.is_static = message_.is_static || op == 0xfa;
    message.depth = message_.depth + 1;
    message.gas = handed + (value.is_zero() ? 0 : 2300);
    message.code_address = to;
    message.recipient = op == 0xf1 || op == 0xfa ? to : message_.recipient;
    message.sender = op == 0xf4 ? message_.sender : message_.recipient;
    message.value = op == 0xf4 ? message_.value : value;
    const auto input = range(input_offset, input_size);
    message.input = input;
    auto result = machine_.call(message);
    if (result.status == Status::abandoned) stop(Status::abandoned);

    gas_ += result.gas_left;
    return_data_ = std::move(result.output);
    const auto copied = std::min<std::uint64_t>(output_size.low_u64(), return_data_.size());
    copy_in(output_offset, return_data_, 0, copied);
    push(static_cast<std::uint64_t>(result.status == Status::success));
}

void Run::create(std::uint8_t op) {
    const auto value = pop();
    const auto offset = pop();
    const auto size = pop();
    const auto salt = op == 0xf5 ? pop() : U256{};
    require_writable();
    pay(32'000);
    reach(offset, size);
    if (revision_ >= Revision::shanghai) {
        if (size.low_u64() > machine_.limits_.init_code_size) stop(Status::init_code_too_large);
        pay(2 * word_count(size));
    }
    if (op == 0xf5) pay(6 * word_count(size));
    const Gas handed = revision_ >= Revision::tangerine_whistle ? gas_ - gas_ / 64 : gas_;
    pay(handed);

    Message message;
    message.kind = op == 0xf5 ? CallKind::create2 : CallKind::create;
    message.depth = message_.depth + 1;
    message.gas = handed;
    message.sender = message_.recipient;
    message.value = value;
    message.salt = salt;
    const auto init_code = range(offset, size);
    message.input = init_code;
    auto result = machine_.create(message);
    if (result.status == Status::abandoned) stop(Status::abandoned);

    gas_ += result.gas_left;
    return_data_ = result.status == Status::revert ? std::move(result.output) : Bytes{};
    push(result.status == Status::success ? U256::from_address(result.created) : U256{});
}

void Run::self_destruct() {
    const auto to = pop().to_address();
    require_writable();
    pay(revision_ >= Revision::tangerine_whistle ? 5000 : 0);
    const auto& self = message_.recipient;
    if (revision_ >= Revision::berlin && host_.access_account(to) == Warmth::cold) pay(2600);
    const auto balance = host_.balance(self);
    if (revision_ >= Revision::spurious_dragon) {
        if (!balance.is_zero() && host_.is_empty(to)) pay(25'000);
    } else if (revision_ == Revision::tangerine_whistle) {
        if (!host_.exists(to)) pay(25'000);
    }
    if (to != self) {
        if (revision_ < Revision::spurious_dragon && !host_.exists(to)) host_.create_account(to);
        if (!balance.is_zero()) host_.transfer(self, to, balance);
        host_.touch(to);
    }
    const bool destroys = revision_ < Revision::cancun || host_.created_in_transaction(self);  // EIP-6780
    if (destroys && host_.destroy(self) && revision_ < Revision::london) host_.add_refund(24'000);
    stop(Status::success);
}

}  // namespace valence::evm::reference
