// StateWalk: a whole state to walk through, for dumps and queries of ranges: every account in the order of
// addresses, every slot of an account in the order of keys. A picture of one moment: commits made meanwhile
// do not show. Any thread; holds disk space back while it lives.
#pragma once

#include <functional>

#include "valence/state/key_value_store.hpp"
#include "valence/state/reader.hpp"

namespace valence::state {

struct WalkedAccount {
    Account account;
    /// Of its slots; nothing where they have changed since the last block.
    std::optional<Hash> storage_root;
};

class StateWalk {
public:
    virtual ~StateWalk() = default;

    using AccountVisitor = std::function<Visit(const Address&, const WalkedAccount&)>;
    using SlotVisitor = std::function<Visit(const U256& slot, const U256& value)>;

    virtual void accounts(const AccountVisitor&) const = 0;
    /// Those that are not 0; none when there is no such account.
    virtual void slots(const Address&, const SlotVisitor&) const = 0;
    /// Null only for hashes no account has.
    virtual SharedCode code(const Hash&) const = 0;
};

}  // namespace valence::state
