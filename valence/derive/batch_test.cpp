#include "valence/derive/batch.hpp"

#include <gtest/gtest.h>

#include "valence/codec/rlp.hpp"
#include "valence/codec/zstd.hpp"
#include "valence/derive/testing.hpp"

namespace valence::derive {
namespace {

using namespace testing;

Bytes batch_with(BytesView content) {
    Bytes batch{kBatchVersion};
    base::append(batch, codec::zstd(content));
    return batch;
}

TEST(Batch, HoldsWholeBlocks) {
    std::vector<BatchBlock> blocks{block(7), block(8), block(9)};
    blocks[1].supplement.beacon = sequencer().sign(base::as_bytes("8"), "test");
    const auto again = decode_blocks(batch_of(blocks));
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(again.value(), blocks);
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
    EXPECT_EQ(decode_blocks(batch_with(Bytes{0xc0})).error(), Error{DeriveError::bad_batch});
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
}

TEST(Batch, RefusesABeaconOfAnotherLength) {
    codec::RlpWriter w;
    w.list([&] {
        w.list([&] {
            w.bytes(chain::encode_block(block(1).block))
                .bytes(outcome::encode_settled({}))
                .bytes(Bytes(47, 1));
        });
    });
    EXPECT_EQ(decode_blocks(batch_with(w.view())).error(), Error{DeriveError::bad_batch});
}

TEST(Batch, RefusesATooLargeBlockToBePosted) {
    const std::vector<Bytes> huge{Bytes(kMostContent + 1)};
    EXPECT_EQ(encode_blocks(huge).error(), Error{DeriveError::too_large});
}

TEST(Batch, HoldsAFile) {
    const auto file = noise(100'000);
    const auto again = decode_file(encode_file(file).value());
    ASSERT_TRUE(again);
    EXPECT_EQ(again.value(), file);
}

}  // namespace
}  // namespace valence::derive
