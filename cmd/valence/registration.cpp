#include "cmd/valence/registration.hpp"

#include <fmt/format.h>

#include "valence/chain/inference/inference_rules.hpp"
#include "valence/codec/abi.hpp"
#include "valence/crypto/keccak.hpp"

namespace valence::cmd {
namespace {

using codec::AbiType;
using codec::AbiValue;

class RegistrationCategory final : public std::error_category {
public:
    const char* name() const noexcept override { return "registration"; }
    std::string message(int code) const override {
        switch (static_cast<RegistrationError>(code)) {
            case RegistrationError::unknown_mode:
                return "no such mode";
            case RegistrationError::refused:
                return "the registry refuses";
        }
        return "unknown error";
    }
};

/// What the registry and the inference precompile revert with here, and what that means.
struct KnownRevert {
    std::string_view error;
    std::string_view meaning;
};
constexpr KnownRevert kReverts[] = {
    {"InvalidModel(string)", "the verifying key or the weights are not valid"},
    {"ModelExists(bytes32,address)", "the model is registered already"},
    {"InvalidName(string)", "a name has up to 64 of a-z 0-9 - . _ /"},
    {"OnlyOwner(address,address)", "the name belongs to someone else"},
    {"InvalidModes(uint16)", "not a set of modes"},
    {"RoyaltyTooHigh(uint16)", "the royalty is too high"},
    {"MetadataTooLong(uint256)", "the URI of the description is too long"},
    {"AlreadyOpen(uint64)", "the model is open already"},
    {"UnknownModelId(bytes32)", "the model is not registered"},
};

Bytes selector(std::string_view signature) {
    const auto hash = crypto::keccak256(base::as_bytes(signature));
    return {hash.begin(), hash.begin() + 4};
}

/// A call of `name` with arguments of `types`, "(a,b)".
Bytes encode_call(std::string_view name, std::string_view types, std::vector<AbiValue> arguments) {
    Bytes data = selector(std::string(name) + std::string(types));
    const auto encoded = codec::abi_encode(AbiType::parse(types).value(), std::move(arguments));
    VALENCE_CHECK(encoded.has_value());
    base::append(data, encoded.value());
    return data;
}

Bytes text(std::string_view characters) { return base::to_bytes(base::as_bytes(characters)); }

/// A revert in words, where it is one of those known.
Error explained(const Error& error) {
    if (error.code != make_error_code(TransactionFailure::reverts)) return error;
    for (const auto& known : kReverts)
        if (error.context.find(base::to_hex_prefixed(selector(known.error))) != std::string::npos)
            return Error{RegistrationError::refused,
                         fmt::format("{} ({})", known.meaning, known.error.substr(0, known.error.find('(')))};
    return Error{RegistrationError::refused, error.context};
}

Result<TransactionSender::Mined> send(TransactionSender& sender, const Bytes& data) {
    auto mined = sender.send(chain::kModelRegistry, data);
    if (!mined) return explained(mined.error());
    return mined;
}

Result<ModelPolicy> policy_of(TransactionSender& sender, const ml::ModelId& id) {
    BOOST_OUTCOME_TRY(const auto answer,
                      sender.call(chain::kModelRegistry,
                                  encode_call("policy", "(bytes32)", {Bytes(id.begin(), id.end())})));
    const auto words = codec::abi_decode(AbiType::parse("(address,uint16,uint16,uint64)").value(), answer);
    if (!words) return Error{RegistrationError::refused, "there is no model registry on this chain"};
    const auto& items = words.value().items();
    ModelPolicy policy;
    policy.owner = base::from_right_aligned<Address>(items[0].word().to_hash());
    policy.modes = static_cast<outcome::ModeSet>(items[1].word().low_u64());
    policy.royalty = static_cast<std::uint16_t>(items[2].word().low_u64());
    policy.opens_at = items[3].word().low_u64();
    return policy;
}

/// Whether the name's newest version is this model.
bool resolves_to(TransactionSender& sender, const std::string& name, const ml::ModelId& id) {
    const auto answer = sender.call(chain::kModelRegistry, encode_call("resolve", "(string)", {text(name)}));
    return answer && answer.value() == Bytes(id.begin(), id.end());
}

}  // namespace

std::error_code make_error_code(RegistrationError error) {
    static const RegistrationCategory category;
    return {static_cast<int>(error), category};
}

Result<Registration> register_model(TransactionSender& sender, const ml::ModelId& id,
                                    const Bytes& verifying_key, const RegistrationTerms& terms) {
    Registration done;
    BOOST_OUTCOME_TRY(done.policy, policy_of(sender, id));
    if (done.policy.owner.is_zero()) {
        BOOST_OUTCOME_TRY(const auto mined,
                          send(sender, encode_call("register", "(bytes,string,string,uint16,uint16)",
                                                   {verifying_key, text(terms.name), text(terms.metadata),
                                                    U256{terms.modes}, U256{terms.royalty}})));
        done.registered = mined;
        done.has_name = !terms.name.empty();
    } else if (!terms.name.empty()) {
        done.has_name = resolves_to(sender, terms.name, id);
        if (!done.has_name && done.policy.owner == sender.address()) {
            BOOST_OUTCOME_TRY(const auto mined,
                              send(sender, encode_call("addVersion", "(string,bytes32)",
                                                       {text(terms.name), Bytes(id.begin(), id.end())})));
            done.named = mined;
            done.has_name = true;
        }
    }
    if (done.policy.opens_at == 0) {
        BOOST_OUTCOME_TRY(const auto mined,
                          send(sender, encode_call("open", "(bytes32)", {Bytes(id.begin(), id.end())})));
        done.opened = mined;
    }
    BOOST_OUTCOME_TRY(done.policy, policy_of(sender, id));
    return done;
}

}  // namespace valence::cmd
