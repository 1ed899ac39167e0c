// Accounts derived from a mnemonic, as every wallet does it: BIP-39 (mnemonic to seed), BIP-32 (seed to keys)
// on BIP-44's path m/44'/60'/0'/0/i. With the well-known test mnemonic they are the accounts other dev nodes
// show.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "valence/base/base.hpp"

namespace valence::node {

inline constexpr std::string_view kDevMnemonic =
    "test test test test test test test test test test test junk";

struct DevAccount {
    Address address;
    Hash private_key;
};

enum class DevAccountError {
    /// Not a sequence of words, or a key could not be derived.
    bad_mnemonic = 1,
};
std::error_code make_error_code(DevAccountError);

/// The first `count` accounts. Words are not checked against the BIP-39 list; any sentence gives accounts.
Result<std::vector<DevAccount>> derive_dev_accounts(std::string_view mnemonic, std::size_t count);

}  // namespace valence::node

template <>
struct std::is_error_code_enum<valence::node::DevAccountError> : std::true_type {};
