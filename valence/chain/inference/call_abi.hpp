// The precompile's functions and errors as contracts see them.
#pragma once

#include <array>
#include <string_view>

#include "valence/codec/abi.hpp"

namespace valence::chain {

/// The first four bytes of a call.
using Selector = std::uint32_t;

/// The selector of "name(types…)".
Selector selector_of(std::string_view signature);

enum class InferenceFunction : std::uint8_t {
    infer,
    infer_tensors,
    infer_many,
    infer_auto,
    infer_auto_tensors,
    infer_signed,
    quote,
    last_job,
    settle,
    model_info,
    register_model,
    check_weights,
    run_model_inference,
};

/// Whether it changes the state: refused within static calls.
enum class Writes : std::uint8_t { no, yes };
/// Who may call it; the scheduler only in system transactions.
enum class Caller : std::uint8_t { anyone, registry, scheduler };

struct InferenceFunctionFacts {
    InferenceFunction function;
    std::string_view signature;
    Writes writes = Writes::no;
    Caller caller = Caller::anyone;
    Selector selector = 0;
    codec::AbiType arguments{};
};

/// Null for a selector that is none of them.
const InferenceFunctionFacts* find_function(Selector selector);

/// What a call that fails reverts with; names and arguments are those of contracts/lib/IInference.sol.
enum class CallError : std::uint8_t {
    unknown_model,
    model_not_open,
    mode_not_allowed,
    unknown_mode,
    mode_unsupported,
    operator_required,
    wrong_input_length,
    unknown_input,
    missing_input,
    wrong_shape,
    no_mode_fits,
    too_many_inferences,
    inference_unavailable,
    malformed_call,
    not_payable,
    delegate_call_refused,
    static_call_refused,
    only_registry,
    only_scheduler,
    invalid_model,
};

/// Revert data: the error's selector and its arguments.
Bytes encode_error(CallError error, const codec::AbiValue& arguments = std::vector<codec::AbiValue>{});

/// Return data of one type, e.g. "int256[]".
Bytes encode_result(std::string_view type, codec::AbiValue value);

}  // namespace valence::chain
