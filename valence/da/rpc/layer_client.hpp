// LayerClient: a data-availability layer behind celestia-node's API, a Celestia node's or the embedded
// layer's. What it is told is believed as far as it contradicts itself: blobs against their commitments,
// headers against their hash and roots. That headers are those of the network is the word of the node asked.
#pragma once

#include <mutex>

#include "valence/client/json_rpc_client.hpp"
#include "valence/da/layer/layer.hpp"

namespace valence::da {

struct LayerClientOptions {
    client::Url url;
    /// Shown as a bearer token, when not empty.
    std::string token;
    /// How often a block that is not there yet is asked for.
    std::chrono::milliseconds every{100};
};

class LayerClient final : public Layer {
public:
    explicit LayerClient(LayerClientOptions options);
    ~LayerClient() override;

    Result<std::uint64_t> submit(std::span<const Blob> blobs) override;
    Result<std::vector<LayerBlob>> blobs(std::uint64_t height, const Namespace& name) override;
    Result<ExtendedHeader> header(std::uint64_t height) override;
    Result<ExtendedHeader> head() override;
    Result<ExtendedHeader> wait_for(std::uint64_t height, std::chrono::milliseconds patience) override;
    Result<CommitmentProof> prove(std::uint64_t height, const Namespace& name,
                                  const Hash& commitment) override;
    Result<std::vector<Sample>> samples(std::uint64_t height, std::span<const Cell> cells) override;
    Result<std::vector<NamespaceRow>> namespace_rows(std::uint64_t height, const Namespace& name) override;

private:
    /// One connection: a submission may take as long as a block of the layer, and nobody else waits for it.
    struct Line;
    const LayerClientOptions options_;
    std::unique_ptr<Line> posting_;
    std::unique_ptr<Line> reading_;
};

}  // namespace valence::da
