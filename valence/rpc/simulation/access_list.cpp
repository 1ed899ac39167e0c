#include "valence/rpc/simulation/access_list.hpp"

#include <map>
#include <set>

#include <fmt/format.h>

#include "valence/evm/call_stack.hpp"
#include "valence/rpc/simulation/message.hpp"
#include "valence/rpc/tracers/failure_tracer.hpp"
#include "valence/rpc/tracers/opcode_facts.hpp"
#include "valence/rpc/tracers/step_memory.hpp"

namespace valence::rpc::simulation {

namespace {

using Accesses = std::map<Address, std::set<U256>>;

/// Each run can add accesses only, so the fixed point is near; a contract that reads its gas could go on for
/// long.
constexpr int kMaxRounds = 64;

class AccessTracer : public tracers::FailureTracer {
public:
    AccessTracer(evm::Revision revision, const Deadline& deadline, const std::set<Address>& excluded,
                 Accesses known)
        : FailureTracer(revision, deadline), excluded_(excluded), accesses_(std::move(known)) {}

    void on_step(const evm::Step& step, evm::Host& host) override {
        FailureTracer::on_step(step, host);
        if (step.stack.size() < tracers::stack_required(step.opcode)) return;
        switch (static_cast<evm::Op>(step.opcode)) {
            case evm::Op::sload:
            case evm::Op::sstore:
                accesses_[step.message->recipient].insert(tracers::stack_word(step, 0));
                return;
            case evm::Op::balance:
            case evm::Op::extcodesize:
            case evm::Op::extcodecopy:
            case evm::Op::extcodehash:
            case evm::Op::selfdestruct:
                add(tracers::stack_word(step, 0));
                return;
            case evm::Op::call:
            case evm::Op::callcode:
            case evm::Op::delegatecall:
            case evm::Op::staticcall:
                add(tracers::stack_word(step, 1));
                return;
            default:
                return;
        }
    }

    const Accesses& accesses() const { return accesses_; }

private:
    void add(const U256& word) {
        const auto address = word.to_address();
        if (!excluded_.contains(address)) accesses_.try_emplace(address);
    }

    const std::set<Address>& excluded_;
    Accesses accesses_;
};

/// What a caller named already, without the accounts that need no mention.
Accesses accesses_of(const chain::AccessList& list, const std::set<Address>& excluded) {
    Accesses out;
    for (const auto& entry : list) {
        if (!excluded.contains(entry.address)) out.try_emplace(entry.address);
        for (const auto& key : entry.storage_keys)
            out[entry.address].insert(U256::from_hash(key));
    }
    return out;
}

chain::AccessList list_of(const Accesses& accesses) {
    chain::AccessList out;
    for (const auto& [address, slots] : accesses) {
        auto& entry = out.emplace_back(chain::AccessListEntry{address, {}});
        for (const auto& slot : slots)
            entry.storage_keys.push_back(slot.to_hash());
    }
    return out;
}

std::set<Address> warm_anyway(const chain::Transaction& message, const Address& sender,
                              const chain::RuleSet& rules, evm::Revision revision) {
    std::set<Address> out{sender, message.to.value_or(evm::create_address(sender, message.nonce))};
    for (const auto& precompile : evm::all_precompiles()) {
        if (precompile.since <= revision) out.insert(precompile.address);
    }
    if (rules.inference) out.insert({chain::kInferenceAddress, chain::kProofAddress});
    for (const auto& authorization : message.authorizations) {
        const bool other_chain =
            !authorization.chain_id.is_zero() && authorization.chain_id != U256{rules.chain_id};
        if (other_chain || authorization.nonce == ~std::uint64_t{0}) continue;
        if (const auto authority = chain::recover_authority(authorization)) out.insert(*authority);
    }
    return out;
}

}  // namespace

Answer<AccessListResult> create_access_list(const Base& base, CallArguments arguments,
                                            const Overrides& overrides, const Limits& limits) {
    const auto sender = arguments.sender();
    BOOST_OUTCOME_TRY(const auto first, Sandbox::open(base, overrides));
    if (!arguments.nonce) arguments.nonce = first->state().nonce(sender);
    BOOST_OUTCOME_TRY(auto message, message_of(arguments, limits.gas_cap, base.rules.chain_id));
    const auto revision = first->block().revision;
    const auto excluded = warm_anyway(message, sender, base.rules, revision);
    auto known = accesses_of(message.access_list, excluded);
    if (message.type == chain::TransactionType::legacy) message.type = chain::TransactionType::access_list;
    for (int round = 0; round < kMaxRounds; ++round) {
        if (base.deadline.over()) return base.deadline.aborted();
        message.access_list = list_of(known);
        AccessTracer tracer{revision, base.deadline, excluded, known};
        BOOST_OUTCOME_TRY(const auto sandbox, Sandbox::open(base, overrides));
        const auto result = sandbox->run(message, sender, &tracer);
        if (result.has_error()) {
            if (is_out_of_time(base, result.error())) return base.deadline.aborted();
            return server_error(fmt::format("failed to apply transaction: {} err: {}",
                                            base::to_hex_prefixed(chain::transaction_hash(message).bytes),
                                            result.error().message()));
        }
        if (tracer.accesses() == known) {
            return AccessListResult{std::move(message.access_list), result.value().gas_used, tracer.text()};
        }
        known = tracer.accesses();
    }
    return server_error("the accesses of this call do not settle: each run touches something new");
}

}  // namespace valence::rpc::simulation
