#include "valence/rpc/tracers/prestate_tracer.hpp"

#include "valence/chain/validate_transaction.hpp"
#include "valence/evm/call_stack.hpp"
#include "valence/rpc/tracers/opcode_facts.hpp"
#include "valence/rpc/tracers/step_memory.hpp"
#include "valence/rpc/tracers/tracer_config.hpp"
#include "valence/state/reader.hpp"

namespace valence::rpc::tracers {

Answer<std::unique_ptr<TransactionTracer>> PrestateTracer::from_config(const boost::json::value& config) {
    Options options;
    BOOST_OUTCOME_TRY(read_booleans(config, "prestateTracerConfig",
                                    {{"diffMode", &options.diff_mode},
                                     {"disableCode", &options.disable_code},
                                     {"disableStorage", &options.disable_storage},
                                     {"includeEmpty", &options.include_empty}}));
    // Differences need the empty accounts already, to tell created from changed.
    if (options.diff_mode && options.include_empty)
        return server_error("cannot use diffMode with includeEmpty");
    return std::make_unique<PrestateTracer>(options);
}

void PrestateTracer::on_transaction_start(const TransactionStart& start) {
    revision_ = start.revision;
    state_ = start.state;
    keep(start.sender);
    if (start.to) {
        keep_delegate(*start.to);
        keep(*start.to);
    } else {
        const auto created = evm::create_address(start.sender, state_->nonce(start.sender));
        created_.insert(created);
        keep(created);
    }
    keep(start.coinbase);
    for (const auto& authority : start.authorities)
        keep(authority);
}

PrestateTracer::Snapshot PrestateTracer::read(const Address& address) {
    Snapshot out;
    out.balance = state_->balance(address);
    out.nonce = state_->nonce(address);
    const auto& code = *state_->code(address);
    if (!code.empty()) out.code_hash = state_->code_hash(address);
    out.empty = out.nonce == 0 && code.empty() && out.balance->is_zero();
    if (!options_.disable_code && !code.empty()) out.code = code;
    return out;
}

void PrestateTracer::keep(const Address& address) {
    if (!before_.contains(address)) before_.emplace(address, read(address));
}

void PrestateTracer::keep_delegate(const Address& address) {
    if (revision_ < evm::Revision::prague) return;
    if (const auto delegate = chain::delegation_target(*state_->code(address))) keep(*delegate);
}

void PrestateTracer::touch(const Address& address) {
    if (!before_.contains(address)) pending_.accounts.emplace_back(address, read(address));
}

void PrestateTracer::touch_delegate(const Address& address) {
    if (revision_ < evm::Revision::prague) return;
    if (const auto delegate = chain::delegation_target(*state_->code(address))) touch(*delegate);
}

void PrestateTracer::on_step(const evm::Step& step, evm::Host&) {
    pending_ = {};
    pending_.contract = step.message->recipient;
    // What lacks its operands fails and touches nothing.
    if (step.stack.size() >= stack_required(step.opcode)) find_touched(step);
}

void PrestateTracer::find_touched(const evm::Step& step) {
    const auto& contract = step.message->recipient;
    switch (static_cast<evm::Op>(step.opcode)) {
        case evm::Op::sload:
        case evm::Op::sstore:
            if (!options_.disable_storage) {
                const auto& key = stack_word(step, 0);
                pending_.slot.emplace(key, state_->storage(contract, key));
            }
            return;
        case evm::Op::extcodecopy:
        case evm::Op::extcodehash:
        case evm::Op::extcodesize:
        case evm::Op::balance:
            touch(stack_word(step, 0).to_address());
            return;
        case evm::Op::selfdestruct:
            touch(stack_word(step, 0).to_address());
            // EIP-6780: from Cancun only an account created in the same transaction goes.
            pending_.destroys = revision_ < evm::Revision::cancun || created_.contains(contract);
            return;
        case evm::Op::call:
        case evm::Op::callcode:
        case evm::Op::delegatecall:
        case evm::Op::staticcall:
            touch(stack_word(step, 1).to_address());
            touch_delegate(stack_word(step, 1).to_address());
            return;
        case evm::Op::create:
            pending_.created = evm::create_address(contract, state_->nonce(contract));
            break;
        case evm::Op::create2: {
            const auto init_code = memory_range(step, stack_word(step, 1), stack_word(step, 2));
            pending_.created = evm::create2_address(contract, stack_word(step, 3), init_code);
            break;
        }
        default:
            return;
    }
    touch(*pending_.created);
}

void PrestateTracer::on_step_cost(evm::Gas, evm::Status status) {
    if (status == evm::Status::out_of_gas || status == evm::Status::stack_underflow ||
        status == evm::Status::stack_overflow) {
        pending_ = {};
        return;
    }
    for (auto& [address, snapshot] : pending_.accounts)
        before_.emplace(address, std::move(snapshot));
    if (pending_.slot) {
        keep(pending_.contract);
        before_.at(pending_.contract).storage.emplace(pending_.slot->first, pending_.slot->second);
    }
    if (pending_.created) created_.insert(*pending_.created);
    if (pending_.destroys) deleted_.insert(pending_.contract);
    pending_ = {};
}

void PrestateTracer::on_transaction_end(std::uint64_t) {
    if (options_.diff_mode) find_differences();
    if (options_.include_empty) return;
    std::erase_if(before_, [](const auto& entry) { return entry.second.empty; });
}

void PrestateTracer::find_differences() {
    for (auto it = before_.begin(); it != before_.end();) {
        auto& [address, before] = *it;
        // A deleted account stands in `pre` only.
        if (deleted_.contains(address)) {
            ++it;
            continue;
        }
        Snapshot now;
        bool modified = false;
        const auto note = [&](bool differs) {
            modified |= differs;
            return differs;
        };
        if (const auto balance = state_->balance(address); note(balance != before.balance))
            now.balance = balance;
        if (const auto nonce = state_->nonce(address); note(nonce != before.nonce)) now.nonce = nonce;
        const auto& code = *state_->code(address);
        const auto hash = code.empty() ? state::kEmptyCodeHash : state_->code_hash(address);
        if (note(hash != before.code_hash.value_or(state::kEmptyCodeHash))) {
            now.code_hash = hash;
            if (!options_.disable_code) now.code = code;
        }
        for (auto slot = before.storage.begin(); slot != before.storage.end();) {
            const auto value = state_->storage(address, slot->first);
            const bool differs = note(value != slot->second);
            if (differs && !value.is_zero()) now.storage.emplace(slot->first, value);
            slot = !differs || slot->second.is_zero() ? before.storage.erase(slot) : std::next(slot);
        }
        if (!modified) {
            it = before_.erase(it);
        } else {
            after_.emplace(address, std::move(now));
            ++it;
        }
    }
}

void PrestateTracer::write(JsonWriter& out, const Snapshots& accounts) {
    out.begin_object();
    for (const auto& [address, account] : accounts) {
        out.key(base::to_hex_prefixed(address.bytes)).begin_object();
        if (account.balance) out.key("balance").quantity(*account.balance);
        if (account.code) out.key("code").data(*account.code);
        if (account.code_hash) out.key("codeHash").data(*account.code_hash);
        if (account.nonce != 0) out.key("nonce").number(account.nonce);
        if (!account.storage.empty()) {
            out.key("storage").begin_object();
            for (const auto& [key, value] : account.storage) {
                out.key(base::to_hex_prefixed(key.to_hash().bytes)).word(value);
            }
            out.end_object();
        }
        out.end_object();
    }
    out.end_object();
}

Answer<std::string> PrestateTracer::result() {
    std::string text;
    JsonWriter out{text};
    if (!options_.diff_mode) {
        write(out, before_);
        return text;
    }
    out.begin_object();
    out.key("post");
    write(out, after_);
    out.key("pre");
    write(out, before_);
    out.end_object();
    return text;
}

}  // namespace valence::rpc::tracers
