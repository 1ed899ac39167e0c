// Where in a layer a chain's batches are.
#pragma once

#include "valence/da/namespace.hpp"

namespace valence::derive {

/// The namespace of version 0 whose id is the first ten bytes of keccak256("valence batches" ‖ genesis hash).
da::Namespace chain_namespace(const Hash& genesis_hash);

}  // namespace valence::derive
