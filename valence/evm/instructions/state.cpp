#include "valence/evm/instructions/state.hpp"

#include "valence/evm/gas.hpp"
#include "valence/evm/instructions/memory.hpp"

namespace valence::evm {
namespace {

Revision revision_of(const Frame& frame) { return frame.environment->revision; }
Host& host_of(const Frame& frame) { return frame.environment->host; }

}  // namespace

Gas account_access_extra(const Frame& frame, const Address& account) {
    if (revision_of(frame) < Revision::berlin) return 0;
    return host_of(frame).access_account(account) == Warmth::cold ? gas::kColdAccountExtra : 0;
}

Done balance(Frame& frame, U256* top, Gas gas) {
    const auto account = top[-1].to_address();
    gas -= account_access_extra(frame, account);
    if (gas < 0) return fail(frame, Status::out_of_gas, gas);
    top[-1] = host_of(frame).balance(account);
    return {gas, true};
}

Done self_balance(Frame& frame, U256* top, Gas gas) {
    *top = host_of(frame).balance(frame.message->recipient);
    return {gas, true};
}

Done ext_code_size(Frame& frame, U256* top, Gas gas) {
    const auto account = top[-1].to_address();
    gas -= account_access_extra(frame, account);
    if (gas < 0) return fail(frame, Status::out_of_gas, gas);
    top[-1] = host_of(frame).code(account).bytes.size();
    return {gas, true};
}

Done ext_code_hash(Frame& frame, U256* top, Gas gas) {
    const auto account = top[-1].to_address();
    gas -= account_access_extra(frame, account);
    if (gas < 0) return fail(frame, Status::out_of_gas, gas);
    auto& host = host_of(frame);
    // EIP-1052: 0 for what does not exist; an empty account does not since EIP-161.
    top[-1] = host.is_empty(account) ? U256{} : U256::from_hash(host.code_hash(account));
    return {gas, true};
}

Done ext_code_copy(Frame& frame, U256* top, Gas gas) {
    const auto account = top[-1].to_address();
    gas -= account_access_extra(frame, account);
    if (gas < 0) return fail(frame, Status::out_of_gas, gas);
    return copy_padded(frame, top - 1, host_of(frame).code(account).bytes, gas);
}

Done block_hash(Frame& frame, U256* top, Gas gas) {
    const auto current = frame.environment->block.number;
    const auto wanted = top[-1];
    const bool known = wanted.fits_u64() && wanted.low_u64() < current && current - wanted.low_u64() <= 256;
    top[-1] = known ? U256::from_hash(host_of(frame).block_hash(wanted.low_u64())) : U256{};
    return {gas, true};
}

Done sload(Frame& frame, U256* top, Gas gas) {
    const auto slot = host_of(frame).access_slot(frame.message->recipient, top[-1]);
    if (revision_of(frame) >= Revision::berlin && slot.warmth == Warmth::cold) {
        gas -= gas::kColdSlotExtra;
        if (gas < 0) return fail(frame, Status::out_of_gas, gas);
    }
    top[-1] = slot.current;
    return {gas, true};
}

Done sstore(Frame& frame, U256* top, Gas gas) {
    if (frame.message->is_static) return fail(frame, Status::static_mode_violation, gas);
    const auto rules = gas::storage_rules(revision_of(frame));
    if (gas <= rules.sentry) return fail(frame, Status::out_of_gas, gas);
    auto& host = host_of(frame);
    const auto& account = frame.message->recipient;
    const auto& key = top[-1];
    const auto& value = top[-2];
    const auto slot = host.access_slot(account, key);

    Gas cost = slot.warmth == Warmth::cold ? rules.cold : 0;
    Gas refund = 0;
    if (!rules.net) {
        cost += slot.current.is_zero() && !value.is_zero() ? rules.set : rules.reset;
        if (!slot.current.is_zero() && value.is_zero()) refund = rules.clear;
    } else if (slot.current == value) {
        cost += rules.warm;
    } else if (slot.current == slot.original) {
        cost += slot.original.is_zero() ? rules.set : rules.reset;
        if (!slot.original.is_zero() && value.is_zero()) refund = rules.clear;
    } else {
        cost += rules.warm;
        if (!slot.original.is_zero()) {
            if (slot.current.is_zero()) refund -= rules.clear;
            if (value.is_zero()) refund += rules.clear;
        }
        if (slot.original == value)
            refund += (slot.original.is_zero() ? rules.set : rules.reset) - rules.warm;
    }
    gas -= cost;
    if (gas < 0) return fail(frame, Status::out_of_gas, gas);
    if (refund != 0) host.add_refund(refund);
    if (slot.current != value) host.set_storage(account, key, value);
    return {gas, true};
}

Done tload(Frame& frame, U256* top, Gas gas) {
    top[-1] = host_of(frame).transient_storage(frame.message->recipient, top[-1]);
    return {gas, true};
}

Done tstore(Frame& frame, U256* top, Gas gas) {
    if (frame.message->is_static) return fail(frame, Status::static_mode_violation, gas);
    host_of(frame).set_transient_storage(frame.message->recipient, top[-1], top[-2]);
    return {gas, true};
}

Done log(Frame& frame, U256* top, Gas gas, std::size_t topics) {
    if (frame.message->is_static) return fail(frame, Status::static_mode_violation, gas);
    const auto& offset = top[-1];
    const auto& size = top[-2];
    if (!touch_memory(frame, offset, size, gas)) return fail(frame, Status::out_of_gas, gas);
    const auto n = size.low_u64();
    gas -= gas::kLogByte * static_cast<Gas>(n);
    if (gas < 0) return fail(frame, Status::out_of_gas, gas);
    Log entry;
    entry.address = frame.message->recipient;
    entry.topics.reserve(topics);
    for (std::size_t i = 0; i < topics; ++i)
        entry.topics.push_back(top[-3 - static_cast<std::ptrdiff_t>(i)].to_hash());
    if (n != 0) entry.data = base::to_bytes(frame.memory.view().subspan(offset.low_u64(), n));
    if (auto* tracer = frame.environment->tracer) tracer->on_log(entry);
    host_of(frame).emit_log(std::move(entry));
    return {gas, true};
}

Done self_destruct(Frame& frame, U256* top, Gas gas) {
    if (frame.message->is_static) return fail(frame, Status::static_mode_violation, gas);
    const auto revision = revision_of(frame);
    auto& host = host_of(frame);
    const auto& account = frame.message->recipient;
    const auto beneficiary = top[-1].to_address();

    // Here a cold account costs the full price and a warm one nothing (EIP-2929).
    if (revision >= Revision::berlin && host.access_account(beneficiary) == Warmth::cold)
        gas -= gas::kColdAccount;
    if (gas < 0) return fail(frame, Status::out_of_gas, gas);
    const auto balance = host.balance(account);
    if (revision >= Revision::tangerine_whistle) {
        const bool makes_account = revision >= Revision::spurious_dragon
                                       ? !balance.is_zero() && host.is_empty(beneficiary)
                                       : !host.exists(beneficiary);
        if (makes_account) gas -= gas::kNewAccount;
        if (gas < 0) return fail(frame, Status::out_of_gas, gas);
    }

    if (auto* tracer = frame.environment->tracer) tracer->on_self_destruct(account, beneficiary, balance);
    if (beneficiary != account) {
        if (!balance.is_zero()) {
            host.transfer(account, beneficiary, balance);
        } else {
            if (revision < Revision::spurious_dragon && !host.exists(beneficiary))
                host.create_account(beneficiary);
            host.touch(beneficiary);
        }
    }
    // EIP-6780: only what this transaction made is destroyed.
    if (revision < Revision::cancun || host.created_in_transaction(account)) {
        if (host.destroy(account) && revision < Revision::london) host.add_refund(gas::kSelfDestructRefund);
    }
    frame.exit = Exit::done;
    frame.status = Status::success;
    frame.output = {};
    return {gas, true};
}

}  // namespace valence::evm
