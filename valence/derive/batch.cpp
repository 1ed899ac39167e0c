#include "valence/derive/batch.hpp"

#include "valence/codec/rlp.hpp"
#include "valence/codec/zstd.hpp"
#include "valence/derive/derive_error.hpp"

namespace valence::derive {
namespace {

Result<Bytes> pack(BytesView content) {
    if (content.size() > kMostContent)
        return Error{DeriveError::too_large, std::to_string(content.size()) + " bytes"};
    Bytes batch{kBatchVersion};
    base::append(batch, codec::zstd(content));
    if (batch.size() > kMostBatch)
        return Error{DeriveError::too_large, std::to_string(batch.size()) + " bytes, compressed"};
    return batch;
}

Result<Bytes> unpack(BytesView batch) {
    if (batch.size() > kMostBatch) return Error{DeriveError::too_large};
    if (batch.empty() || batch[0] != kBatchVersion)
        return Error{DeriveError::bad_batch, "of an unknown version"};
    return codec::unzstd(batch.subspan(1), kMostContent);
}

Result<BatchBlock> read_block(codec::RlpReader fields) {
    BOOST_OUTCOME_TRY(const auto block, fields.bytes());
    BOOST_OUTCOME_TRY(const auto outcomes, fields.bytes());
    BOOST_OUTCOME_TRY(const auto beacon, fields.bytes());
    BOOST_OUTCOME_TRYV(fields.finish());
    BatchBlock out;
    BOOST_OUTCOME_TRY(out.block, chain::decode_block(block));
    BOOST_OUTCOME_TRY(out.supplement.outcomes, outcome::decode_settled(outcomes));
    if (beacon.empty()) return out;
    if (beacon.size() != crypto::bls::Signature::kSize)
        return Error{DeriveError::bad_batch, "a beacon of another length"};
    out.supplement.beacon = base::from_exact<crypto::bls::Signature>(beacon);
    return out;
}

}  // namespace

Bytes encode_batch_block(const chain::Block& block, const chain::Supplement& supplement) {
    codec::RlpWriter w;
    w.list([&] {
        w.bytes(chain::encode_block(block)).bytes(outcome::encode_settled(supplement.outcomes));
        w.bytes(supplement.beacon ? BytesView{*supplement.beacon} : BytesView{});
    });
    return w.take();
}

Result<Bytes> encode_blocks(std::span<const Bytes> blocks) {
    VALENCE_CHECK(!blocks.empty());
    if (blocks.size() > kMostBlocks)
        return Error{DeriveError::too_large, std::to_string(blocks.size()) + " blocks"};
    codec::RlpWriter w;
    w.list([&] {
        for (const auto& block : blocks)
            w.raw(block);
    });
    return pack(w.view());
}

Result<std::vector<BatchBlock>> decode_blocks(BytesView batch) {
    BOOST_OUTCOME_TRY(const auto content, unpack(batch));
    BOOST_OUTCOME_TRY(auto items, codec::RlpReader::of_list(content));
    std::vector<BatchBlock> blocks;
    while (!items.at_end()) {
        if (blocks.size() == kMostBlocks) return Error{DeriveError::too_large, "too many blocks"};
        BOOST_OUTCOME_TRY(const auto fields, items.list());
        BOOST_OUTCOME_TRY(auto block, read_block(fields));
        if (!blocks.empty() && block.block.header.number != blocks.back().block.header.number + 1)
            return Error{DeriveError::bad_batch, "numbers that do not rise by one"};
        blocks.push_back(std::move(block));
    }
    if (blocks.empty()) return Error{DeriveError::bad_batch, "no blocks"};
    return blocks;
}

Result<Bytes> encode_file(BytesView file) { return pack(file); }

Result<Bytes> decode_file(BytesView batch) { return unpack(batch); }

}  // namespace valence::derive
