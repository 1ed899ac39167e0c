#include <gtest/gtest.h>

#include "valence/derive/derive_error.hpp"
#include "valence/derive/testing.hpp"

namespace valence::derive {
namespace {

using namespace testing;

const auto kKey = *crypto::bls::Verifier::of(sequencer().public_key());

struct Cut {
    Bytes batch;
    BatchHead head;
    std::vector<Bytes> blobs;
};
/// Of several pieces.
Cut large_file() {
    Cut out;
    out.batch = encode_file(noise(2 * kMostPart + 1'000)).value();
    out.head = head_of(out.batch, BatchKind::file, 0, 0);
    out.blobs = cut(out.batch, out.head, kGenesis, sequencer());
    return out;
}

TEST(Piece, ComesBackAsItWasCut) {
    const auto file = large_file();
    ASSERT_EQ(file.blobs.size(), 3U);
    Bytes joined;
    for (std::size_t i = 0; i < file.blobs.size(); ++i) {
        const auto piece = open_piece(file.blobs[i], kGenesis, kKey);
        ASSERT_TRUE(piece) << piece.error().message();
        EXPECT_EQ(piece.value().head, file.head);
        EXPECT_EQ(piece.value().index, i);
        base::append(joined, piece.value().part);
    }
    EXPECT_EQ(joined, file.batch);
}

TEST(Piece, OfAnotherSignerIsForeign) {
    const auto blobs = blobs_of(std::vector{block(1)}, somebody());
    EXPECT_EQ(open_piece(blobs[0], kGenesis, kKey).error(), Error{DeriveError::foreign});
}

TEST(Piece, OfAnotherChainIsForeign) {
    const auto blobs = blobs_of(std::vector{block(1)});
    EXPECT_EQ(open_piece(blobs[0], Hash{}, kKey).error(), Error{DeriveError::foreign});
}

TEST(Piece, NoByteOfItCanBeChanged) {
    const auto blob = blobs_of(std::vector{block(1)})[0];
    for (std::size_t i = 0; i < blob.size(); i += 7) {
        auto changed = blob;
        changed[i] ^= 1;
        EXPECT_FALSE(open_piece(changed, kGenesis, kKey)) << i;
    }
    for (std::size_t size = 0; size < blob.size(); size += 5)
        EXPECT_FALSE(open_piece(BytesView{blob}.first(size), kGenesis, kKey)) << size;
}

Result<std::optional<AssembledBatch>> add(Assembler& assembler, BytesView blob) {
    return assembler.add(parse_piece(blob).value());
}

TEST(Assembler, TakesPiecesInAnyOrderAndMoreThanOnce) {
    const auto file = large_file();
    Assembler assembler;
    for (const std::size_t i : {2, 0, 2, 0}) {
        const auto none = add(assembler, file.blobs[i]);
        ASSERT_TRUE(none);
        EXPECT_FALSE(none.value());
    }
    ASSERT_EQ(assembler.open().size(), 1U);
    const auto whole = add(assembler, file.blobs[1]);
    ASSERT_TRUE(whole && whole.value());
    EXPECT_EQ(whole.value()->bytes, file.batch);
    EXPECT_TRUE(assembler.open().empty());
}

TEST(Assembler, RefusesPiecesThatContradictEachOther) {
    const auto file = large_file();
    Assembler assembler;
    ASSERT_TRUE(add(assembler, file.blobs[0]));
    auto other = parse_piece(file.blobs[0]).value();
    other.part[5] ^= 1;
    EXPECT_EQ(assembler.add(other).error(), Error{DeriveError::contradictory});
    auto head = parse_piece(file.blobs[1]).value();
    head.head.kind = BatchKind::blocks;
    EXPECT_EQ(assembler.add(head).error(), Error{DeriveError::contradictory});
}

TEST(Assembler, RefusesABatchOfAnotherHash) {
    auto piece = parse_piece(blobs_of(std::vector{block(1)})[0]).value();
    piece.head.hash[0] ^= 1;
    EXPECT_EQ(Assembler{}.add(piece).error(), Error{DeriveError::bad_batch});
}

TEST(Assembler, HoldsABoundedNumberOfUnfinishedBatches) {
    Assembler assembler;
    auto piece = parse_piece(large_file().blobs[2]).value();
    for (std::size_t i = 0; i < 2 * Assembler::kMostOpen; ++i) {
        piece.head.hash[0] = static_cast<std::uint8_t>(i);
        ASSERT_TRUE(assembler.add(piece));
    }
    EXPECT_EQ(assembler.open().size(), Assembler::kMostOpen);
    EXPECT_EQ(assembler.open().back().hash, piece.head.hash);
}

}  // namespace
}  // namespace valence::derive
