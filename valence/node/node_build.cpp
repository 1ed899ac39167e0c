// How a node builds blocks of its own: what the next one is to be, when it is built, how it becomes the head.
#include <numeric>

#include "valence/chain/block_fees.hpp"
#include "valence/chain/system/scheduler_view.hpp"
#include "valence/crypto/keccak.hpp"
#include "valence/node/disk_space.hpp"
#include "valence/node/node_impl.hpp"
#include "valence/sequencer/layered_state.hpp"

namespace valence::node {
namespace {

/// The randomness of a block without a beacon: on a chain that has none, and in what is only looked at, since
/// whoever saw a block's beacon before the block could act on it. Something that cannot be chosen and is the
/// same on every run.
Hash randomness_after(const Hash& parent) { return crypto::keccak256(parent); }

/// Parked transactions leave by a block or a rejection; whatever else takes one out of the pool is seen as
/// often.
constexpr std::uint64_t kBlocksBetweenSweeps = 64;

/// As near to what is wanted as the rules let a block move from its parent.
std::uint64_t allowed_gas_limit(const chain::RuleSet& rules, std::uint64_t parent, std::uint64_t wanted) {
    if (rules.gas_limit_rule == chain::GasLimitRule::free) return wanted;
    const auto step = parent / 1'024 - 1;
    return std::clamp(wanted, parent - step, parent + step);
}

std::vector<Address> changed_accounts(const state::StateChanges& changes) {
    std::vector<Address> out;
    out.reserve(changes.accounts.size());
    for (const auto& [address, change] : changes.accounts)
        out.push_back(address);
    return out;
}

}  // namespace

std::uint64_t Node::Impl::clock_seconds() const {
    return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(config.clock->now()).count());
}

sequencer::BlockPlan Node::Impl::plan(std::uint64_t most) const {
    const auto& rules = config.genesis.rules;
    const auto head = reader.head();
    sequencer::BlockPlan plan;
    plan.parent = head.block;
    plan.state = head.state;
    {
        const std::lock_guard guard(poked_mutex);
        plan.before = poked;
    }
    const auto& parent = head.block->block.header;
    const std::uint64_t step = rules.timestamp_rule == chain::TimestampRule::after_parent ? 1 : 0;
    const std::lock_guard guard(settings_mutex);
    plan.timestamp = settings.time.timestamp(clock_seconds(), parent.timestamp, step);
    plan.gas_limit = allowed_gas_limit(rules, parent.gas_limit, settings.gas_limit);
    if (rules.system && rules.system->layer)
        plan.gas_limit = std::min(plan.gas_limit, config.genesis.gas_limit);
    if (rules.is_active(chain::Fork::london, parent.number + 1, plan.timestamp)) {
        plan.base_fee = settings.next_base_fee.value_or(chain::next_base_fee(rules, parent));
    }
    plan.coinbase = settings.coinbase;
    refer(plan, most);
    plan.prev_randao = settings.next_prev_randao.value_or(randomness_after(head.block->hash));
    return plan;
}

void Node::Impl::refer(sequencer::BlockPlan& plan, std::uint64_t most) const {
    const auto& system = config.genesis.rules.system;
    if (!system) return;
    const auto before = reference_of(plan.parent->block);
    if (!before) return;
    const auto header = da_headers->next(before.value(), plan.timestamp, most);
    if (!header) return;
    plan.da_header = header.value();
    if (!system->layer) return;
    // Where the layer stands still, time does too.
    plan.timestamp = std::max(plan.parent->block.header.timestamp,
                              std::min(plan.timestamp, header.value().time + system->layer->drift));
    plan.due = da_headers->due(before.value().height, header.value().height)
                   .value_or(std::vector<chain::ForcedTransaction>{});
}

Result<void> Node::Impl::require_layer(const sequencer::BlockPlan& plan) const {
    const auto& system = config.genesis.rules.system;
    if (!system || !system->layer) return success();
    if (!plan.da_header) {
        BOOST_OUTCOME_TRY(const auto before, reference_of(plan.parent->block));
        BOOST_OUTCOME_TRYV(da_headers->next(before, plan.timestamp, before.height));
        return Error{chain::ChainError::da_header_unknown};
    }
    const auto& layer = *system->layer;
    if (plan.timestamp > plan.da_header->time + layer.drift)
        return Error{chain::ChainError::da_header_wrong, "the layer's time has fallen behind the chain's"};
    // What is posted too late is lost, with all that follows it.
    const auto safe = reader.safe_number().value_or(0);
    const auto oldest = reader.block(safe + 1);
    if (oldest == nullptr) return success();
    BOOST_OUTCOME_TRY(const auto waits, reference_of(oldest->block));
    if (plan.da_header->height - std::min(plan.da_header->height, waits.height) > layer.max_lag / 2)
        return Error{NodeError::too_far_ahead, "block " + std::to_string(safe + 1) +
                                                   " refers to the layer's block " +
                                                   std::to_string(waits.height)};
    return success();
}

Result<void> Node::Impl::set_beacon(sequencer::BlockPlan& plan) {
    if (!beacons) return success();
    if (!signer)
        return Error{NodeError::no_beacon_key, base::to_hex_prefixed(*config.genesis.rules.beacon_key)};
    plan.beacon = signer->signature(plan.parent->number() + 1);
    const std::lock_guard guard(settings_mutex);
    const auto da_header = plan.da_header ? plan.da_header->hash : Hash{};
    if (!settings.next_prev_randao) plan.prev_randao = chain::beacon_mix(*plan.beacon, da_header);
    return success();
}

sequencer::NextBlock Node::Impl::next_block() const {
    const auto p = plan();
    return {p.parent->number() + 1, p.timestamp, p.base_fee.value_or(U256{}), p.gas_limit, p.state};
}

void Node::Impl::show_head(sequencer::SharedBlock block) {
    auto state = database->latest();
    {
        const std::lock_guard guard(poked_mutex);
        if (!poked.accounts.empty())
            state = std::make_shared<sequencer::LayeredState>(std::move(state), poked);
    }
    if (desk) desk->advance(block->number());
    reader.publish({std::move(block), std::move(state)});
}

void Node::Impl::reset_pool() {
    pool.reset(next_block());
    sweep_parked();
}

void Node::Impl::sweep_parked() {
    if (desk) desk->retain([this](const Hash& hash) { return pool.find(hash) != nullptr; });
}

sequencer::Candidates Node::Impl::candidates() const {
    return desk ? pool.candidates(desk->parking().view()->waiting) : pool.candidates();
}

Result<void> Node::Impl::pass_gate() {
    auto open = [&]() -> Result<void> {
        // Held while it is asked: whoever takes it away may go right after.
        const std::lock_guard guard(gate_mutex);
        if (!gate) return success();
        return gate();
    }();
    // Once, not for every block that is not built.
    if (!open && !gate_is_closed) events->publish(Trouble{open.error()});
    gate_is_closed = !open;
    return open;
}

void Node::set_building_gate(BuildingGate gate) {
    const std::lock_guard guard(impl_->gate_mutex);
    impl_->gate = std::move(gate);
}

void Node::building_gate_opened() { impl_->outcomes_arrived(); }

Result<sequencer::SharedBlock> Node::Impl::build_block(EmptyBlocks rule) {
    BOOST_OUTCOME_TRYV(pass_gate());
    if (config.folder) {
        if (auto room = require_disk_space(*config.folder); !room) {
            events->publish(Trouble{room.error()});
            return std::move(room).error();
        }
    }
    auto plan = this->plan();
    const auto execute = [&]() -> Result<sequencer::BuiltBlock> {
        BOOST_OUTCOME_TRYV(require_layer(plan));
        BOOST_OUTCOME_TRYV(set_beacon(plan));
        auto built = builder.execute(plan, candidates(), desk.get(), config.watcher.get());
        if (plan.due.empty() || built || built.error() != Error{chain::ChainError::transaction_abandoned})
            return built;
        // What the block owes waits for no delivery.
        plan.deliveries = sequencer::Deliveries::run_at_once;
        return builder.execute(plan, candidates(), desk.get(), config.watcher.get());
    };
    auto executed = execute();
    // It refers only so far that what is left over is not overdue. Once is enough for what uses as much gas
    // whatever the block refers to; the rest has few runs.
    for (bool is_first = true;
         executed && executed.value().left_over && *executed.value().left_over < plan.da_header->height;
         is_first = false) {
        auto most = *executed.value().left_over;
        if (!is_first) {
            BOOST_OUTCOME_TRY(const auto before, reference_of(plan.parent->block));
            most = std::min(most, std::midpoint(before.height, plan.da_header->height));
        }
        plan = this->plan(most);
        executed = execute();
    }
    if (!executed) {
        events->publish(Trouble{executed.error()});
        return std::move(executed).error();
    }
    auto& built = executed.value();
    for (const auto& rejection : built.rejected) {
        pool.drop(rejection.transaction->hash);
        if (desk) desk->forget(rejection.transaction->sender, rejection.transaction->hash);
    }
    const Wanting wanting(built);
    // Schedules that are due can wait for a block that comes anyhow.
    const bool is_empty = built.included.empty() && built.system.requests == 0;
    if (rule == EmptyBlocks::left_out && is_empty) {
        take_in(wanting);
        return sequencer::SharedBlock{};
    }
    const auto prepared = builder.seal(built, *plan.parent, *database);
    {
        const std::lock_guard guard(settings_mutex);
        settings.time.built(clock_seconds(), plan.timestamp);
        settings.next_base_fee.reset();
        settings.next_prev_randao.reset();
    }
    auto committed = commit(std::move(built), prepared);
    // Not before: jobs are seen by compute nodes, and what they ask may tell the block's randomness.
    if (committed) take_in(wanting);
    return committed;
}

void Node::Impl::take_in(const Wanting& wanting) {
    if (!desk) return;
    if (wanting.deliveries_took) desk->deliveries_took(wanting.number);
    for (const auto& needing : wanting.needing)
        if (pool.find(needing.transaction->hash) != nullptr)
            desk->needs(needing.transaction, needing.sender, needing.record, wanting.number);
    for (const auto& [transaction, why] : wanting.turned_away)
        desk->turn_away(*transaction, why, wanting.number);
    if (const auto& delivery = wanting.delivery)
        desk->delivery_needs(delivery->delivery, delivery->record, wanting.number);
    journal_parked();
}

void Node::Impl::journal_parked() {
    const auto changes = desk->take_changes();
    if (!config.folder) return;
    if (auto written = parked.write(changes); !written) events->publish(Trouble{written.error()});
}

Result<sequencer::SharedBlock> Node::Impl::commit(sequencer::BuiltBlock built,
                                                  const state::PreparedCommit& prepared) {
    const auto shared = std::make_shared<const sequencer::StoredBlock>(std::move(built.block));
    if (auto done = database->commit(shared->number(), shared->hash, prepared,
                                     blocks.adopt(*shared, std::move(built.encoded)));
        !done) {
        events->publish(Trouble{done.error()});
        return std::move(done).error();
    }
    blocks.adopted(shared);
    if (desk) {
        for (const auto& facts : shared->facts)
            desk->forget(facts.sender, facts.hash);
        if (shared->number() % kBlocksBetweenSweeps == 0) sweep_parked();
        journal_parked();
    }
    {
        const std::lock_guard guard(poked_mutex);
        if (!poked.accounts.empty()) reader.keep_poked(shared->number(), std::move(poked));
        poked = {};
    }
    show_head(shared);
    pool.advance(next_block(), changed_accounts(built.changes));
    events->publish(NewHead{shared});
    return shared;
}

void Node::Impl::automine() {
    for (;;) {
        if (candidates().empty()) break;
        const auto block = build_block(EmptyBlocks::left_out);
        if (!block || block.value() == nullptr) break;
    }
    if (!requests_wait()) return;
    const auto block = build_block(EmptyBlocks::left_out);
    // One at a time: a callback may make the next request, and so on for ever.
    if (block && block.value() != nullptr) outcomes_arrived();
}

bool Node::Impl::requests_wait() const {
    if (!config.genesis.rules.system || !desk) return false;
    const auto state = reader.head().state;
    const auto word = [&](const U256& slot) { return state->storage(chain::kScheduler, slot); };
    if (chain::requests_in_line(word(U256{})) == 0) return false;
    const auto waiting = desk->delivery_wait().waiting();
    if (!waiting) return true;
    // One that was cancelled meanwhile holds up nobody.
    return (word(chain::request_slot(waiting->id)) | word(chain::schedule_slot(waiting->id))).is_zero();
}

void Node::Impl::offer_to_pre_executor(std::span<const sequencer::PooledTransaction> transactions) {
    const auto state = reader.head().state;
    std::unordered_map<Address, state::Account> accounts;
    const auto account_of = [&](const Address& address) -> const state::Account& {
        const auto [place, is_new] = accounts.try_emplace(address);
        if (is_new) place->second = state->account(address).value_or(state::Account{});
        return place->second;
    };
    for (const auto& transaction : transactions) {
        // Its turn comes later, and is then in the block that is built.
        if (account_of(transaction->sender).nonce != transaction->transaction.nonce) continue;
        const auto& to = transaction->transaction.to;
        // Plain transfers ask nothing.
        if (to && account_of(*to).code_hash == state::kEmptyCodeHash && *to != chain::kInferenceAddress)
            continue;
        pre_executor->offer(transaction);
    }
}

void Node::Impl::pre_execute(const sequencer::PooledTransaction& transaction) {
    auto plan = this->plan();
    // They may take long, and this is done for every transaction that arrives.
    plan.deliveries = sequencer::Deliveries::left_out;
    const auto account = plan.state->account(transaction->sender).value_or(state::Account{});
    if (account.nonce != transaction->transaction.nonce) return;
    std::vector<std::vector<sequencer::Candidate>> alone{{{transaction, {}, 0}}};
    auto executed = builder.execute(plan, sequencer::Candidates(std::move(alone)), desk.get());
    if (!executed) return;
    // Between blocks: one that is being built keeps nothing for a sender who is bound meanwhile, and may hold
    // what takes away what it must pay with. After such a block its turn decides.
    const auto wanting = std::make_shared<const Wanting>(executed.value());
    if (wanting->empty()) return;
    thread.post([this, wanting, hash = transaction->hash, parent = plan.parent->hash] {
        if (reader.head().block->hash == parent && pool.find(hash) != nullptr) take_in(*wanting);
    });
}

void Node::Impl::outcomes_arrived() {
    thread.post([this] {
        const auto automines = [this] {
            const std::lock_guard guard(settings_mutex);
            return std::holds_alternative<Automine>(settings.mining);
        };
        if (automines()) automine();
    });
}

void Node::Impl::on_interval() {
    static_cast<void>(build_block());
    schedule_interval();
}

void Node::Impl::schedule_interval() {
    const std::lock_guard guard(settings_mutex);
    const auto* interval = std::get_if<IntervalMining>(&settings.mining);
    if (interval == nullptr) {
        next_interval.reset();
    } else {
        // From the last deadline, so that the pace holds; from now where the chain has fallen behind.
        const auto now = config.clock->now();
        const auto next = next_interval.value_or(now) + interval->every;
        next_interval = next > now ? next : now + interval->every;
    }
    thread.set_deadline(next_interval);
}

}  // namespace valence::node
