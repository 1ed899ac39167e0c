#include "valence/derive/batch.hpp"

#include <set>

#include "valence/codec/rlp.hpp"
#include "valence/codec/zstd.hpp"
#include "valence/crypto/keccak.hpp"
#include "valence/derive/derive_error.hpp"

namespace valence::derive {
namespace {

Result<Bytes> pack_content(BytesView content, std::size_t most) {
    if (content.size() > most)
        return Error{DeriveError::too_large, std::to_string(content.size()) + " bytes"};
    Bytes batch{kBatchVersion};
    base::append(batch, codec::zstd(content));
    if (batch.size() > kMostBatch)
        return Error{DeriveError::too_large, std::to_string(batch.size()) + " bytes, compressed"};
    return batch;
}

Result<BytesView> frame_of(BytesView batch) {
    if (batch.size() > kMostBatch) return Error{DeriveError::too_large};
    if (batch.empty() || batch[0] != kBatchVersion)
        return Error{DeriveError::bad_batch, "of an unknown version"};
    return batch.subspan(1);
}

Result<Bytes> unpack(BytesView batch, std::size_t most) {
    BOOST_OUTCOME_TRY(const auto frame, frame_of(batch));
    return codec::unzstd(frame, most);
}

/// The proofs of a batch, as its blocks come to use them.
class Proofs {
public:
    static Result<Proofs> read(codec::RlpReader items) {
        Proofs out;
        while (!items.at_end()) {
            if (out.list_.size() == kMostProofs) return Error{DeriveError::too_large, "too many proofs"};
            BOOST_OUTCOME_TRY(const auto proof, items.bytes());
            out.list_.push_back(proof);
        }
        return out;
    }
    /// Gives the outcomes their proofs. Errors: bad_batch, too_large.
    Result<void> put_into(std::vector<outcome::Settled>& outcomes, codec::RlpReader places) {
        for (auto& settled : outcomes) {
            auto* evidence = std::get_if<outcome::ZkEvidence>(&settled.outcome.evidence);
            if (evidence == nullptr) continue;
            BOOST_OUTCOME_TRY(const auto place, places.u64());
            if (!evidence->proof.empty() || place > used_ || place >= list_.size())
                return Error{DeriveError::bad_batch, "a proof out of its place"};
            const auto proof = list_[place];
            if (place == used_) {
                // Listed once, or the same blocks could be written in several ways.
                if (!seen_.insert(crypto::keccak256(proof)).second)
                    return Error{DeriveError::bad_batch, "a proof twice"};
                ++used_;
            }
            unfolded_ += proof.size();
            if (unfolded_ > kMostContent) return Error{DeriveError::too_large, "with all its proofs"};
            evidence->proof = base::to_bytes(proof);
        }
        return places.finish();
    }
    Result<void> finish() const {
        if (used_ == list_.size()) return success();
        return Error{DeriveError::bad_batch, "a proof of nothing"};
    }

private:
    std::vector<BytesView> list_;
    std::set<Hash> seen_;
    std::size_t used_ = 0;
    std::size_t unfolded_ = 0;
};

Result<BatchBlock> read_block(codec::RlpReader fields, Proofs& proofs) {
    BOOST_OUTCOME_TRY(const auto block, fields.bytes());
    BOOST_OUTCOME_TRY(const auto outcomes, fields.bytes());
    BOOST_OUTCOME_TRY(const auto places, fields.list());
    BOOST_OUTCOME_TRY(const auto beacon, fields.bytes());
    BOOST_OUTCOME_TRYV(fields.finish());
    BatchBlock out;
    BOOST_OUTCOME_TRY(out.block, chain::decode_block(block));
    BOOST_OUTCOME_TRY(out.supplement.outcomes, outcome::decode_settled(outcomes));
    BOOST_OUTCOME_TRYV(proofs.put_into(out.supplement.outcomes, places));
    if (beacon.empty()) return out;
    if (beacon.size() != crypto::bls::Signature::kSize)
        return Error{DeriveError::bad_batch, "a beacon of another length"};
    out.supplement.beacon = base::from_exact<crypto::bls::Signature>(beacon);
    return out;
}

}  // namespace

std::uint64_t BatchWriter::place_of(BytesView proof) {
    const auto [found, is_new] = places_.emplace(crypto::keccak256(proof), proofs_.size());
    if (is_new) {
        proofs_.push_back(base::to_bytes(proof));
        size_ += proof.size();
    } else {
        repeated_ += proof.size();
    }
    return found->second;
}

void BatchWriter::add(const chain::Block& block, const chain::Supplement& supplement) {
    std::vector<std::uint64_t> places;
    std::vector<outcome::Settled> outcomes;
    for (const auto& [job, given] : supplement.outcomes) {
        const auto* evidence = std::get_if<outcome::ZkEvidence>(&given.evidence);
        if (evidence != nullptr) places.push_back(place_of(evidence->proof));
        auto bare = evidence == nullptr ? given.evidence : outcome::Evidence{outcome::ZkEvidence{}};
        outcomes.push_back({job, {given.output, given.payee, std::move(bare)}});
    }
    codec::RlpWriter w;
    w.list([&] {
        w.bytes(chain::encode_block(block)).bytes(outcome::encode_settled(outcomes));
        w.list([&] {
            for (const auto place : places)
                w.u64(place);
        });
        w.bytes(supplement.beacon ? BytesView{*supplement.beacon} : BytesView{});
    });
    size_ += w.view().size();
    blocks_.push_back(w.take());
}

Result<Bytes> BatchWriter::pack() const {
    VALENCE_CHECK(!blocks_.empty());
    if (blocks_.size() > kMostBlocks)
        return Error{DeriveError::too_large, std::to_string(blocks_.size()) + " blocks"};
    if (unfolded_size() > kMostContent || proofs_.size() > kMostProofs)
        return Error{DeriveError::too_large, std::to_string(unfolded_size()) + " bytes"};
    codec::RlpWriter w;
    w.list([&] {
        w.list([&] {
            for (const auto& proof : proofs_)
                w.bytes(proof);
        });
        w.list([&] {
            for (const auto& block : blocks_)
                w.raw(block);
        });
    });
    return pack_content(w.view(), kMostContent);
}

Result<Bytes> encode_blocks(std::span<const BatchBlock> blocks) {
    BatchWriter writer;
    for (const auto& [block, supplement] : blocks)
        writer.add(block, supplement);
    return writer.pack();
}

Result<std::vector<BatchBlock>> decode_blocks(BytesView batch) {
    BOOST_OUTCOME_TRY(const auto content, unpack(batch, kMostContent));
    BOOST_OUTCOME_TRY(auto parts, codec::RlpReader::of_list(content));
    BOOST_OUTCOME_TRY(const auto listed, parts.list());
    BOOST_OUTCOME_TRY(auto items, parts.list());
    BOOST_OUTCOME_TRYV(parts.finish());
    BOOST_OUTCOME_TRY(auto proofs, Proofs::read(listed));
    std::vector<BatchBlock> blocks;
    while (!items.at_end()) {
        if (blocks.size() == kMostBlocks) return Error{DeriveError::too_large, "too many blocks"};
        BOOST_OUTCOME_TRY(const auto fields, items.list());
        BOOST_OUTCOME_TRY(auto block, read_block(fields, proofs));
        if (!blocks.empty() && block.block.header.number != blocks.back().block.header.number + 1)
            return Error{DeriveError::bad_batch, "numbers that do not rise by one"};
        blocks.push_back(std::move(block));
    }
    if (blocks.empty()) return Error{DeriveError::bad_batch, "no blocks"};
    BOOST_OUTCOME_TRYV(proofs.finish());
    return blocks;
}

Result<std::uint64_t> stated_content(BytesView batch) {
    BOOST_OUTCOME_TRY(const auto frame, frame_of(batch));
    return codec::zstd_size(frame);
}

Result<Bytes> encode_file(BytesView file) { return pack_content(file, kMostFile); }

Result<Bytes> decode_file(BytesView batch) { return unpack(batch, kMostFile); }

}  // namespace valence::derive
