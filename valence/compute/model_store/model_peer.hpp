// ModelPeer: somebody who may have a model's file. What it says is believed only as far as it can be checked.
#pragma once

#include <memory>

#include "valence/client/json_rpc_client.hpp"
#include "valence/compute/ids.hpp"
#include "valence/compute/model_store/manifest.hpp"

namespace valence::compute {

class ModelStore;

class ModelPeer {
public:
    virtual ~ModelPeer() = default;
    /// For messages.
    virtual std::string name() const = 0;
    /// How the file of this model is cut. Errors: StoreError::missing, or why it cannot be asked.
    virtual Result<Manifest> manifest(const ModelId& id) = 0;
    /// A chunk of that file by its number.
    virtual Result<Bytes> chunk(const ModelId& id, std::uint64_t index) = 0;
};

/// Another store of the same process.
class StorePeer final : public ModelPeer {
public:
    explicit StorePeer(ModelStore& store) : store_(store) {}
    std::string name() const override { return "a store of this process"; }
    Result<Manifest> manifest(const ModelId& id) override;
    Result<Bytes> chunk(const ModelId& id, std::uint64_t index) override;

private:
    ModelStore& store_;
};

/// A node that serves valence_getModelManifest and valence_getModelChunk. For one thread at a time.
class RpcPeer final : public ModelPeer {
public:
    explicit RpcPeer(client::Url url) : client_(std::move(url)) {}
    std::string name() const override { return client_.url().text(); }
    Result<Manifest> manifest(const ModelId& id) override;
    Result<Bytes> chunk(const ModelId& id, std::uint64_t index) override;

private:
    client::JsonRpcClient client_;
};

}  // namespace valence::compute
