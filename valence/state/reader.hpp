// StateReader: the state at the end of some block, read-only.
#pragma once

#include <memory>
#include <optional>

#include "valence/base/base.hpp"

namespace valence::state {

/// keccak256 of no bytes: the code hash of an account without code.
inline constexpr Hash kEmptyCodeHash =
    base::parse_fixed_literal<Hash>("0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470", 66);
/// keccak256(rlp("")): the root of an empty trie.
inline constexpr Hash kEmptyTrieRoot =
    base::parse_fixed_literal<Hash>("0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421", 66);

/// An account without its storage root, which belongs to the trie.
struct Account {
    std::uint64_t nonce = 0;
    U256 balance;
    Hash code_hash = kEmptyCodeHash;

    bool is_empty() const { return nonce == 0 && balance.is_zero() && code_hash == kEmptyCodeHash; }
    bool operator==(const Account&) const = default;
};

/// Code is immutable and shared between everybody who holds it.
using SharedCode = std::shared_ptr<const Bytes>;

class StateReader {
public:
    virtual ~StateReader() = default;
    virtual std::optional<Account> account(const Address&) const = 0;
    /// 0 when the slot or the account is absent.
    virtual U256 storage(const Address&, const U256& key) const = 0;
    /// Null only for hashes no account has.
    virtual SharedCode code(const Hash&) const = 0;
    /// Whether the account has any slot that is not 0.
    virtual bool has_storage(const Address&) const = 0;
};

}  // namespace valence::state
