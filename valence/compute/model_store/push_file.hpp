// push_file: uploading a .vmodel file to a node over JSON-RPC, from where the last attempt stopped.
#pragma once

#include <functional>

#include "valence/client/json_rpc_client.hpp"
#include "valence/compute/ids.hpp"
#include "valence/compute/model_store/file.hpp"
#include "valence/compute/model_store/manifest.hpp"

namespace valence::compute {

/// The manifest of a file, which is read once. Error: StoreError::io; an empty file has none either.
Result<Manifest> manifest_of(const File& file);

/// How far an upload is, in bytes of the file.
struct PushProgress {
    std::uint64_t sent = 0;
    std::uint64_t total = 0;
    /// Of those sent, what the node had already.
    std::uint64_t known = 0;
};

/// What the node says of the model once it has it.
struct PushedModel {
    ModelId id;
    /// What ModelRegistry.register takes.
    Bytes verifying_key;
};

/// Sends what the node lacks of the file, chunk by chunk, and has it make a model of it. `progress` is told
/// before the first chunk and after each. Errors: ClientError, StoreError::io; the same call goes on where
/// this one stopped.
Result<PushedModel> push_file(client::JsonRpcClient& node, const File& file,
                              const std::function<void(const PushProgress&)>& progress);

}  // namespace valence::compute
