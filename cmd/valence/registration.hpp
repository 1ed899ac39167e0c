// Registration: entering a model into the ModelRegistry, and opening it.
#pragma once

#include <optional>

#include "cmd/valence/transactions.hpp"

#include "valence/ml/model/verifying_key.hpp"
#include "valence/outcome/mode.hpp"

namespace valence::cmd {

enum class RegistrationError {
    /// Not the name of a mode.
    unknown_mode = 1,
    /// The registry reverted; the context says with what.
    refused,
};
std::error_code make_error_code(RegistrationError);

struct RegistrationTerms {
    /// None where empty.
    std::string name;
    std::string metadata;
    outcome::ModeSet modes = 0;
    /// Hundredths of a percent.
    std::uint16_t royalty = 0;
};

/// What the registry has for a model; owner zero: nothing.
struct ModelPolicy {
    Address owner;
    outcome::ModeSet modes = 0;
    std::uint16_t royalty = 0;
    /// First block in which it may be used; 0: not opened.
    std::uint64_t opens_at = 0;
};

struct Registration {
    /// Absent where it was registered, or open, before.
    std::optional<TransactionSender::Mined> registered;
    std::optional<TransactionSender::Mined> opened;
    /// The name was added to a model registered before.
    std::optional<TransactionSender::Mined> named;
    /// The model is the newest of that name, if one was wanted.
    bool has_name = false;
    ModelPolicy policy;
};

/// Does what is not done yet; of a model registered before, terms other than the name stay as they are. The
/// node must have the model's file.
Result<Registration> register_model(TransactionSender& sender, const ml::ModelId& id,
                                    const Bytes& verifying_key, const RegistrationTerms& terms);

}  // namespace valence::cmd

template <>
struct std::is_error_code_enum<valence::cmd::RegistrationError> : std::true_type {};
