// What the parts of one call of the precompile share: its gas, the models it names, how it fails.
#pragma once

#include <variant>

#include "valence/chain/inference/call_abi.hpp"
#include "valence/chain/inference/inference_precompile.hpp"

namespace valence::chain {

/// Why a call does not answer: it reverts with these bytes, or ends with that status.
struct CallFailure {
    evm::Status status = evm::Status::revert;
    Bytes output;
};

/// A value, or why there is none: what the parts of a call hand to each other.
template <typename T>
using CallAnswer = std::variant<T, CallFailure>;

CallFailure reverted(CallError error, std::vector<codec::AbiValue> arguments = {});
inline CallFailure out_of_gas() { return {evm::Status::out_of_gas, {}}; }
inline CallFailure abandoned() { return {evm::Status::abandoned, {}}; }

inline codec::AbiValue bytes32(const ml::ModelId& id) { return Bytes(id.bytes.begin(), id.bytes.end()); }

/// Of the tables that a model's proofs open; 0 of a model without.
std::uint64_t committed_cells(const DescribedModel& model);

class CallContext {
public:
    CallContext(const InferenceCall& of, evm::Gas gas) : call(of), rules(of.environment.rules), gas_(gas) {}

    evm::Gas gas_left() const { return gas_; }
    /// Whether there was enough; else nothing is taken.
    bool charge(std::uint64_t gas);
    /// Reading a model's key costs by its size, in the catalogue or not, and is paid before it is read; once
    /// in a transaction.
    CallAnswer<std::shared_ptr<const DescribedModel>> find_model(const ml::ModelId& id);

    const InferenceCall& call;
    const InferenceRules& rules;

private:
    evm::Gas gas_;
};

}  // namespace valence::chain
