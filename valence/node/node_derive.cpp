// How a node follows the data-availability layer: what is derived from there becomes the chain, whatever the
// chain was before.
#include "valence/chain/system/system_transaction.hpp"
#include "valence/node/da/same_block.hpp"
#include "valence/node/node_impl.hpp"
#include "valence/sequencer/fallback_block.hpp"

namespace valence::node {

namespace {

/// Whether the block on the chain is the one that was built, which has no roots yet: with the same parent and
/// transactions they are the same.
bool is_same_but_roots(const sequencer::StoredBlock& known, const sequencer::StoredBlock& built) {
    auto header = built.block.header;
    header.state_root = known.block.header.state_root;
    header.transactions_root = known.block.header.transactions_root;
    header.receipts_root = known.block.header.receipts_root;
    return header == known.block.header && known.block.transactions == built.block.transactions;
}

}  // namespace

Result<chain::DaHeader> Node::Impl::reference_of(const chain::Block& block) const {
    const auto& system = config.genesis.rules.system;
    if (block.header.number == 0) return system && system->layer ? system->layer->start : chain::DaHeader{};
    return chain::referred_da_header(block);
}

void Node::Impl::pool_again(std::span<const sequencer::SharedBlock> left) {
    std::vector<sequencer::PoolTransaction> again;
    for (const auto& block : left) {
        for (std::size_t i = 0; i < block->facts.size(); ++i) {
            const auto& transaction = block->block.transactions[i];
            if (transaction.is_system() || reader.locate(block->facts[i].hash)) continue;
            again.push_back(sequencer::pool_transaction({transaction, block->facts[i].sender}));
        }
    }
    // Those that cannot be in a block any more are refused.
    if (!again.empty()) static_cast<void>(pool.add(std::move(again)));
}

Result<void> Node::Impl::replace_above(std::uint64_t number, const std::function<Result<void>()>& adopt) {
    std::vector<sequencer::SharedBlock> left;
    for (auto n = number + 1; n <= reader.head_number(); ++n)
        left.push_back(blocks.canonical(n));
    if (left.empty()) return adopt();
    BOOST_OUTCOME_TRYV(unwind_to(number));
    auto adopted = adopt();
    pool_again(left);
    return adopted;
}

Result<void> Node::Impl::adopt_derived(chain::Block block, chain::Supplement supplement,
                                       std::span<const chain::ForcedTransaction> due,
                                       outcome::ModelSource& models) {
    const auto hash = chain::header_hash(block.header);
    const auto number = block.header.number;
    const auto parent = blocks.block(block.header.parent_hash);
    if (number == 0 || parent == nullptr || !reader.is_canonical(number - 1, block.header.parent_hash))
        return Error{NodeError::unknown_parent, base::to_hex_prefixed(block.header.parent_hash)};
    if (reader.is_canonical(number, hash)) {
        const auto known = blocks.block(hash);
        // Others, who do not know it, look at what was posted. And what a feed passed off as a fallback block
        // cannot be posted.
        if (!supplement.beacon || !is_same_block(*known, block, supplement)) {
            BOOST_OUTCOME_TRYV(check_block(block, supplement, *parent, Beacon::required));
        }
        // Executed before, when this node may not have known yet what it owed.
        if (due.empty() || known->owed == chain::commitment_of(due)) return success();
        BOOST_OUTCOME_TRY(const auto before, database->reader_at(number - 1));
        BOOST_OUTCOME_TRYV(execute(block, supplement.outcomes, before, due, models));
        return success();
    }
    BOOST_OUTCOME_TRYV(check_block(block, supplement, *parent, Beacon::required));
    if (number > reader.head_number())
        return adopt_next(std::move(block), hash, std::move(supplement), due, models);
    // Other blocks stand there, and leave only for one that is valid.
    BOOST_OUTCOME_TRY(auto executed, try_on(number - 1, block, supplement.outcomes, due, models));
    return replace_above(number - 1, [&] {
        return adopt_executed(std::move(block), hash, std::move(supplement), due, std::move(executed));
    });
}

Result<AdoptedFallback> Node::Impl::adopt_fallback(const derive::Fallback& fallback,
                                                   outcome::ModelSource& models) {
    const auto parent = reader.block(fallback.number - 1);
    if (parent == nullptr)
        return Error{NodeError::unknown_parent, "block " + std::to_string(fallback.number - 1)};
    BOOST_OUTCOME_TRY(const auto state, reader.state_at(parent->number()));
    auto reference = fallback.reference;
    auto due = fallback.due;
    sequencer::BuiltBlock built;
    // Of `nearer`, those that it may refer to.
    auto reach = fallback.nearer.size();
    for (bool is_first = true;; is_first = false) {
        const auto plan = sequencer::fallback_plan(config.genesis.rules, parent, state, reference, due,
                                                   config.genesis.gas_limit);
        // Executed first: what is on the chain stays there while a model's file is missing.
        BOOST_OUTCOME_TRY(built,
                          sequencer::execute_fallback(config.genesis.rules, hashes, plan, catalogue, models));
        if (!built.left_over || *built.left_over >= reference.height) break;
        const auto left = std::ranges::find(fallback.nearer, *built.left_over, &chain::DaHeader::height);
        const auto place = static_cast<std::size_t>(left - fallback.nearer.begin());
        // Once is enough for what uses as much gas whatever the block refers to. The rest has few runs.
        reach = is_first ? place : std::min(place, reach / 2);
        reference = fallback.nearer[reach];
        std::erase_if(due, [&](const auto& forced) { return forced.due > reference.height; });
    }
    Hash hash;
    const auto adopt = [&]() -> Result<void> {
        const auto prepared = builder.seal(built, *parent, *database);
        hash = built.block.hash;
        BOOST_OUTCOME_TRYV(commit(std::move(built), prepared));
        return success();
    };
    const auto known = reader.block(fallback.number);
    if (known != nullptr && is_same_but_roots(*known, built.block))
        return AdoptedFallback{known->hash, reference};
    BOOST_OUTCOME_TRYV(replace_above(parent->number(), adopt));
    return AdoptedFallback{hash, reference};
}

Result<void> Node::adopt_derived(chain::Block block, chain::Supplement supplement,
                                 std::vector<chain::ForcedTransaction> due, outcome::ModelSource& models) {
    return impl_->thread.run(
        [&] { return impl_->adopt_derived(std::move(block), std::move(supplement), due, models); });
}

Result<AdoptedFallback> Node::adopt_fallback(derive::Fallback fallback, outcome::ModelSource& models) {
    return impl_->thread.run([&] { return impl_->adopt_fallback(fallback, models); });
}

Result<void> Node::give_up_from(std::uint64_t number) {
    return impl_->thread.run([&]() -> Result<void> {
        if (number == 0 || number > impl_->reader.head_number()) return success();
        return impl_->replace_above(number - 1, [] { return Result<void>{success()}; });
    });
}

void Node::layer_advanced() {
    impl_->thread.post([impl = impl_.get()] { impl->layer_advanced(); });
}

void Node::Impl::layer_advanced() {
    const auto& system = config.genesis.rules.system;
    if (!system || !system->layer || !signer) return;
    {
        const std::lock_guard guard(settings_mutex);
        if (!std::holds_alternative<Automine>(settings.mining)) return;
    }
    automine();
    const auto next = plan();
    const auto before = reference_of(next.parent->block);
    if (!before || !next.da_header) return;
    // Nobody sends anything: before the window ends there is an empty block.
    const bool is_quiet =
        next.da_header->height - before.value().height >= system->layer->sequencing_window / 2;
    const bool owes = std::ranges::any_of(next.due, [&](const chain::ForcedTransaction& forced) {
        return !reader.locate(chain::transaction_hash(forced.transaction));
    });
    if (is_quiet || owes) static_cast<void>(build_block());
}

}  // namespace valence::node
