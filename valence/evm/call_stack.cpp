#include "valence/evm/call_stack.hpp"

#include <limits>

#include "valence/crypto/keccak.hpp"
#include "valence/evm/gas.hpp"
#include "valence/evm/instructions/call.hpp"
#include "valence/evm/precompiles/precompiles.hpp"

namespace valence::evm {
namespace {

using PrecompileRun = PrecompileResult (*)(const Environment&, const Message&);

/// What runs in place of code at an address, or null.
PrecompileRun precompile_for(const Environment& environment, const Address& address) {
    auto& host = environment.host;
    if (host.has_precompile(address)) {
        return [](const Environment& e, const Message& m) { return e.host.run_precompile(m); };
    }
    // All of Ethereum's lie below 2^16; most calls go elsewhere and need no look-up.
    if (std::any_of(address.begin(), address.end() - 2, [](std::uint8_t b) { return b != 0; }))
        return nullptr;
    if (find_precompile(address, environment.revision) == nullptr) return nullptr;
    if (!host.allows_builtin_precompile(address)) return nullptr;
    return [](const Environment& e, const Message& m) {
        return find_precompile(m.code_address, e.revision)->run(m.input, m.gas, e.revision);
    };
}

}  // namespace

Address create_address(const Address& sender, std::uint64_t nonce) {
    Bytes rlp{0, 0x80 + Address::kSize};
    base::append(rlp, sender.bytes);
    const auto digits = U256{nonce}.to_minimal_be();
    if (digits.size() != 1 || digits[0] >= 0x80)
        rlp.push_back(static_cast<std::uint8_t>(0x80 + digits.size()));
    base::append(rlp, digits);
    rlp[0] = static_cast<std::uint8_t>(0xc0 + rlp.size() - 1);
    return base::from_right_aligned<Address>(crypto::keccak256(rlp).bytes);
}

Address create2_address(const Address& sender, const U256& salt, BytesView init_code) {
    Bytes preimage{0xff};
    base::append(preimage, sender.bytes);
    base::append(preimage, salt.to_hash().bytes);
    base::append(preimage, crypto::keccak256(init_code).bytes);
    return base::from_right_aligned<Address>(crypto::keccak256(preimage).bytes);
}

CallStack::CallStack(const Environment& environment)
    : environment_(environment),
      host_(environment.host),
      revision_(environment.revision),
      loop_(select_loop(environment.revision, environment.tracer != nullptr)),
      pool_(FramePool::of_this_thread()) {}

CallStack::~CallStack() {
    while (top_ != nullptr)
        pop_frame();
}

CallResult CallStack::run(const Message& root) {
    const auto checkpoint = host_.checkpoint();
    bool running = begin(root);
    while (true) {
        if (!running) {
            if (ended_.status == Status::abandoned) [[unlikely]] {
                abandon(checkpoint);
                return result(is_create(root.kind));
            }
            if (top_ == nullptr) return result(is_create(root.kind));
            deliver(*top_);
        }
        loop_(*top_);
        if (top_->exit == Exit::call) {
            running = begin(top_->pending);
            continue;
        }
        if (top_->status == Status::abandoned) [[unlikely]] {
            abandon(checkpoint);
            return result(is_create(root.kind));
        }
        finish_top();
        if (top_->parent == nullptr) {
            auto answer = result(is_create(root.kind));
            pop_frame();
            return answer;
        }
        deliver(*top_->parent);
        pop_frame();
        running = true;
    }
}

CallResult CallStack::result(bool creation) const {
    CallResult answer{ended_.status, ended_.gas, base::to_bytes(ended_.output), {}};
    if (creation && ended_.status == Status::success) answer.created = ended_.created;
    return answer;
}

bool CallStack::begin(const Message& message) {
    return is_create(message.kind) ? begin_creation(message) : begin_call(message);
}

bool CallStack::end_at_once(const Message& message, Status status, Gas gas, BytesView output) {
    ended_ = {status, gas, output, {}};
    report_exit(message);
    return false;
}

bool CallStack::begin_call(const Message& message) {
    if (environment_.tracer != nullptr) [[unlikely]]
        environment_.tracer->on_enter(message, host_);
    if (message.depth > kDepthLimit) return end_at_once(message, Status::call_depth_exceeded, message.gas);
    const bool moves_value = message.kind != CallKind::delegate_call && !message.value.is_zero();
    if (moves_value && host_.balance(message.sender) < message.value) {
        return end_at_once(message, Status::insufficient_balance, message.gas);
    }

    const auto checkpoint = host_.checkpoint();
    if (message.kind == CallKind::call) {
        if (moves_value) {
            host_.transfer(message.sender, message.recipient, message.value);
        } else {
            // Until EIP-161 a call made the account it went to.
            if (revision_ < Revision::spurious_dragon && !host_.exists(message.recipient)) {
                host_.create_account(message.recipient);
            }
            host_.touch(message.recipient);
        }
    }

    if (const auto precompile = precompile_for(environment_, message.code_address)) {
        auto answer = precompile(environment_, message);
        owned_output_ = std::move(answer.output);
        if (answer.status == Status::success || answer.status == Status::revert) {
            if (answer.status == Status::revert) host_.revert_to(checkpoint);
            return end_at_once(message, answer.status, answer.gas_left, owned_output_);
        }
        host_.revert_to(checkpoint);
        return end_at_once(message, answer.status, 0);
    }

    auto code = host_.code(message.code_address);
    if (revision_ >= Revision::prague) {
        if (const auto target = delegation_target(code.bytes)) {
            // Within the transaction the caller paid for this access; for the transaction itself it is free
            // (EIP-7702).
            host_.access_account(*target);
            code = precompile_for(environment_, *target) != nullptr ? CodeView{} : host_.code(*target);
        }
    }
    if (code.bytes.empty()) return end_at_once(message, Status::success, message.gas);

    push_frame(message);
    auto& frame = *top_;
    frame.checkpoint = checkpoint;
    frame.shared_analysis = AnalysisCache::of_this_thread().get(code.hash, code.bytes);
    frame.analysis = frame.shared_analysis.get();
    frame.code = code.bytes;
    frame.calldata = message.input;
    // A tracer sees every instruction by itself.
    frame.is_fused = frame.analysis->is_fused() && environment_.tracer == nullptr;
    frame.code_begin = frame.is_fused ? frame.analysis->fused_begin() : frame.analysis->begin();
    frame.pc = frame.code_begin;
    return true;
}

bool CallStack::begin_creation(const Message& request) {
    const auto nonce = host_.nonce(request.sender);
    auto message = request;
    message.recipient = request.kind == CallKind::create
                            ? create_address(request.sender, nonce)
                            : create2_address(request.sender, request.salt, request.input);
    message.code_address = message.recipient;
    if (environment_.tracer != nullptr) [[unlikely]]
        environment_.tracer->on_enter(message, host_);
    if (message.depth > kDepthLimit) return end_at_once(message, Status::call_depth_exceeded, message.gas);
    if (host_.balance(message.sender) < message.value) {
        return end_at_once(message, Status::insufficient_balance, message.gas);
    }
    // EIP-2681.
    if (nonce == std::numeric_limits<std::uint64_t>::max()) {
        return end_at_once(message, Status::nonce_overflow, message.gas);
    }
    host_.set_nonce(message.sender, nonce + 1);
    const auto& address = message.recipient;
    // EIP-2929: stays warm even if the creation fails.
    if (revision_ >= Revision::berlin) host_.access_account(address);
    // EIP-684 and EIP-7610.
    if (host_.nonce(address) != 0 || !host_.code(address).bytes.empty() || host_.has_storage(address)) {
        return end_at_once(message, Status::address_collision, 0);
    }

    const auto checkpoint = host_.checkpoint();
    host_.create_account(address);
    if (revision_ >= Revision::spurious_dragon) host_.set_nonce(address, 1);  // EIP-161
    if (message.value.is_zero()) {
        host_.touch(address);
    } else {
        host_.transfer(message.sender, address, message.value);
    }

    push_frame(message);
    auto& frame = *top_;
    frame.creation = message;
    frame.message = &frame.creation;
    frame.checkpoint = checkpoint;
    frame.init_code.assign(message.input);
    frame.analysis = &frame.init_code;
    frame.code = message.input;
    frame.calldata = {};
    frame.is_fused = false;
    frame.code_begin = frame.analysis->begin();
    frame.pc = frame.code_begin;
    return true;
}

void CallStack::push_frame(const Message& message) {
    auto frame = pool_.take();
    frame->environment = &environment_;
    frame->message = &message;
    frame->top = frame->bottom();
    frame->gas = message.gas;
    frame->exit = Exit::done;
    frame->parent = std::move(top_);
    top_ = std::move(frame);
}

void CallStack::pop_frame() {
    auto frame = std::move(top_);
    top_ = std::move(frame->parent);
    pool_.give_back(std::move(frame));
}

Status CallStack::deploy_code(Frame& frame) {
    const auto size = frame.output.size();
    if (revision_ >= Revision::spurious_dragon && size > environment_.limits.code_size)
        return Status::code_too_large;
    if (revision_ >= Revision::london && size != 0 && frame.output[0] == 0xef)
        return Status::code_starts_with_ef;
    const auto price = gas::kCodeDepositByte * static_cast<Gas>(size);
    if (frame.gas < price) {
        if (revision_ >= Revision::homestead) return Status::out_of_gas;  // EIP-2
        // In Frontier the contract was made all the same, without code; tracers still see what was returned.
        return Status::success;
    }
    frame.gas -= price;
    if (size != 0) host_.set_code(frame.message->recipient, base::to_bytes(frame.output));
    return Status::success;
}

void CallStack::finish_top() {
    auto& frame = *top_;
    if (is_create(frame.message->kind) && frame.status == Status::success) {
        frame.status = deploy_code(frame);
        if (frame.status == Status::success) ended_.created = frame.message->recipient;
    }
    const bool keeps_gas = frame.status == Status::success || frame.status == Status::revert;
    ended_.status = frame.status;
    ended_.gas = keeps_gas ? frame.gas : 0;
    ended_.output = keeps_gas ? frame.output : BytesView{};
    if (frame.status != Status::success) host_.revert_to(frame.checkpoint);
    report_exit(*frame.message);
}

void CallStack::report_exit(const Message& message) {
    if (environment_.tracer == nullptr) [[likely]]
        return;
    environment_.tracer->on_exit(message, result(is_create(message.kind)), host_);
}

void CallStack::deliver(Frame& caller) {
    const bool success = ended_.status == Status::success;
    caller.gas += ended_.gas;
    auto& answer = caller.top[-1];
    if (is_create(caller.pending.kind)) {
        answer = success ? U256::from_address(ended_.created) : U256{};
        // A creation's output is the new code, which is no return data.
        if (success) ended_.output = {};
    } else {
        answer = static_cast<std::uint64_t>(success);
        const auto n = std::min<std::uint64_t>(caller.pending_output_size, ended_.output.size());
        if (n != 0) std::memcpy(caller.memory.data() + caller.pending_output_offset, ended_.output.data(), n);
    }
    caller.return_data.assign(ended_.output.begin(), ended_.output.end());
}

void CallStack::abandon(std::size_t checkpoint) {
    ended_ = {Status::abandoned, 0, {}, {}};
    for (; top_ != nullptr; pop_frame())
        report_exit(*top_->message);
    host_.revert_to(checkpoint);
}

}  // namespace valence::evm
