// Supplement: what a block of our chain carries beside what Ethereum's do. Its header commits to all of it:
// extra data to the outcomes, mix hash to the beacon.
#pragma once

#include <optional>
#include <vector>

#include "valence/crypto/bls_signature.hpp"
#include "valence/outcome/settled.hpp"

namespace valence::chain {

struct Supplement {
    /// What its transactions asked models, each job once, by first use.
    std::vector<outcome::Settled> outcomes;
    /// The sequencer's signature on the block's number; nothing where the rules name no beacon key.
    std::optional<crypto::bls::Signature> beacon;
};

}  // namespace valence::chain
