// The loop of the reference machine, and what all its instructions use.
#include "valence/evm/reference/run.hpp"

#include "valence/crypto/keccak.hpp"

namespace valence::evm::reference {
namespace {

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
    if (op >= 0x30 && op <= 0x4a) return context(op);
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

}  // namespace valence::evm::reference
