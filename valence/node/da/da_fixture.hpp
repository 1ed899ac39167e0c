// What the tests of posting and deriving share: a chain with inferences, a layer that makes blocks only for
// blobs, and batches with anything in them.
#pragma once

#include "valence/da/layer/embedded_layer.hpp"
#include "valence/derive/chain_namespace.hpp"
#include "valence/node/da/audit.hpp"
#include "valence/node/da/batch_poster.hpp"
#include "valence/node/system_fixture.hpp"

namespace valence::node::testing {

inline constexpr std::chrono::seconds kLong{60};

inline std::unique_ptr<da::EmbeddedLayer> quiet_layer() {
    da::EmbeddedOptions options;
    options.empty_every.reset();
    return da::EmbeddedLayer::open(options).value();
}

class NodeDa : public NodeSystemTransactions {
protected:
    /// Blocks 1 to `count`, each with an inference.
    std::unique_ptr<Node> chain_of(std::uint64_t count) const {
        auto node = DevChain::open(config());
        add_blocks(*node, count);
        return node;
    }
    void add_blocks(Node& node, std::uint64_t count) const {
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto nonce = node.next_nonce(dev.accounts[0].address);
            const auto number = node.chain().head_number() + 1;
            ASSERT_TRUE(submit(node, asking(0, nonce, nonce + 1)));
            ASSERT_TRUE(reaches(node, number));
        }
    }
    static PosterOptions quick(std::optional<std::filesystem::path> record = {}) {
        PosterOptions options{chain::development_beacon_key(), std::move(record)};
        options.first_pause = std::chrono::milliseconds{1};
        return options;
    }
    static std::unique_ptr<BatchPoster> post(Node& node, da::Layer& layer,
                                             std::optional<std::filesystem::path> record = {}) {
        return BatchPoster::start(node, layer, quick(std::move(record))).value();
    }
    AuditReport audit_of(da::Layer& layer) const {
        const auto fresh = DevChain::open(manual(config()));
        return audit(*fresh, layer, {}).value();
    }
    static derive::BatchBlock content(const Node& node, std::uint64_t number) {
        const auto block = node.chain().block(number);
        return {block->block, block->supplement()};
    }
    /// Posts a batch of these blocks, whatever is in them, signed with a key.
    static void post_batch(const Node& node, da::Layer& layer, const std::vector<derive::BatchBlock>& blocks,
                           const crypto::bls::SecretKey& key = chain::development_beacon_key()) {
        const auto batch = derive::encode_blocks(blocks).value();
        const auto genesis_hash = *node.chain().block_hash(0);
        const auto head =
            derive::head_of(batch, derive::BatchKind::blocks, blocks.front().block.header.number,
                            blocks.back().block.header.number);
        std::vector<da::Blob> blobs;
        for (auto& piece : derive::cut(batch, head, genesis_hash, key))
            blobs.push_back({derive::chain_namespace(genesis_hash), 0, std::move(piece), {}});
        ASSERT_TRUE(layer.submit(blobs));
    }
    /// The numbers of the blocks of all batches in the layer, in its order.
    static std::vector<std::uint64_t> posted_numbers(const Node& node, da::Layer& layer) {
        std::vector<std::uint64_t> numbers;
        const auto name = derive::chain_namespace(*node.chain().block_hash(0));
        for (std::uint64_t height = 1; height <= layer.head().value().height; ++height) {
            const auto blobs = layer.blobs(height, name).value();
            for (const auto& one : blobs) {
                const auto head = derive::parse_piece(one.blob.data).value().head;
                for (auto number = head.first; number <= head.last; ++number)
                    numbers.push_back(number);
            }
        }
        return numbers;
    }
    static std::vector<std::uint64_t> up_to(std::uint64_t last) {
        std::vector<std::uint64_t> numbers;
        for (std::uint64_t n = 1; n <= last; ++n)
            numbers.push_back(n);
        return numbers;
    }
};

}  // namespace valence::node::testing
