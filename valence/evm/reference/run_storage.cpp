// What the reference machine does to memory, storage and the log, and where it goes on.
#include "valence/evm/reference/run.hpp"

namespace valence::evm::reference {

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

}  // namespace valence::evm::reference
