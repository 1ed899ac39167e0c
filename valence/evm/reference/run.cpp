// The instructions of the reference machine.
#include "valence/evm/reference/run.hpp"

#include "valence/crypto/keccak.hpp"
#include "valence/evm/reference/words.hpp"

namespace valence::evm::reference {
namespace {

/// How a frame ends, thrown to leave nested steps.
struct Stop {
    Status status;
    Bytes output;
};

[[noreturn]] void stop(Status status) { throw Stop{status, {}}; }

Gas word_count(const U256& bytes) { return static_cast<Gas>((bytes.low_u64() + 31) / 32); }

Gas memory_price(std::size_t bytes) {
    const auto n = static_cast<Gas>(bytes / 32);
    return 3 * n + n * n / 512;
}

}  // namespace

Run::Run(Machine& machine, const Message& message, BytesView code, BytesView calldata)
    : machine_(machine),
      host_(machine.host_),
      revision_(machine.revision_),
      message_(message),
      code_(code),
      calldata_(calldata),
      jump_destinations_(code.size()),
      gas_(message.gas) {
    for (std::size_t i = 0; i < code.size(); ++i) {
        if (code[i] == 0x5b) jump_destinations_[i] = true;
        if (code[i] >= 0x60 && code[i] <= 0x7f) i += code[i] - 0x5f;
    }
}

CallResult Run::to_end() {
    try {
        while (true)
            step();
    } catch (Stop& end) {
        const bool keeps = end.status == Status::success || end.status == Status::revert;
        return {end.status, keeps ? gas_ : 0, keeps ? std::move(end.output) : Bytes{}, {}};
    }
}

void Run::require(Revision since) const {
    if (revision_ < since) stop(Status::undefined_instruction);
}

void Run::require_writable() const {
    if (message_.is_static) stop(Status::static_mode_violation);
}

U256 Run::pop() {
    if (stack_.empty()) stop(Status::stack_underflow);
    const auto value = stack_.back();
    stack_.pop_back();
    return value;
}

void Run::push(const U256& value) {
    if (stack_.size() == 1024) stop(Status::stack_overflow);
    stack_.push_back(value);
}

void Run::pay(Gas gas) {
    if (gas > gas_) stop(Status::out_of_gas);
    gas_ -= gas;
}

void Run::reach(const U256& offset, const U256& size) {
    if (size.is_zero()) return;
    constexpr std::uint64_t kUnpayable = std::uint64_t{1} << 32;
    if (offset.saturated_u64() > kUnpayable || size.saturated_u64() > kUnpayable) stop(Status::out_of_gas);
    const auto end = (offset.low_u64() + size.low_u64() + 31) / 32 * 32;
    if (end <= memory_.size()) return;
    pay(memory_price(end) - memory_price(memory_.size()));
    memory_.resize(end);
}

Bytes Run::range(const U256& offset, const U256& size) const {
    if (size.is_zero()) return {};
    return base::to_bytes(BytesView{memory_}.subspan(offset.low_u64(), size.low_u64()));
}

void Run::copy_in(const U256& to, BytesView source, const U256& from, const U256& size) {
    for (std::uint64_t i = 0; i < size.low_u64(); ++i) {
        const bool inside = from.saturated_u64() < source.size() && i < source.size() - from.low_u64();
        memory_[to.low_u64() + i] = inside ? source[from.low_u64() + i] : std::uint8_t{0};
    }
}

void Run::jump(const U256& to) {
    if (to.saturated_u64() >= code_.size() || !jump_destinations_[to.low_u64()])
        stop(Status::bad_jump_destination);
    pc_ = to.low_u64();
}

void Run::pay_access(const Address& account, Gas before_berlin) {
    if (revision_ < Revision::berlin) return pay(before_berlin);
    pay(host_.access_account(account) == Warmth::cold ? 2600 : 100);
}

void Run::step() {
    const std::uint8_t op = pc_ < code_.size() ? code_[pc_] : std::uint8_t{0};
    ++pc_;
    if (op == 0x00) stop(Status::success);
    if (op <= 0x1e) return arithmetic(op);
    if (op == 0x20) {
        const auto offset = pop();
        const auto size = pop();
        pay(30);
        reach(offset, size);
        pay(6 * word_count(size));
        return push(U256::from_hash(crypto::keccak256(range(offset, size))));
    }
    if (op >= 0x30 && op <= 0x3f) return environment(op);
    if (op >= 0x40 && op <= 0x4a) return block(op);
    if (op >= 0x50 && op <= 0x5e) return flow(op);
    if (op >= 0x5f && op <= 0x7f) {
        const unsigned n = op - 0x5fU;
        if (n == 0) require(Revision::shanghai);
        pay(n == 0 ? 2 : 3);
        Bytes immediate(n);
        for (auto& b : immediate) {
            if (pc_ < code_.size()) b = code_[pc_];
            ++pc_;
        }
        return push(U256::from_be(immediate));
    }
    if (op >= 0x80 && op <= 0x8f) {
        pay(3);
        const std::size_t n = op - 0x7fU;
        if (stack_.size() < n) stop(Status::stack_underflow);
        return push(stack_[stack_.size() - n]);
    }
    if (op >= 0x90 && op <= 0x9f) {
        pay(3);
        const std::size_t n = op - 0x8fU;
        if (stack_.size() < n + 1) stop(Status::stack_underflow);
        return std::swap(stack_.back(), stack_[stack_.size() - 1 - n]);
    }
    if (op >= 0xa0 && op <= 0xa4) return log(op - 0xa0U);
    if (op >= 0xf0) return system(op);
    stop(Status::undefined_instruction);
}

void Run::arithmetic(std::uint8_t op) {
    const auto a = pop();
    if (op == 0x15 || op == 0x19 || op == 0x1e) {  // ISZERO, NOT, CLZ
        if (op == 0x1e) require(Revision::osaka);
        pay(op == 0x1e ? 5 : 3);
        if (op == 0x15) return push(static_cast<std::uint64_t>(a == U256{}));
        if (op == 0x19) return push(minus(negate(a), 1));
        unsigned zeros = 0;
        while (zeros < 256 && !bit(a, 255 - zeros))
            ++zeros;
        return push(zeros);
    }
    const auto b = pop();
    switch (op) {
        case 0x01:
            pay(3);
            return push(plus(a, b));
        case 0x02:
            pay(5);
            return push(times(a, b));
        case 0x03:
            pay(3);
            return push(minus(a, b));
        case 0x04:
            pay(5);
            return push(divided(a, b).quotient);
        case 0x05:
            pay(5);
            return push(signed_divided(a, b));
        case 0x06:
            pay(5);
            return push(divided(a, b).remainder);
        case 0x07:
            pay(5);
            return push(signed_remainder(a, b));
        case 0x08:
            pay(8);
            return push(plus_modulo(a, b, pop()));
        case 0x09:
            pay(8);
            return push(times_modulo(a, b, pop()));
        case 0x0a: {
            const Gas per_byte = revision_ >= Revision::spurious_dragon ? 50 : 10;  // EIP-160
            pay(10 + per_byte * static_cast<Gas>((b.bit_width() + 7) / 8));
            return push(raised(a, b));
        }
        case 0x0b:
            pay(5);
            return push(sign_extended(a, b));
        case 0x10:
            pay(3);
            return push(static_cast<std::uint64_t>(is_less(a, b)));
        case 0x11:
            pay(3);
            return push(static_cast<std::uint64_t>(is_less(b, a)));
        case 0x12:
            pay(3);
            return push(static_cast<std::uint64_t>(is_signed_less(a, b)));
        case 0x13:
            pay(3);
            return push(static_cast<std::uint64_t>(is_signed_less(b, a)));
        case 0x14:
            pay(3);
            return push(static_cast<std::uint64_t>(a == b));
        case 0x16:
            pay(3);
            return push(a & b);
        case 0x17:
            pay(3);
            return push(a | b);
        case 0x18:
            pay(3);
            return push(a ^ b);
        case 0x1a:
            pay(3);
            return push(byte_of(a, b));
        case 0x1b:
            require(Revision::constantinople);
            pay(3);
            return push(shifted_left(b, a));
        case 0x1c:
            require(Revision::constantinople);
            pay(3);
            return push(shifted_right(b, a, false));
        case 0x1d:
            require(Revision::constantinople);
            pay(3);
            return push(shifted_right(b, a, is_negative(b)));
        default:
            stop(Status::undefined_instruction);
    }
}

void Run::environment(std::uint8_t op) {
    switch (op) {
        case 0x30:
            pay(2);
            return push(U256::from_address(message_.recipient));
        case 0x31: {
            const auto account = pop().to_address();
            pay_access(account, revision_ >= Revision::istanbul            ? 700
                                : revision_ >= Revision::tangerine_whistle ? 400
                                                                           : 20);
            return push(host_.balance(account));
        }
        case 0x32:
            pay(2);
            return push(U256::from_address(machine_.transaction_.origin));
        case 0x33:
            pay(2);
            return push(U256::from_address(message_.sender));
        case 0x34:
            pay(2);
            return push(message_.value);
        case 0x35: {
            const auto offset = pop();
            pay(3);
            std::array<std::uint8_t, 32> word{};
            for (std::size_t i = 0; i < 32; ++i) {
                if (offset.saturated_u64() < calldata_.size() && i < calldata_.size() - offset.low_u64()) {
                    word[i] = calldata_[offset.low_u64() + i];
                }
            }
            return push(U256::from_be(word));
        }
        case 0x36:
            pay(2);
            return push(calldata_.size());
        case 0x38:
            pay(2);
            return push(code_.size());
        case 0x3a:
            pay(2);
            return push(machine_.transaction_.gas_price);
        case 0x37:
        case 0x39: {
            const auto to = pop();
            const auto from = pop();
            const auto size = pop();
            pay(3);
            reach(to, size);
            pay(3 * word_count(size));
            return copy_in(to, op == 0x37 ? calldata_ : code_, from, size);
        }
        case 0x3b: {
            const auto account = pop().to_address();
            pay_access(account, revision_ >= Revision::tangerine_whistle ? 700 : 20);
            return push(host_.code(account).bytes.size());
        }
        case 0x3c: {
            const auto account = pop().to_address();
            const auto to = pop();
            const auto from = pop();
            const auto size = pop();
            pay_access(account, revision_ >= Revision::tangerine_whistle ? 700 : 20);
            reach(to, size);
            pay(3 * word_count(size));
            return copy_in(to, host_.code(account).bytes, from, size);
        }
        case 0x3d:
            require(Revision::byzantium);
            pay(2);
            return push(return_data_.size());
        case 0x3e: {
            require(Revision::byzantium);
            const auto to = pop();
            const auto from = pop();
            const auto size = pop();
            pay(3);
            reach(to, size);
            pay(3 * word_count(size));
            if (from.saturated_u64() > return_data_.size() ||
                size.low_u64() > return_data_.size() - from.low_u64()) {
                stop(Status::return_data_out_of_bounds);
            }
            return copy_in(to, return_data_, from, size);
        }
        default: {
            require(Revision::constantinople);
            const auto account = pop().to_address();
            pay_access(account, revision_ >= Revision::istanbul ? 700 : 400);
            return push(host_.is_empty(account) ? U256{} : U256::from_hash(host_.code_hash(account)));
        }
    }
}

void Run::block(std::uint8_t op) {
    const auto& block = machine_.block_;
    switch (op) {
        case 0x40: {
            const auto number = pop();
            pay(20);
            const bool known = number < U256{block.number} && number + U256{256} >= U256{block.number};
            return push(known ? U256::from_hash(host_.block_hash(number.low_u64())) : U256{});
        }
        case 0x41:
            pay(2);
            return push(U256::from_address(block.coinbase));
        case 0x42:
            pay(2);
            return push(block.timestamp);
        case 0x43:
            pay(2);
            return push(block.number);
        case 0x44:
            pay(2);
            return push(block.prev_randao);
        case 0x45:
            pay(2);
            return push(block.gas_limit);
        case 0x46:
            require(Revision::istanbul);
            pay(2);
            return push(block.chain_id);
        case 0x47:
            require(Revision::istanbul);
            pay(5);
            return push(host_.balance(message_.recipient));
        case 0x48:
            require(Revision::london);
            pay(2);
            return push(block.base_fee);
        case 0x49: {
            require(Revision::cancun);
            const auto index = pop();
            pay(3);
            const auto& hashes = machine_.transaction_.blob_hashes;
            return push(index.saturated_u64() < hashes.size() ? U256::from_hash(hashes[index.low_u64()])
                                                              : U256{});
        }
        default:
            require(Revision::cancun);
            pay(2);
            return push(block.blob_base_fee);
    }
}

void Run::flow(std::uint8_t op) {
    switch (op) {
        case 0x50:
            pay(2);
            pop();
            return;
        case 0x51: {
            const auto offset = pop();
            pay(3);
            reach(offset, 32);
            return push(U256::from_be(range(offset, 32)));
        }
        case 0x52: {
            const auto offset = pop();
            const auto value = pop();
            pay(3);
            reach(offset, 32);
            return copy_in(offset, value.to_hash().bytes, 0, 32);
        }
        case 0x53: {
            const auto offset = pop();
            const auto value = pop();
            pay(3);
            reach(offset, 1);
            memory_[offset.low_u64()] = static_cast<std::uint8_t>(value.low_u64());
            return;
        }
        case 0x54:
            return load_slot();
        case 0x55:
            return store_slot();
        case 0x56:
            pay(8);
            return jump(pop());
        case 0x57: {
            const auto to = pop();
            const auto condition = pop();
            pay(10);
            if (condition != U256{}) jump(to);
            return;
        }
        case 0x58:
            pay(2);
            return push(pc_ - 1);
        case 0x59:
            pay(2);
            return push(memory_.size());
        case 0x5a:
            pay(2);
            return push(static_cast<std::uint64_t>(gas_));
        case 0x5b:
            return pay(1);
        case 0x5c:
            require(Revision::cancun);
            pay(100);
            return push(host_.transient_storage(message_.recipient, pop()));
        case 0x5d: {
            require(Revision::cancun);
            const auto key = pop();
            const auto value = pop();
            pay(100);
            require_writable();
            return host_.set_transient_storage(message_.recipient, key, value);
        }
        default: {
            require(Revision::cancun);
            const auto to = pop();
            const auto from = pop();
            const auto size = pop();
            pay(3);
            reach(to, size);
            reach(from, size);
            pay(3 * word_count(size));
            return copy_in(to, range(from, size), 0, size);
        }
    }
}

void Run::load_slot() {
    const auto key = pop();
    const auto slot = host_.access_slot(message_.recipient, key);
    if (revision_ >= Revision::berlin) {
        pay(slot.warmth == Warmth::cold ? 2100 : 100);
    } else {
        pay(revision_ >= Revision::istanbul ? 800 : revision_ >= Revision::tangerine_whistle ? 200 : 50);
    }
    push(slot.current);
}

void Run::store_slot() {
    const auto key = pop();
    const auto value = pop();
    require_writable();
    const bool sentry = revision_ >= Revision::istanbul;  // EIP-2200
    if (sentry && gas_ <= 2300) stop(Status::out_of_gas);
    const auto [current, original, warmth] = host_.access_slot(message_.recipient, key);
    if (revision_ >= Revision::berlin && warmth == Warmth::cold) pay(2100);

    const bool net = revision_ == Revision::constantinople || revision_ >= Revision::istanbul;
    if (!net) {
        pay(current.is_zero() && !value.is_zero() ? 20'000 : 5000);
        if (!current.is_zero() && value.is_zero()) host_.add_refund(15'000);
        return host_.set_storage(message_.recipient, key, value);
    }
    const Gas load = revision_ >= Revision::berlin ? 100 : revision_ >= Revision::istanbul ? 800 : 200;
    const Gas reset = revision_ >= Revision::berlin ? 5000 - 2100 : 5000;
    const Gas clearing = revision_ >= Revision::london ? 4800 : 15'000;
    if (current == value) return pay(load);
    if (current == original) {
        pay(original.is_zero() ? 20'000 : reset);
        if (!original.is_zero() && value.is_zero()) host_.add_refund(clearing);
    } else {
        pay(load);
        if (!original.is_zero() && current.is_zero()) host_.add_refund(-clearing);
        if (!original.is_zero() && value.is_zero()) host_.add_refund(clearing);
        if (original == value) host_.add_refund(original.is_zero() ? 20'000 - load : reset - load);
    }
    host_.set_storage(message_.recipient, key, value);
}

void Run::log(unsigned topics) {
    const auto offset = pop();
    const auto size = pop();
    Log entry;
    entry.address = message_.recipient;
    for (unsigned i = 0; i < topics; ++i)
        entry.topics.push_back(pop().to_hash());
    require_writable();
    pay(375 + 375 * static_cast<Gas>(topics));
    reach(offset, size);
    pay(8 * static_cast<Gas>(size.low_u64()));
    entry.data = range(offset, size);
    host_.emit_log(std::move(entry));
}

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
