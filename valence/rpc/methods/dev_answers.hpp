// What dev helpers answer when there is nothing to tell: null under anvil's names, true under Hardhat's and
// Ganache's, since clients of either check.
#pragma once

#include "valence/rpc/call.hpp"

namespace valence::rpc {

inline Answer<void> done(Call& call) {
    if (call.method.starts_with("anvil_")) {
        call.result.null();
    } else {
        call.result.boolean(true);
    }
    return success();
}

inline Answer<void> done(Call& call, const Result<void>& result) {
    if (result.has_error()) return from_error(result.error());
    return done(call);
}

}  // namespace valence::rpc
