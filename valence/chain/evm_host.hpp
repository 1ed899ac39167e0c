// EvmHost: presents a JournaledState, the chain's earlier blocks and further precompiles to the machine.
#pragma once

#include <vector>

#include "valence/chain/inference/inference_precompile.hpp"
#include "valence/chain/inference/proof_precompile.hpp"
#include "valence/evm/host.hpp"
#include "valence/evm/precompiles/precompiles.hpp"
#include "valence/state/journaled_state.hpp"

namespace valence::chain {

/// The blocks before the one that is executed.
class BlockHashes {
public:
    virtual ~BlockHashes() = default;
    /// The hash of an ancestor by its number; asked only for the last 256. Zero when there is none.
    virtual Hash block_hash(std::uint64_t number) const = 0;
};

/// No earlier blocks.
class NoBlockHashes final : public BlockHashes {
public:
    Hash block_hash(std::uint64_t) const override { return {}; }
};

/// Precompiles of the host beyond Ethereum's, or in place of them.
class Precompiles {
public:
    virtual ~Precompiles() = default;
    virtual bool has(const Address&) const = 0;
    /// False hides one of Ethereum's.
    virtual bool allows_builtin(const Address&) const { return true; }
    virtual evm::PrecompileResult run(const evm::Message&, evm::Host&) = 0;
};

class EvmHost final : public evm::Host {
public:
    /// All must outlive the host; `precompiles` may be null.
    EvmHost(state::JournaledState& state, const BlockHashes& hashes, Precompiles* precompiles,
            evm::Revision revision)
        : state_(state), hashes_(hashes), precompiles_(precompiles), revision_(revision) {}

    std::vector<evm::Log> take_logs() { return std::move(logs_); }

    /// From here on calls to kInferenceAddress and kProofAddress are answered; all must outlive the host.
    void serve_inference(const InferenceCall& call) { inference_ = &call; }

    bool exists(const Address& a) override { return state_.exists(a); }
    bool is_empty(const Address& a) override { return state_.is_empty(a); }
    U256 balance(const Address& a) override { return state_.balance(a); }
    std::uint64_t nonce(const Address& a) override { return state_.nonce(a); }
    evm::CodeView code(const Address& a) override { return {*state_.code(a), state_.code_hash(a)}; }
    Hash code_hash(const Address& a) override { return state_.code_hash(a); }
    bool has_storage(const Address& a) override { return state_.has_storage(a); }

    void touch(const Address& a) override { state_.touch(a); }
    void create_account(const Address& a) override { state_.create_account(a); }
    void set_nonce(const Address& a, std::uint64_t value) override { state_.set_nonce(a, value); }
    void set_code(const Address& a, Bytes code) override { state_.set_code(a, std::move(code)); }
    void transfer(const Address& from, const Address& to, const U256& value) override {
        state_.subtract_balance(from, value);
        state_.add_balance(to, value);
    }
    bool created_in_transaction(const Address& a) override { return state_.created_in_transaction(a); }
    bool destroy(const Address& a) override { return state_.destroy(a); }

    evm::SlotView access_slot(const Address& a, const U256& key) override {
        const auto value = state_.access_slot(a, key);
        return {value.current, value.original, warmth(value.was_warm)};
    }
    void set_storage(const Address& a, const U256& key, const U256& value) override {
        state_.set_storage(a, key, value);
    }
    U256 transient_storage(const Address& a, const U256& key) override {
        return state_.transient_storage(a, key);
    }
    void set_transient_storage(const Address& a, const U256& key, const U256& value) override {
        state_.set_transient_storage(a, key, value);
    }
    /// Precompiles are always warm (EIP-2929), so they need no entries in the sets.
    evm::Warmth access_account(const Address& a) override {
        if (is_low_address(a) && (evm::find_precompile(a, revision_) != nullptr || is_inference(a)))
            return evm::Warmth::warm;
        return warmth(state_.warm_account(a));
    }

    std::size_t checkpoint() override { return state_.checkpoint(); }
    void revert_to(std::size_t checkpoint) override {
        state_.revert_to(checkpoint);
        logs_.resize(state_.log_count());
    }
    void emit_log(evm::Log log) override {
        logs_.push_back(std::move(log));
        state_.count_log();
    }
    void add_refund(evm::Gas gas) override { state_.add_refund(gas); }
    evm::Gas refund() override { return state_.refund(); }

    Hash block_hash(std::uint64_t number) override { return hashes_.block_hash(number); }

    bool has_precompile(const Address& a) override {
        return (precompiles_ != nullptr && precompiles_->has(a)) || is_inference(a);
    }
    bool allows_builtin_precompile(const Address& a) override {
        return precompiles_ == nullptr || precompiles_->allows_builtin(a);
    }
    evm::PrecompileResult run_precompile(const evm::Message& message) override {
        if (precompiles_ != nullptr && precompiles_->has(message.code_address))
            return precompiles_->run(message, *this);
        return message.code_address == kProofAddress ? run_proof_check(message, *inference_)
                                                     : run_inference(message, *inference_);
    }

private:
    /// Where Ethereum's precompiles are: below 2^16.
    static bool is_low_address(const Address& a) {
        return std::all_of(a.begin(), a.end() - 2, [](std::uint8_t b) { return b == 0; });
    }
    bool is_inference(const Address& a) const {
        return inference_ != nullptr && (a == kInferenceAddress || a == kProofAddress);
    }
    static evm::Warmth warmth(bool was_warm) { return was_warm ? evm::Warmth::warm : evm::Warmth::cold; }

    state::JournaledState& state_;
    const BlockHashes& hashes_;
    Precompiles* precompiles_;
    evm::Revision revision_;
    const InferenceCall* inference_ = nullptr;
    std::vector<evm::Log> logs_;
};

}  // namespace valence::chain
