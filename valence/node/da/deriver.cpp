#include "valence/node/da/deriver.hpp"

#include "valence/chain/chain_error.hpp"
#include "valence/compute/model_store/model_store.hpp"
#include "valence/derive/chain_namespace.hpp"
#include "valence/state/state_error.hpp"

namespace valence::node {
namespace {

/// Whom the bounds of one uploader are counted for.
constexpr std::string_view kUploader = "data availability";

/// Whether it says something of this node's disk rather than of the block.
bool is_own_trouble(const Error& error) {
    return error.code.category() == state::make_error_code({}).category() ||
           error.code.category() == std::generic_category() ||
           error.code.category() == std::system_category();
}

}  // namespace

Result<std::unique_ptr<Deriver>> Deriver::create(Node& node, da::Layer& layer, Told told) {
    const auto& key = node.config().genesis.rules.beacon_key;
    const auto verifier = key ? crypto::bls::Verifier::of(*key) : std::nullopt;
    if (!verifier) return Error{NodeError::no_beacon_key, "nobody signs the batches of this chain"};
    const auto genesis_hash = node.chain().block_hash(0).value_or(Hash{});
    derive::DerivationOptions options{
        genesis_hash, *verifier, node.chain().head_number() + 1,
        [&node](std::uint64_t number) { return node.chain().block_hash(number); }};
    return std::unique_ptr<Deriver>(
        new Deriver(node, layer, std::move(options), derive::chain_namespace(genesis_hash), std::move(told)));
}

Deriver::Deriver(Node& node, da::Layer& layer, derive::DerivationOptions options, da::Namespace name,
                 Told told)
    : node_(node), layer_(layer), name_(name), told_(std::move(told)), derivation_(std::move(options)) {
    status_.derived = derivation_.next_number() - 1;
}

Result<bool> Deriver::step(std::chrono::milliseconds patience) {
    const auto height = status_.height + 1;
    if (const auto header = layer_.wait_for(height, patience); !header) {
        if (header.error() == Error{da::LayerError::no_such_height}) return false;
        return header.error();
    }
    BOOST_OUTCOME_TRY(const auto blobs, layer_.blobs(height, name_));
    std::vector<BytesView> views;
    for (const auto& blob : blobs)
        views.push_back(blob.blob.data);
    derivation_.take(height, views);
    status_.height = height;
    BOOST_OUTCOME_TRYV(take_models());
    BOOST_OUTCOME_TRYV(derive_blocks());
    return true;
}

Result<void> Deriver::take_models() {
    while (const auto file = derivation_.take_file()) {
        // What is no model, or too large for this node, is missed when a block wants it.
        static_cast<void>(node_.model_store().add(file->bytes, std::string(kUploader)));
    }
    return success();
}

Result<void> Deriver::derive_blocks() {
    status_.waits_for.reset();
    while (const auto* candidate = derivation_.current()) {
        auto content = candidate->content;
        const auto imported = node_.import_block(std::move(content.block), std::move(content.supplement));
        if (!imported && imported.error() == Error{chain::ChainError::model_missing}) {
            status_.waits_for = imported.error();
            return success();
        }
        if (!imported && is_own_trouble(imported.error())) return imported.error();
        if (!imported) {
            derivation_.refuse(imported.error().message());
            continue;
        }
        // Known, but not on this chain: it would need more difficulty, which nothing here has.
        if (!node_.chain().is_canonical(derivation_.next_number(), candidate->hash)) {
            derivation_.refuse("it does not follow the block derived before it");
            continue;
        }
        status_.derived = derivation_.next_number();
        status_.place = candidate->place;
        BOOST_OUTCOME_TRYV(node_.block_places().put(
            {status_.derived, status_.derived, candidate->hash, candidate->batch, candidate->place.height}));
        derivation_.accept();
        const auto block = node_.chain().block(status_.derived);
        if (told_) told_(*block, status_.place);
    }
    // A layer's block is final as soon as there is one.
    return node_.set_safe_and_finalized(status_.derived, status_.derived);
}

}  // namespace valence::node
