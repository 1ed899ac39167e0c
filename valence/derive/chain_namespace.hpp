// Where in a layer a chain's batches and forced transactions are.
#pragma once

#include "valence/da/namespace.hpp"

namespace valence::derive {

/// The namespace of version 0 whose id is the first ten bytes of keccak256("valence batches" ‖ genesis hash).
da::Namespace chain_namespace(const Hash& genesis_hash);

/// The same of keccak256("valence forced" ‖ genesis hash): transactions that anybody may post.
da::Namespace forced_namespace(const Hash& genesis_hash);

}  // namespace valence::derive
