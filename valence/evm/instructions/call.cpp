#include "valence/evm/instructions/call.hpp"

#include <limits>

#include "valence/evm/gas.hpp"
#include "valence/evm/instructions/state.hpp"

namespace valence::evm {
namespace {

/// EIP-7702: 0xef0100 and an address.
constexpr std::array<std::uint8_t, 3> kDelegationPrefix{0xef, 0x01, 0x00};
constexpr std::size_t kDelegationSize = 23;

/// What the callee gets: all but a 64th at most (EIP-150), before that what was asked for. Negative if that
/// is too much.
Gas gas_for_callee(const U256& requested, Gas available, Revision revision) {
    const auto asked = static_cast<Gas>(std::min<std::uint64_t>(
        requested.saturated_u64(), static_cast<std::uint64_t>(std::numeric_limits<Gas>::max())));
    if (revision >= Revision::tangerine_whistle) return std::min(asked, available - available / 64);
    return asked <= available ? asked : -1;
}

BytesView memory_range(const Frame& frame, const U256& offset, const U256& size) {
    if (size.is_zero()) return {};
    return frame.memory.view().subspan(offset.low_u64(), size.low_u64());
}

}  // namespace

std::optional<Address> delegation_target(BytesView code) {
    if (code.size() != kDelegationSize || !base::equal(code.first(3), kDelegationPrefix)) return std::nullopt;
    return base::from_exact<Address>(code.subspan(3));
}

Done prepare_call(Frame& frame, const U256* top, Gas gas, Op op) {
    const auto revision = frame.environment->revision;
    auto& host = frame.environment->host;
    const auto& own = *frame.message;
    const bool takes_value = op == Op::call || op == Op::callcode;
    const auto* const ranges = takes_value ? top - 3 : top - 2;
    const auto to = top[-2].to_address();
    const auto value = takes_value ? top[-3] : U256{};
    const auto& input_offset = ranges[-1];
    const auto& input_size = ranges[-2];
    const auto& output_offset = ranges[-3];
    const auto& output_size = ranges[-4];

    if (op == Op::call && own.is_static && !value.is_zero()) {
        return fail(frame, Status::static_mode_violation, gas);
    }
    gas -= account_access_extra(frame, to);
    if (gas < 0) return fail(frame, Status::out_of_gas, gas);
    if (!touch_memory(frame, input_offset, input_size, gas) ||
        !touch_memory(frame, output_offset, output_size, gas)) {
        return fail(frame, Status::out_of_gas, gas);
    }
    if (!value.is_zero()) gas -= gas::kCallValue;
    if (op == Op::call) {
        const bool makes_account =
            revision >= Revision::spurious_dragon ? !value.is_zero() && host.is_empty(to) : !host.exists(to);
        if (makes_account) gas -= gas::kNewAccount;
    }
    if (gas < 0) return fail(frame, Status::out_of_gas, gas);
    if (revision >= Revision::prague) {
        if (const auto target = delegation_target(host.code(to).bytes)) {
            gas -= gas::kWarmAccess + account_access_extra(frame, *target);
            if (gas < 0) return fail(frame, Status::out_of_gas, gas);
        }
    }
    const auto handed = gas_for_callee(top[-1], gas, revision);
    if (handed < 0) return fail(frame, Status::out_of_gas, handed);
    gas -= handed;

    auto& message = frame.pending;
    message.kind = op == Op::delegatecall ? CallKind::delegate_call
                   : op == Op::callcode   ? CallKind::call_code
                                          : CallKind::call;
    message.is_static = own.is_static || op == Op::staticcall;
    message.by_static_call = op == Op::staticcall;
    message.depth = own.depth + 1;
    message.gas = value.is_zero() ? handed : handed + gas::kCallStipend;
    message.recipient = op == Op::call || op == Op::staticcall ? to : own.recipient;
    message.code_address = to;
    message.sender = op == Op::delegatecall ? own.sender : own.recipient;
    message.value = op == Op::delegatecall ? own.value : value;
    message.input = memory_range(frame, input_offset, input_size);
    frame.pending_output_offset = output_size.is_zero() ? 0 : output_offset.low_u64();
    frame.pending_output_size = output_size.low_u64();
    frame.exit = Exit::call;
    return {gas, true};
}

Done prepare_create(Frame& frame, const U256* top, Gas gas, Op op) {
    const auto revision = frame.environment->revision;
    const auto& own = *frame.message;
    const auto& offset = top[-2];
    const auto& size = top[-3];
    if (own.is_static) return fail(frame, Status::static_mode_violation, gas);
    if (!touch_memory(frame, offset, size, gas)) return fail(frame, Status::out_of_gas, gas);
    const auto n = size.low_u64();
    if (revision >= Revision::shanghai) {  // EIP-3860
        if (n > frame.environment->limits.init_code_size)
            return fail(frame, Status::init_code_too_large, gas);
        gas -= gas::kInitCodeWord * words(n);
    }
    if (op == Op::create2) gas -= gas::kKeccakWord * words(n);
    if (gas < 0) return fail(frame, Status::out_of_gas, gas);
    const auto handed = revision >= Revision::tangerine_whistle ? gas - gas / 64 : gas;
    gas -= handed;

    auto& message = frame.pending;
    message = {};
    message.kind = op == Op::create2 ? CallKind::create2 : CallKind::create;
    message.depth = own.depth + 1;
    message.gas = handed;
    message.sender = own.recipient;
    message.value = top[-1];
    message.input = memory_range(frame, offset, size);
    if (op == Op::create2) message.salt = top[-4];
    frame.pending_output_size = 0;
    frame.exit = Exit::call;
    return {gas, true};
}

}  // namespace valence::evm
