#include "valence/chain/inference/call_abi.hpp"

#include "valence/crypto/keccak.hpp"

namespace valence::chain {
namespace {

using codec::AbiType;

/// The part of "name(types…)" that is a tuple's type.
AbiType arguments_of(std::string_view signature) {
    auto type = AbiType::parse(signature.substr(signature.find('(')));
    VALENCE_CHECK(type.has_value());
    return std::move(type).value();
}

std::vector<InferenceFunctionFacts> make_functions() {
    using F = InferenceFunction;
    std::vector<InferenceFunctionFacts> functions{
        {F::infer, "infer(bytes32,uint8,int256[])"},
        {F::infer_tensors, "infer(bytes32,uint8,(string,uint32[],int256[])[])"},
        {F::infer_many, "inferMany((bytes32,uint8,int256[])[])"},
        {F::infer_auto, "inferAuto(bytes32,uint16,uint256,int256[])"},
        {F::infer_auto_tensors, "inferAuto(bytes32,uint16,uint256,(string,uint32[],int256[])[])"},
        {F::infer_signed, "inferSigned(bytes32,address,int256[])"},
        {F::quote, "quote(bytes32,uint8)"},
        {F::last_job, "lastJob()"},
        {F::settle, "settle(uint64)", Writes::yes, Caller::scheduler},
        {F::model_info, "modelInfo(bytes32)"},
        {F::register_model, "registerModel(bytes)", Writes::yes, Caller::registry},
        {F::check_weights, "checkWeights(bytes32)", Writes::no, Caller::registry},
        // OpenGradient's, so that contracts written for it run here.
        {F::run_model_inference,
         "runModelInference((uint8,string,((string,(int128,int128)[],uint32[])[],(string,string[])[])))"},
    };
    for (auto& row : functions) {
        row.selector = selector_of(row.signature);
        row.arguments = arguments_of(row.signature);
    }
    return functions;
}

struct ErrorFacts {
    CallError error;
    std::string_view signature;
};

constexpr ErrorFacts kErrors[] = {
    {CallError::unknown_model, "UnknownModel(bytes32)"},
    {CallError::model_not_open, "ModelNotOpen(bytes32,uint64)"},
    {CallError::mode_not_allowed, "ModeNotAllowed(bytes32,uint8)"},
    {CallError::unknown_mode, "UnknownMode(uint8)"},
    {CallError::mode_unsupported, "ModeUnsupported(uint8)"},
    {CallError::operator_required, "OperatorRequired()"},
    {CallError::wrong_input_length, "WrongInputLength(uint256,uint256)"},
    {CallError::unknown_input, "UnknownInput(string)"},
    {CallError::missing_input, "MissingInput(string)"},
    {CallError::wrong_shape, "WrongShape(string,uint32[],uint32[])"},
    {CallError::no_mode_fits, "NoModeFits(uint16)"},
    {CallError::too_many_inferences, "TooManyInferences(uint256)"},
    {CallError::inference_unavailable, "InferenceUnavailable(bytes32,uint8)"},
    {CallError::malformed_call, "MalformedCall()"},
    {CallError::not_payable, "NotPayable()"},
    {CallError::delegate_call_refused, "DelegateCallRefused()"},
    {CallError::static_call_refused, "StaticCallRefused()"},
    {CallError::only_registry, "OnlyRegistry()"},
    {CallError::only_scheduler, "OnlyScheduler()"},
    {CallError::invalid_model, "InvalidModel(string)"},
};

}  // namespace

Selector selector_of(std::string_view signature) {
    const auto digest = crypto::keccak256(base::as_bytes(signature));
    return (Selector{digest[0]} << 24) | (Selector{digest[1]} << 16) | (Selector{digest[2]} << 8) | digest[3];
}

const InferenceFunctionFacts* find_function(Selector selector) {
    static const auto functions = make_functions();
    for (const auto& row : functions)
        if (row.selector == selector) return &row;
    return nullptr;
}

Bytes encode_error(CallError error, const codec::AbiValue& arguments) {
    const auto& row = kErrors[static_cast<std::size_t>(error)];
    VALENCE_CHECK(row.error == error);
    const auto selector = selector_of(row.signature);
    Bytes out;
    for (int shift = 24; shift >= 0; shift -= 8)
        out.push_back(static_cast<std::uint8_t>(selector >> shift));
    const auto encoded = codec::abi_encode(arguments_of(row.signature), arguments);
    VALENCE_CHECK(encoded.has_value());
    base::append(out, encoded.value());
    return out;
}

Bytes encode_result(std::string_view type, codec::AbiValue value) {
    const auto tuple = AbiType::parse("(" + std::string{type} + ")");
    VALENCE_CHECK(tuple.has_value());
    auto encoded = codec::abi_encode(tuple.value(), std::vector<codec::AbiValue>{std::move(value)});
    VALENCE_CHECK(encoded.has_value());
    return std::move(encoded).value();
}

}  // namespace valence::chain
