#include "valence/derive/batch.hpp"

#include <gtest/gtest.h>

#include "valence/codec/rlp.hpp"
#include "valence/codec/zstd.hpp"
#include "valence/derive/testing.hpp"

namespace valence::derive {
namespace {

using namespace testing;

outcome::Settled proved(Bytes proof) {
    outcome::Settled settled;
    settled.job.mode = outcome::Mode::zk;
    settled.outcome.evidence = outcome::ZkEvidence{std::move(proof)};
    return settled;
}

Bytes batch_with(BytesView content) {
    Bytes batch{kBatchVersion};
    base::append(batch, codec::zstd(content));
    return batch;
}

/// The batch of these proofs and these blocks' parts, as they are.
Bytes content_of(const std::vector<Bytes>& proofs, const std::vector<Bytes>& blocks) {
    codec::RlpWriter w;
    w.list([&] {
        w.list([&] {
            for (const auto& proof : proofs)
                w.bytes(proof);
        });
        w.list([&] {
            for (const auto& block : blocks)
                w.raw(block);
        });
    });
    return batch_with(w.view());
}

/// A block's part with so many proved outcomes, whose proofs have these places.
Bytes part_of(std::uint64_t number, std::size_t outcomes, const std::vector<std::uint64_t>& places) {
    codec::RlpWriter w;
    w.list([&] {
        w.bytes(chain::encode_block(block(number).block));
        w.bytes(outcome::encode_settled(std::vector<outcome::Settled>(outcomes, proved({}))));
        w.list([&] {
            for (const auto place : places)
                w.u64(place);
        });
        w.bytes({});
    });
    return w.take();
}

TEST(Batch, HoldsWholeBlocks) {
    std::vector<BatchBlock> blocks{block(7), block(8), block(9)};
    blocks[1].supplement.beacon = sequencer().sign(base::as_bytes("8"), "test");
    const auto again = decode_blocks(batch_of(blocks));
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(again.value(), blocks);
}

TEST(Batch, HoldsAProofOnceThatSeveralBlocksUse) {
    const auto proof = noise(100'000);
    std::vector<BatchBlock> blocks{block(1), block(2), block(3)};
    for (auto& one : blocks)
        one.supplement.outcomes = {proved(proof), proved(noise(500))};
    const auto batch = batch_of(blocks);
    EXPECT_LT(batch.size(), 110'000U);
    const auto again = decode_blocks(batch);
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(again.value(), blocks);
}

TEST(Batch, CountsAProofAsOftenAsItIsUsed) {
    // 2,000 times a mebibyte of zeros: some kilobytes as they are posted.
    const std::vector<std::uint64_t> places(2'000, 0);
    const auto bomb = content_of({Bytes(std::size_t{1} << 20)}, {part_of(1, places.size(), places)});
    EXPECT_LT(bomb.size(), 10'000U);
    EXPECT_EQ(decode_blocks(bomb).error(), Error{DeriveError::too_large});
    BatchWriter writer;
    auto large = block(1);
    large.supplement.outcomes.assign(200, proved(Bytes(std::size_t{1} << 20)));
    writer.add(large.block, large.supplement);
    EXPECT_EQ(writer.pack().error(), Error{DeriveError::too_large});
}

TEST(Batch, RefusesProofsOutOfPlace) {
    const std::vector<Bytes> proofs{noise(10), noise(20)};
    EXPECT_TRUE(decode_blocks(content_of(proofs, {part_of(1, 3, {0, 1, 0})})));
    const auto refused = [&](const std::vector<Bytes>& listed, const Bytes& part) {
        EXPECT_FALSE(decode_blocks(content_of(listed, {part})));
    };
    refused(proofs, part_of(1, 2, {1, 0}));     // not by first use
    refused(proofs, part_of(1, 1, {0}));        // one that nothing uses
    refused(proofs, part_of(1, 3, {0, 1, 2}));  // one that is not there
    refused(proofs, part_of(1, 3, {0, 1}));     // an outcome without
    refused(proofs, part_of(1, 2, {0, 1, 0}));  // a place without an outcome
    refused({noise(10), noise(10)}, part_of(1, 2, {0, 1}));
}

TEST(Batch, RefusesAnUnknownVersion) {
    auto batch = batch_of(std::vector{block(1)});
    batch[0] = 2;
    EXPECT_EQ(decode_blocks(batch).error(), Error{DeriveError::bad_batch});
    EXPECT_EQ(decode_blocks({}).error(), Error{DeriveError::bad_batch});
}

TEST(Batch, RefusesNumbersWithAGap) {
    EXPECT_EQ(decode_blocks(batch_of(std::vector{block(1), block(3)})).error(),
              Error{DeriveError::bad_batch});
    EXPECT_EQ(decode_blocks(batch_of(std::vector{block(2), block(2)})).error(),
              Error{DeriveError::bad_batch});
}

TEST(Batch, RefusesNoBlocks) {
    EXPECT_EQ(decode_blocks(content_of({}, {})).error(), Error{DeriveError::bad_batch});
}

TEST(Batch, RefusesAZstdBomb) {
    const auto bomb = batch_with(Bytes(kMostContent + 1));
    EXPECT_LT(bomb.size(), 100'000U);
    EXPECT_EQ(decode_blocks(bomb).error(), Error{codec::ZstdError::too_large});
    EXPECT_EQ(decode_file(bomb).error(), Error{codec::ZstdError::too_large});
}

TEST(Batch, RefusesAnRlpBomb) {
    // Lists that say to be longer than what there is, and nested ones.
    EXPECT_FALSE(decode_blocks(batch_with(Bytes{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})));
    EXPECT_FALSE(decode_blocks(batch_with(Bytes(1'000'000, 0xc1))));
    // Many empty blocks.
    codec::RlpWriter w;
    w.list([&] {
        for (int i = 0; i < 1'000'000; ++i)
            w.raw(Bytes{0xc0});
    });
    EXPECT_FALSE(decode_blocks(batch_with(w.view())));
    EXPECT_FALSE(decode_blocks(content_of({}, std::vector<Bytes>(100'000, Bytes{0xc0}))));
}

TEST(Batch, RefusesABeaconOfAnotherLength) {
    codec::RlpWriter w;
    w.list([&] {
        w.bytes(chain::encode_block(block(1).block)).bytes(outcome::encode_settled({}));
        w.list([] {});
        w.bytes(Bytes(47, 1));
    });
    EXPECT_EQ(decode_blocks(content_of({}, {w.take()})).error(), Error{DeriveError::bad_batch});
}

TEST(Batch, RefusesATooLargeBlockToBePosted) {
    auto huge = block(1);
    huge.block.header.extra_data = Bytes(kMostContent + 1);
    EXPECT_EQ(encode_blocks(std::vector{huge}).error(), Error{DeriveError::too_large});
}

TEST(Batch, HoldsAFile) {
    const auto file = noise(100'000);
    const auto again = decode_file(encode_file(file).value());
    ASSERT_TRUE(again);
    EXPECT_EQ(again.value(), file);
}

/// What nodes serve to nobody must not count as posted, however well it can be compressed.
TEST(Batch, HoldsNoFileThatNodesDoNotServe) {
    const Bytes largest(kMostFile);
    EXPECT_TRUE(decode_file(encode_file(largest).value()));
    const Bytes larger(kMostFile + 1);
    EXPECT_EQ(encode_file(larger).error(), Error{DeriveError::too_large});
    EXPECT_EQ(decode_file(batch_with(larger)).error(), Error{codec::ZstdError::too_large});
}

}  // namespace
}  // namespace valence::derive
