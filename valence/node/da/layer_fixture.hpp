// What the tests of chains with a layer share: a layer that makes blocks when it is told to, nodes that read
// it, and what is put into it.
#pragma once

#include "valence/chain/system/system_transaction.hpp"
#include "valence/node/da/da_fixture.hpp"
#include "valence/node/da/layer_record.hpp"

namespace valence::node::testing {

using derive::FindingKind;

inline constexpr std::uint64_t kWindow = 30;
inline constexpr std::uint64_t kMaxLag = 12;
inline constexpr std::uint64_t kDrift = 60;
inline constexpr std::uint64_t kDelay = 4;
inline constexpr std::chrono::milliseconds kNow{0};

/// A node with what it knows of the layer, and how it reads it.
struct Member {
    std::shared_ptr<LayerRecord> record;
    std::unique_ptr<Node> node;
    std::unique_ptr<Deriver> deriver;
    std::vector<derive::Finding> findings;

    const ChainReader& chain() const { return node->chain(); }
    Hash head_hash() const { return chain().head().block->hash; }
    /// Reads all of the layer there is.
    void read() {
        for (;;) {
            const auto more = deriver->step(kNow);
            for (auto& finding : deriver->take_findings())
                findings.push_back(std::move(finding));
            ASSERT_TRUE(more) << more.error().message();
            if (!more.value()) return;
        }
    }
    std::vector<FindingKind> kinds() const {
        std::vector<FindingKind> out;
        for (const auto& finding : findings)
            out.push_back(finding.kind);
        return out;
    }
    chain::DaHeader reference(std::uint64_t number) const {
        return chain::referred_da_header(chain().block(number)->block).value();
    }
};

class NodeLayer : public NodeDa {
protected:
    using Role = DeriverOptions::Role;

    NodeLayer() {
        da::EmbeddedOptions options;
        options.empty_every.reset();
        options.now = [this] { return da::LayerTime{std::chrono::seconds{layer_seconds}}; };
        layer = da::EmbeddedLayer::open(options).value();
        advance(4);
        rules = config().genesis.rules;
        auto& named = rules.system->layer.emplace();
        const auto start = layer->head().value();
        named = {"test",     {start.height, start.hash(), start.seconds()}, kMaxLag, kDrift, kWindow, kDelay,
                 100'000'000};
        named.forced_gas = 10'000'000;
    }

    /// Blocks of the layer, six seconds apart.
    void advance(std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) {
            layer_seconds += 6;
            ASSERT_TRUE(layer->make_block());
        }
    }
    void advance_to(std::uint64_t height) { advance(height - layer->head().value().height); }
    std::uint64_t start() const { return rules.system->layer->start.height; }

    NodeConfig layer_config() const {
        auto config = manual(this->config());
        config.genesis.rules = rules;
        return config;
    }
    /// Heights after which members write down where they are: as a rule none do.
    std::uint64_t checkpoint_every = 1'000'000;

    Member member(Role role = Role::reads, NodeConfig config = {}) {
        if (config.genesis.accounts.empty()) config = layer_config();
        Member made;
        made.record = std::make_shared<LayerRecord>(rules);
        config.layer = made.record;
        made.node = DevChain::open(std::move(config));
        made.deriver = Deriver::create(*made.node, *layer, {{}, made.record, role, checkpoint_every}).value();
        return made;
    }
    /// Does not see what users post.
    Member censor() {
        auto made = member();
        made.deriver.reset();
        return made;
    }
    void show_headers(Member& censor) {
        for (auto height = censor.record->newest() + 1; height <= layer->head().value().height; ++height) {
            const auto header = layer->header(height).value();
            censor.record->take({height, header.hash(), header.seconds()}, {});
        }
    }

    /// A block of the layer with these blocks of the chain.
    void post_blocks(const Member& from, std::uint64_t first, std::uint64_t last) {
        std::vector<derive::BatchBlock> blocks;
        for (auto number = first; number <= last; ++number)
            blocks.push_back(content(*from.node, number));
        layer_seconds += 6;
        post_batch(*from.node, *layer, blocks);
    }
    /// A block of the layer with this transaction.
    void force(const Member& at, const sequencer::PoolTransaction& transaction) {
        const da::Blob blob{derive::forced_namespace(*at.chain().block_hash(0)),
                            0,
                            derive::encode_forced(rules.chain_id, transaction.encoded),
                            {}};
        layer_seconds += 6;
        ASSERT_TRUE(layer->submit(std::span{&blob, 1}));
    }
    static void mine(Member& on) {
        const auto mined = on.node->mine();
        ASSERT_TRUE(mined) << mined.error().message();
    }
    void add_transfers(Member& to, std::uint64_t count) const {
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto nonce = to.node->next_nonce(dev.accounts[0].address);
            ASSERT_TRUE(submit(*to.node, dev.transfer(0, nonce)));
            mine(to);
        }
    }
    /// Whether the block's first transaction behind the system's is this one.
    static bool begins_with(const Member& on, std::uint64_t number, const Hash& transaction) {
        const auto block = on.chain().block(number);
        const auto& list = block->block.transactions;
        const auto first = std::ranges::find_if_not(list, &chain::Transaction::is_system);
        return first != list.end() && chain::transaction_hash(*first) == transaction;
    }

    std::int64_t layer_seconds = static_cast<std::int64_t>(kGenesisTime);
    std::unique_ptr<da::EmbeddedLayer> layer;
    chain::RuleSet rules;
};

}  // namespace valence::node::testing
