#include "valence/node/da/da_access.hpp"

#include "valence/base/hex.hpp"
#include "valence/derive/chain_namespace.hpp"

namespace valence::node {
namespace {

/// Blocks of the layer that a batch's pieces may be spread over.
constexpr std::uint64_t kMostSpread = 100;

std::optional<crypto::bls::Verifier> sequencer_of(const Node& node) {
    const auto& key = node.config().genesis.rules.beacon_key;
    return key ? crypto::bls::Verifier::of(*key) : std::nullopt;
}

}  // namespace

DaAccess::DaAccess(Node& node, da::Layer& layer, std::string layer_name, std::function<Status()> status)
    : node_(node),
      layer_(layer),
      layer_name_(std::move(layer_name)),
      status_(std::move(status)),
      genesis_hash_(node.chain().block_hash(0).value_or(Hash{})),
      name_(derive::chain_namespace(genesis_hash_)),
      sequencer_(sequencer_of(node)) {}

Result<std::optional<BlockLocation>> DaAccess::locate(std::uint64_t number) const {
    const auto batch = node_.block_places().find(number);
    const bool is_ours = batch && node_.chain().block_hash(batch->last) == batch->last_hash;
    if (!is_ours || !sequencer_) return std::optional<BlockLocation>{};
    BlockLocation out{*batch, {}};
    std::set<std::uint16_t> seen;
    // From the last piece back.
    const auto lowest = batch->height - std::min(batch->height, kMostSpread);
    for (auto height = batch->height; height > lowest; --height) {
        BOOST_OUTCOME_TRY(const auto blobs, layer_.blobs(height, name_));
        BOOST_OUTCOME_TRY(const auto header, layer_.header(height));
        for (const auto& one : blobs) {
            const auto piece = derive::parse_piece(one.blob.data);
            if (!piece || piece.value().head.hash != batch->batch) continue;
            if (!derive::open_piece(one.blob.data, genesis_hash_, *sequencer_)) continue;
            const auto& [head, index, part] = piece.value();
            if (!seen.insert(index).second) continue;
            out.pieces.push_back({height, header.hash(), header.data_hash, one.commitment, index});
            if (seen.size() < head.count) continue;
            std::ranges::sort(out.pieces, {}, &PiecePlace::index);
            return std::optional{std::move(out)};
        }
    }
    return Error{da::LayerError::not_found, "pieces of the batch " + base::to_hex_prefixed(batch->batch)};
}

Result<da::CommitmentProof> DaAccess::prove(const PiecePlace& place) const {
    BOOST_OUTCOME_TRY(auto proof, layer_.prove(place.height, name_, place.commitment));
    if (!da::verify_commitment_proof(proof, place.data_root) ||
        da::commitment_of(proof) != place.commitment) {
        return Error{da::LayerError::malformed, "a proof that does not hold"};
    }
    return proof;
}

}  // namespace valence::node
