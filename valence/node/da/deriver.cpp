#include "valence/node/da/deriver.hpp"

#include "valence/base/hex.hpp"
#include "valence/chain/chain_error.hpp"
#include "valence/chain/system/system_transaction.hpp"
#include "valence/codec/rlp.hpp"
#include "valence/compute/model_store/model_store.hpp"
#include "valence/derive/chain_namespace.hpp"
#include "valence/node/da/same_block.hpp"
#include "valence/sequencer/pool_transaction.hpp"
#include "valence/state/state_error.hpp"

namespace valence::node {
namespace {

/// Whom the bounds of one uploader are counted for.
constexpr std::string_view kUploader = "data availability";

/// Whether it says something of this node rather than of the block.
bool is_own_trouble(const Error& error) {
    return error.code.category() == state::make_error_code({}).category() ||
           error.code.category() == std::generic_category() ||
           error.code.category() == std::system_category() || error == Error{NodeError::too_deep};
}

const chain::LayerRules* layer_of(const chain::RuleSet& rules) {
    return rules.system && rules.system->layer ? &*rules.system->layer : nullptr;
}

std::vector<BytesView> views_of(const std::vector<da::LayerBlob>& blobs) {
    std::vector<BytesView> views;
    views.reserve(blobs.size());
    for (const auto& blob : blobs)
        views.push_back(blob.blob.data);
    return views;
}

}  // namespace

Result<std::unique_ptr<Deriver>> Deriver::create(Node& node, da::Layer& layer, DeriverOptions options) {
    const auto& rules = node.config().genesis.rules;
    const auto& key = rules.beacon_key;
    const auto verifier = key ? crypto::bls::Verifier::of(*key) : std::nullopt;
    if (!verifier) return Error{NodeError::no_beacon_key, "nobody signs the batches of this chain"};
    const auto genesis_hash = node.chain().block_hash(0).value_or(Hash{});
    const auto hash_of = [&node](std::uint64_t number) { return node.chain().block_hash(number); };
    derive::DerivationOptions deriving{genesis_hash, *verifier, node.chain().head_number() + 1, hash_of,
                                       nullptr};
    if (const auto* named = layer_of(rules)) {
        BOOST_OUTCOME_TRY(const auto start, layer.header(named->start.height));
        if (start.hash() != named->start.hash)
            return Error{NodeError::other_layer, "its block " + std::to_string(named->start.height) + " is " +
                                                     base::to_hex_prefixed(start.hash())};
        if (node.chain().head_number() > 0 && !node.chain().block_hash(1))
            return Error{NodeError::too_deep, "a chain that began with a snapshot cannot be derived"};
        // From here on this node can say what is safe.
        if (!node.chain().safe_number()) {
            BOOST_OUTCOME_TRYV(node.set_safe_and_finalized(0, 0));
        }
        deriving.next = 1;
        deriving.rules = &rules;
    }
    auto deriver =
        std::unique_ptr<Deriver>(new Deriver(node, layer, std::move(deriving), std::move(options)));
    BOOST_OUTCOME_TRYV(deriver->resume());
    return deriver;
}

Result<void> Deriver::resume() {
    const auto bytes = has_rules_ ? node_.block_places().checkpoint() : std::nullopt;
    if (!bytes) return success();
    const auto own = codec::RlpReader::of_list(*bytes);
    if (!own) return success();
    auto fields = own.value();
    const auto fallbacks = fields.u64();
    const auto derivation = fields.bytes();
    if (!fallbacks || !derivation) return success();
    // Of it only what is tried out below is believed.
    auto resumed = derivation_;
    if (!resumed.resume(derivation.value())) return success();
    if (node_.chain().block_hash(resumed.next_number() - 1) != resumed.parent()) return success();
    const auto& newest = resumed.newest();
    const auto header = layer_.header(newest.height);
    if (!header && header.error() == Error{da::LayerError::unreachable}) return header.error();
    if (!header || header.value().hash() != newest.hash) return success();
    derivation_ = std::move(resumed);
    status_.derived = derivation_.next_number() - 1;
    status_.height = saved_ = derivation_.newest().height;
    status_.fallbacks = fallbacks.value();
    if (own_.record) own_.record->resume(derivation_.window());
    if (status_.derived < node_.chain().safe_number().value_or(0)) return success();
    return node_.set_safe_and_finalized(status_.derived, status_.derived);
}

Result<void> Deriver::save() {
    if (!has_rules_ || is_pending_ || status_.height == saved_) return success();
    auto derivation = derivation_.checkpoint();
    if (!derivation) return success();
    codec::RlpWriter w;
    w.list([&] { w.u64(status_.fallbacks).bytes(*derivation); });
    BOOST_OUTCOME_TRYV(node_.block_places().put_checkpoint(w.take()));
    saved_ = status_.height;
    return success();
}

Deriver::Deriver(Node& node, da::Layer& layer, derive::DerivationOptions options, DeriverOptions own)
    : node_(node),
      layer_(layer),
      own_(std::move(own)),
      has_rules_(options.rules != nullptr),
      batches_(derive::chain_namespace(options.genesis_hash)),
      forced_(derive::forced_namespace(options.genesis_hash)),
      derivation_(std::move(options)),
      models_(node.models(), [this](const ml::ModelId& id) { return may_use(id); }) {
    status_.derived = derivation_.next_number() - 1;
    if (has_rules_) status_.height = saved_ = derivation_.reference().height;
}

Result<bool> Deriver::step(std::chrono::milliseconds patience) {
    // What was read before has its turn first: what comes later may depend on it.
    if (is_pending_) {
        BOOST_OUTCOME_TRYV(derive_blocks());
        if (is_pending_) return look_ahead(patience);
    }
    const auto header = layer_.wait_for(status_.height + 1, patience);
    if (!header && header.error() == Error{da::LayerError::no_such_height}) return false;
    if (!header) return header.error();
    if (header.value().height != status_.height + 1)
        return Error{da::LayerError::malformed, "a header of another height"};
    BOOST_OUTCOME_TRYV(read(header.value()));
    BOOST_OUTCOME_TRYV(take_models());
    BOOST_OUTCOME_TRYV(derive_blocks());
    if (status_.height >= saved_ + own_.checkpoint_every) {
        BOOST_OUTCOME_TRYV(save());
    }
    if (own_.role == DeriverOptions::Role::sequences) node_.layer_advanced();
    return true;
}

Result<bool> Deriver::look_ahead(std::chrono::milliseconds patience) {
    ahead_ = std::max(ahead_, status_.height);
    const auto header = layer_.wait_for(ahead_ + 1, patience);
    if (!header && header.error() == Error{da::LayerError::no_such_height}) return false;
    if (!header) return header.error();
    BOOST_OUTCOME_TRY(const auto blobs, layer_.blobs(ahead_ + 1, batches_));
    ++ahead_;
    derivation_.take_files(ahead_, views_of(blobs));
    BOOST_OUTCOME_TRYV(take_models());
    BOOST_OUTCOME_TRYV(derive_blocks());
    return true;
}

Result<void> Deriver::read(const da::ExtendedHeader& header) {
    const chain::DaHeader seen{header.height, header.hash(), header.seconds()};
    BOOST_OUTCOME_TRY(const auto blobs, layer_.blobs(header.height, batches_));
    std::vector<da::LayerBlob> forced;
    if (has_rules_) {
        BOOST_OUTCOME_TRY(forced, layer_.blobs(header.height, forced_));
    }
    const auto taken = derivation_.take(seen, views_of(blobs), views_of(forced));
    status_.height = header.height;
    is_pending_ = true;
    if (!own_.record) return success();
    own_.record->take(seen, taken);
    if (own_.role != DeriverOptions::Role::sequences || taken.empty()) return success();
    // Long before they are due. What the pool does not want has its turn when it is due.
    std::vector<sequencer::PoolTransaction> transactions;
    for (const auto& one : taken)
        transactions.push_back(sequencer::pool_transaction(one));
    node_.submit(std::move(transactions));
    return success();
}

Result<void> Deriver::take_models() {
    while (const auto file = derivation_.take_file()) {
        // What is no model, or too large for this node, is missed when a block wants it.
        static_cast<void>(node_.model_store().add(file->bytes, std::string(kUploader)));
    }
    return success();
}

bool Deriver::may_use(const ml::ModelId& id) const {
    return derivation_.posted(id) != nullptr || is_opened_by(node_.config().genesis, id);
}

Result<bool> Deriver::read_again(const ml::ModelId& id) {
    const auto* posted = derivation_.posted(id);
    if (posted == nullptr) return false;
    derive::Assembler assembler;
    // From the last piece back.
    for (auto height = posted->place.height; height > 0; --height) {
        BOOST_OUTCOME_TRY(const auto blobs, layer_.blobs(height, batches_));
        for (const auto& one : blobs) {
            auto piece = derive::parse_piece(one.blob.data);
            // Before the signature is verified, which takes longer.
            if (!piece || piece.value().head.hash != posted->batch || !derivation_.is_signed(one.blob.data))
                continue;
            const auto batch = assembler.add(std::move(piece).value());
            if (!batch || !batch.value()) continue;
            const auto file = derive::decode_file(batch.value()->bytes);
            return file && node_.model_store().add(file.value(), std::string(kUploader));
        }
    }
    return false;
}

template <typename Adopt>
auto Deriver::adopt(const Adopt& adopt) -> decltype(adopt()) {
    models_.begin();
    auto adopted = adopt();
    if (adopted || adopted.error() != Error{chain::ChainError::model_missing}) return adopted;
    const auto missing = models_.missing();
    if (models_.unposted() || !missing) return adopted;
    BOOST_OUTCOME_TRY(const auto is_here, read_again(*missing));
    return is_here ? adopt() : adopted;
}

Result<void> Deriver::derive_blocks() {
    status_.waits_for.reset();
    for (;;) {
        BOOST_OUTCOME_TRY(auto more, derive_candidate());
        if (!more && !status_.waits_for) {
            BOOST_OUTCOME_TRY(more, derive_fallback());
        }
        if (!more || status_.waits_for) break;
    }
    is_pending_ = status_.waits_for.has_value();
    if (own_.role == DeriverOptions::Role::sequences) {
        BOOST_OUTCOME_TRYV(leave_refused());
    }
    if (own_.record) own_.record->forget_below(derivation_.reference().height);
    // Another reader may have come further.
    if (has_rules_ && status_.derived < node_.chain().safe_number().value_or(0)) return success();
    // A layer's block is final as soon as there is one.
    return node_.set_safe_and_finalized(status_.derived, status_.derived);
}

Result<bool> Deriver::derive_candidate() {
    const auto* candidate = derivation_.current();
    if (candidate == nullptr) return false;
    const auto number = derivation_.next_number();
    const auto place = candidate->place;
    const auto hash = candidate->hash;
    const auto batch = candidate->batch;
    const auto adopted = adopt([&]() -> Result<void> {
        auto content = candidate->content;
        const auto known = node_.chain().is_canonical(number, hash) ? node_.chain().block(number) : nullptr;
        const bool is_same = known != nullptr && is_same_block(*known, content.block, content.supplement);
        if (is_same && was_derived(number, {hash, place.height, DerivedBlock::Kind::posted}))
            return success();
        // One that is on the chain is not executed again: what that took is known.
        if (known != nullptr) {
            for (const auto& id : known->needed_models()) {
                if (may_use(id)) continue;
                BOOST_OUTCOME_TRYV(models_.load(id));
            }
        }
        if (has_rules_)
            return node_.adopt_derived(std::move(content.block), std::move(content.supplement),
                                       candidate->due, models_);
        return node_.import_block(std::move(content.block), std::move(content.supplement), models_);
    });
    if (const auto unposted = adopted ? std::nullopt : models_.unposted()) {
        derivation_.refuse("the file of model " + base::to_hex_prefixed(unposted->bytes) +
                               " is not in the layer up to there",
                           derive::FindingKind::unposted_model);
        return true;
    }
    if (!adopted && adopted.error() == Error{chain::ChainError::model_missing}) {
        status_.waits_for = adopted.error();
        return true;
    }
    if (!adopted && is_own_trouble(adopted.error())) return adopted.error();
    // Known, but not on this chain: it would need more difficulty, which nothing here has.
    if (!adopted || !node_.chain().is_canonical(number, hash)) {
        derivation_.refuse(adopted ? "it does not follow the block derived before it"
                                   : adopted.error().message());
        return true;
    }
    BOOST_OUTCOME_TRYV(node_.block_places().put({number, number, hash, batch, place.height}));
    derivation_.accept();
    BOOST_OUTCOME_TRYV(derived(number, hash, place, DerivedBlock::Kind::posted));
    return true;
}

Result<bool> Deriver::derive_fallback() {
    auto fallback = derivation_.fallback();
    if (!fallback) return false;
    const auto made = adopt([&]() -> Result<AdoptedFallback> {
        const auto known = node_.chain().block(fallback->number);
        if (known != nullptr &&
            was_derived(fallback->number, {known->hash, fallback->height, DerivedBlock::Kind::fallback})) {
            BOOST_OUTCOME_TRY(const auto reference, chain::referred_da_header(known->block));
            return AdoptedFallback{known->hash, reference};
        }
        return node_.adopt_fallback(*fallback, models_);
    });
    if (!made && made.error() == Error{chain::ChainError::model_missing}) {
        status_.waits_for = made.error();
        return true;
    }
    // It follows from what everybody has: whatever is wrong is wrong here.
    if (!made) return made.error();
    fallback->reference = made.value().reference;
    derivation_.accept_fallback(*fallback, made.value().hash);
    ++status_.fallbacks;
    BOOST_OUTCOME_TRYV(
        derived(fallback->number, made.value().hash, {fallback->height, 0}, DerivedBlock::Kind::fallback));
    return true;
}

Result<void> Deriver::leave_refused() {
    const auto number = derivation_.next_number();
    const auto own = node_.chain().block_hash(number);
    // It will never be the chain's, nor anything that is built on it.
    if (!own || !derivation_.is_refused(*own)) return success();
    return node_.give_up_from(number);
}

bool Deriver::was_derived(std::uint64_t number, const DerivedBlock& block) const {
    return has_rules_ && node_.chain().is_canonical(number, block.hash) &&
           node_.block_places().derived(number) == block;
}

Result<void> Deriver::derived(std::uint64_t number, const Hash& hash, const derive::Place& place,
                              DerivedBlock::Kind kind) {
    status_.derived = number;
    status_.place = place;
    const DerivedBlock now{hash, place.height, kind};
    if (has_rules_ && node_.block_places().derived(number) != now) {
        BOOST_OUTCOME_TRYV(node_.block_places().put_derived(number, now));
    }
    if (!own_.told) return success();
    if (const auto block = node_.chain().block(number)) own_.told(*block, place);
    return success();
}

}  // namespace valence::node
