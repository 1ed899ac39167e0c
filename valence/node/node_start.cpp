// How a node opens its chain: a new genesis, or the head its folder remembers.
#include "valence/chain/inference/model_bounds.hpp"
#include "valence/chain/inference/registry_view.hpp"
#include "valence/compute/model_store/fetch_model.hpp"
#include "valence/node/bounded_models.hpp"
#include "valence/node/da/posted_models.hpp"
#include "valence/node/disk_space.hpp"
#include "valence/node/node_impl.hpp"
#include "valence/sequencer/inference/local_desk.hpp"
#include "valence/state/memory_state.hpp"

namespace valence::node {
namespace {

state::StateOptions state_options(const NodeConfig& config) {
    state::StateOptions options;
    if (config.folder) {
        // Beside it stay other files of the node's: the genesis of a dev chain.
        options.folder = *config.folder / "chain";
        // A failure shows when the database is opened.
        std::error_code ignored;
        std::filesystem::create_directories(*options.folder, ignored);
    }
    options.durability = config.durability == Durability::power ? state::CommitDurability::power
                                                                : state::CommitDurability::process;
    options.history_depth = config.history_depth;
    return options;
}

Settings initial_settings(const NodeConfig& config) {
    Settings settings;
    settings.mining = config.mining;
    settings.coinbase = config.coinbase;
    settings.gas_limit = config.gas_limit.value_or(config.genesis.gas_limit);
    return settings;
}

/// What the genesis' state root must be, without a database.
Hash genesis_root(const chain::Genesis& genesis) {
    state::MemoryState state;
    state.apply(chain::genesis_changes(genesis));
    return state.root();
}

}  // namespace

Node::Impl::Impl(NodeConfig given, std::unique_ptr<state::StateDatabase> opened,
                 std::shared_ptr<compute::ModelStore> opened_models)
    : config(std::move(given)),
      database(std::move(opened)),
      model_store(std::move(opened_models)),
      blocks(database->chain()),
      reader(blocks, *database),
      pool(config.genesis.rules, config.pool),
      builder(config.genesis.rules, hashes),
      settings(initial_settings(config)),
      thread(config.clock) {
    if (!config.models && config.model_peers.empty()) config.models = model_store;
    if (!config.models)
        config.models = std::make_shared<compute::FetchingModels>(*model_store, config.model_peers);
    model_store->keep_where([this](const ml::ModelId& id) { return is_open_for_replay(id); });
    if (!config.genesis.rules.inference) return;
    config.models = std::make_shared<BoundedModels>(config.models);
    if (const auto& system = config.genesis.rules.system; system && system->layer)
        config.models =
            std::make_shared<PostableModels>(config.models, *model_store, config.genesis, derive::kMostFile);
    if (!config.jobs) config.jobs = std::make_shared<sequencer::LocalDesk>(*config.models, config.coinbase);
    const sequencer::DeskOptions options{config.genesis.rules.chain_id, config.parking, config.coinbase,
                                         &provable, &verified_proofs};
    desk = std::make_unique<sequencer::InferenceDesk>(options, catalogue, *config.models, *config.jobs,
                                                      [this] { outcomes_arrived(); });
    pool.set_bound([this](const Hash& hash) { return desk->parking().is_bound(hash); });
    pre_executor = std::make_unique<PreExecutor>(
        [this](const sequencer::PooledTransaction& transaction) { pre_execute(transaction); });
}

Node::Impl::~Impl() { model_store->keep_where({}); }

bool Node::Impl::is_open_for_replay(const ml::ModelId& id) const {
    const auto state = reader.head().state;
    if (!config.genesis.rules.inference || !state) return false;
    const auto policy = chain::decode_policy(state->storage(chain::kModelRegistry, chain::policy_slot(id)));
    return policy.opens_at != 0 && outcome::contains(policy.modes, outcome::Mode::replay);
}

Result<void> Node::Impl::open_beacon() {
    const auto& rules = config.genesis.rules;
    BOOST_OUTCOME_TRY(beacons, BeaconVerifier::of(rules));
    const auto& given = config.beacon_key;
    const auto& key = given ? *given : chain::development_beacon_key();
    if (rules.beacon_key == key.public_key()) {
        signer = std::make_unique<BeaconSigner>(rules.chain_id, key);
    } else if (given) {
        const auto named = rules.beacon_key ? base::to_hex_prefixed(*rules.beacon_key) : "none";
        return Error{NodeError::other_beacon_key,
                     "it is of " + base::to_hex_prefixed(key.public_key()) + ", the genesis names " + named};
    }
    return success();
}

Result<void> Node::Impl::open_chain() {
    const auto& genesis = config.genesis;
    const auto head = database->head();
    const auto know_da_headers = [&](const Hash& genesis_hash) {
        const auto& system = genesis.rules.system;
        if (config.layer) {
            da_headers = config.layer;
        } else if (system && system->layer) {
            da_headers = std::make_shared<chain::UnseenDaHeaders>(*system->layer);
        } else {
            da_headers = std::make_shared<chain::LocalDaHeaders>(genesis_hash, genesis.timestamp);
        }
        if (system && system->layer) reader.expect_layer();
    };
    if (!head) {
        const auto prepared = database->prepare(chain::genesis_changes(genesis));
        sequencer::StoredBlock block;
        block.block = chain::genesis_block(genesis, prepared.state_root());
        block.hash = chain::header_hash(block.block.header);
        block.total_difficulty = genesis.difficulty;
        auto encoded = chain::encode_block(block.block);
        block.rlp_size = encoded.size();
        const auto shared = std::make_shared<const sequencer::StoredBlock>(std::move(block));
        BOOST_OUTCOME_TRYV(
            database->commit(0, shared->hash, prepared, blocks.adopt(*shared, std::move(encoded))));
        blocks.adopted(shared);
        know_da_headers(shared->hash);
        show_head(shared);
        return success();
    }

    const auto expected = chain::header_hash(chain::genesis_block(genesis, genesis_root(genesis)).header);
    const auto held = blocks.canonical_hash(0);
    if (held != expected) {
        return Error{NodeError::other_genesis,
                     "the data folder holds " + (held ? base::to_hex_prefixed(*held) : "none") +
                         ", the configuration gives " + base::to_hex_prefixed(expected)};
    }
    const auto block = blocks.block(head->block_hash);
    VALENCE_CHECK(block != nullptr);
    know_da_headers(expected);
    show_head(block);
    return success();
}

void Node::Impl::start() {
    reset_pool();
    pool.set_below_base_fee(below_base_fee(config.mining));
    thread.start([this] { on_interval(); });
    thread.run([this] { schedule_interval(); });
}

Result<std::unique_ptr<Node>> Node::open(NodeConfig config) {
    if (!config.clock) config.clock = system_clock();
    const auto options = state_options(config);
    if (options.folder) {
        BOOST_OUTCOME_TRYV(require_disk_space(*options.folder));
    }
    BOOST_OUTCOME_TRY(auto database, state::StateDatabase::open(options));
    auto& store = config.model_store;
    if (config.folder && !store.folder) store.folder = *config.folder / "models";
    // Whatever blocks may use can be loaded, and kept only as far as there is memory for that.
    store.decoding_bytes = std::max(store.decoding_bytes, chain::kMostDecodingBytes);
    BOOST_OUTCOME_TRY(auto models, compute::ModelStore::open(store));
    auto impl = std::make_unique<Impl>(std::move(config), std::move(database), std::move(models));
    BOOST_OUTCOME_TRYV(impl->open_beacon());
    BOOST_OUTCOME_TRYV(impl->open_chain());
    impl->start();
    auto node = std::unique_ptr<Node>(new Node(std::move(impl)));
    BOOST_OUTCOME_TRYV(node->restore_parked());
    // What waited in the Scheduler's line when the node stopped: under automine nothing else causes a block.
    if (node->impl_->desk) node->impl_->outcomes_arrived();
    return node;
}

Result<void> Node::restore_parked() {
    if (!impl_->desk) return success();
    auto parked = impl_->parked.read();
    std::vector<Hash> hashes;
    for (const auto& transaction : parked)
        hashes.push_back(transaction.hash);
    const auto answers = submit(std::move(parked));
    // What the pool refuses now was included, or can never be.
    std::vector<sequencer::Parking::Change> gone;
    for (std::size_t i = 0; i < hashes.size(); ++i)
        if (!answers[i]) gone.emplace_back(hashes[i], nullptr);
    return impl_->parked.write(gone);
}

Node::Node(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Node::~Node() {
    // Whoever computes for it first: an answer would find no thread to go on with.
    impl_->pre_executor.reset();
    if (impl_->config.jobs) impl_->config.jobs->stop();
    impl_->thread.stop();
}

}  // namespace valence::node
