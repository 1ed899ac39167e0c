#include "valence/node/node.hpp"

#include "valence/node/node_impl.hpp"
#include "valence/sequencer/layered_state.hpp"

namespace valence::node {

const NodeConfig& Node::config() const { return impl_->config; }
const ChainReader& Node::chain() const { return impl_->reader; }
const sequencer::Mempool& Node::pool() const { return impl_->pool; }
compute::ModelStore& Node::model_store() { return *impl_->model_store; }
BlockPlaces& Node::block_places() { return impl_->block_places; }
bool Node::is_derived() const {
    const auto& system = impl_->config.genesis.rules.system;
    return system && system->layer;
}
std::uint64_t Node::chain_id() const { return impl_->config.genesis.rules.chain_id; }
Subscription Node::subscribe(EventHandler handler) { return impl_->events->subscribe(std::move(handler)); }

std::vector<Result<Hash>> Node::submit(std::vector<sequencer::PoolTransaction> transactions) {
    auto answers = impl_->pool.add(std::move(transactions));
    PendingTransactions taken;
    for (const auto& answer : answers) {
        if (!answer) continue;
        // It may be gone already, mined or replaced by another thread's.
        if (auto transaction = impl_->pool.find(answer.value())) {
            taken.transactions.push_back(std::move(transaction));
        }
    }
    if (taken.transactions.empty()) return answers;
    impl_->events->publish(taken);
    if (std::holds_alternative<Automine>(mining())) {
        impl_->thread.run([this] { impl_->automine(); });
    } else if (impl_->pre_executor) {
        impl_->offer_to_pre_executor(taken.transactions);
    }
    return answers;
}

sequencer::NextBlock Node::next_block() const { return impl_->next_block(); }

std::uint64_t Node::next_nonce(const Address& sender) const {
    if (const auto nonce = impl_->pool.next_nonce(sender)) return *nonce;
    const auto account = impl_->reader.head().state->account(sender);
    return account ? account->nonce : 0;
}

std::shared_ptr<const PendingView> Node::pending() const {
    const std::lock_guard guard(impl_->pending_mutex);
    const auto version = impl_->pool.version();
    const auto plan = impl_->plan();
    const bool fresh = impl_->pending && impl_->pending_parent == plan.parent->hash &&
                       impl_->pending_version == version &&
                       impl_->pending->block->block.header.timestamp == plan.timestamp;
    if (fresh) return impl_->pending;
    // One that takes long to make is shown for as long again, whatever came to the pool since: asking for it
    // over and over must not keep everybody waiting.
    const auto now = std::chrono::steady_clock::now();
    constexpr std::chrono::milliseconds kLong{100};
    if (impl_->pending && impl_->pending_parent == plan.parent->hash && impl_->pending_took > kLong &&
        now - impl_->pending_made < impl_->pending_took) {
        return impl_->pending;
    }

    auto executed = impl_->builder.execute(plan, impl_->candidates(), impl_->desk.get());
    // It fails only where no block can be built at all; then the head is all there is to show.
    if (!executed) return std::make_shared<const PendingView>(PendingView{plan.parent, plan.state});
    auto& built = executed.value();
    auto view = std::make_shared<PendingView>();
    view->block = std::make_shared<const sequencer::StoredBlock>(std::move(built.block));
    view->state = std::make_shared<sequencer::LayeredState>(plan.state, std::move(built.changes));
    impl_->pending = view;
    impl_->pending_parent = plan.parent->hash;
    impl_->pending_version = version;
    impl_->pending_made = std::chrono::steady_clock::now();
    impl_->pending_took = impl_->pending_made - now;
    return view;
}

Result<void> Node::import_block(chain::Block block, chain::Supplement supplement) {
    return import_block(std::move(block), std::move(supplement), models());
}

Result<void> Node::import_block(chain::Block block, chain::Supplement supplement,
                                outcome::ModelSource& models) {
    return impl_->thread.run(
        [&] { return impl_->import_block(std::move(block), std::move(supplement), models); });
}

void Node::verify_beacons(std::span<const BeaconClaim> claims) {
    if (impl_->beacons) impl_->beacons->verify_ahead(claims);
}

chain::ModelCatalogue& Node::model_catalogue() const { return impl_->catalogue; }
std::optional<std::string> Node::explain_job(const outcome::JobId& id) const {
    return impl_->config.jobs ? impl_->config.jobs->explain(id) : std::nullopt;
}
sequencer::OutcomePool& Node::simulated_outcomes() const { return impl_->simulated; }
SimulationSlots& Node::simulation_slots() const { return impl_->simulation_slots; }
outcome::ModelSource& Node::models() const { return *impl_->config.models; }

Result<void> Node::set_safe_and_finalized(std::uint64_t safe, std::uint64_t finalized) {
    const auto head = impl_->reader.head_number();
    if (safe > head || finalized > safe) {
        return Error{NodeError::no_such_block, "safe " + std::to_string(safe) + ", finalized " +
                                                   std::to_string(finalized) + ", head " +
                                                   std::to_string(head)};
    }
    impl_->reader.set_safe_and_finalized(safe, finalized);
    return success();
}

MiningMode Node::mining() const {
    const std::lock_guard guard(impl_->settings_mutex);
    return impl_->settings.mining;
}

void Node::set_mining(MiningMode mode) {
    impl_->thread.run([&] {
        {
            const std::lock_guard guard(impl_->settings_mutex);
            impl_->settings.mining = mode;
        }
        const bool automine = std::holds_alternative<Automine>(mode);
        impl_->pool.set_below_base_fee(automine ? sequencer::BelowBaseFee::refuse
                                                : sequencer::BelowBaseFee::wait);
        impl_->next_interval.reset();
        impl_->schedule_interval();
        if (std::holds_alternative<Automine>(mode)) impl_->automine();
    });
}

Result<std::vector<sequencer::SharedBlock>> Node::mine(std::uint64_t count,
                                                       std::optional<std::uint64_t> interval) {
    using Blocks = std::vector<sequencer::SharedBlock>;
    return impl_->thread.run([&]() -> Result<Blocks> {
        Blocks built;
        for (std::uint64_t i = 0; i < count; ++i) {
            if (i > 0 && interval) {
                const std::lock_guard guard(impl_->settings_mutex);
                impl_->settings.time.next = built.back()->block.header.timestamp + *interval;
            }
            BOOST_OUTCOME_TRY(auto block, impl_->build_block());
            built.push_back(std::move(block));
        }
        return built;
    });
}

bool Node::drop_transaction(const Hash& hash) {
    const bool was_there = impl_->pool.drop(hash);
    impl_->sweep_parked();
    return was_there;
}

void Node::drop_transactions_of(const Address& sender) {
    impl_->pool.drop_sender(sender);
    impl_->sweep_parked();
}

void Node::drop_all_transactions() {
    impl_->pool.clear();
    impl_->sweep_parked();
}

}  // namespace valence::node
