#include "valence/derive/derivation.hpp"

#include <gtest/gtest.h>

#include "valence/derive/testing.hpp"
#include "valence/ml/model/vmodel.hpp"
#include "valence/outcome/testing/tiny_model.hpp"

namespace valence::derive {
namespace {

using namespace testing;

/// Takes every block whose version is not 99 for valid.
class Deriver {
public:
    Derivation derivation{{kGenesis, *crypto::bls::Verifier::of(sequencer().public_key()), 1,
                           [this](std::uint64_t number) { return hash_of(number); }}};
    std::vector<Candidate> chain;
    std::vector<Finding> findings;

    void post(const std::vector<Bytes>& blobs) {
        const std::vector<BytesView> views(blobs.begin(), blobs.end());
        derivation.take({++height_, {}, 0}, views);
        while (const auto* candidate = derivation.current()) {
            if (candidate->content.block.header.extra_data[0] == 99) {
                derivation.refuse("state root wrong");
                continue;
            }
            chain.push_back(*candidate);
            derivation.accept();
        }
        for (auto& finding : derivation.take_findings())
            findings.push_back(std::move(finding));
    }
    void post(const std::vector<BatchBlock>& blocks) { post(blobs_of(blocks)); }
    std::vector<FindingKind> kinds() const {
        std::vector<FindingKind> out;
        for (const auto& finding : findings)
            out.push_back(finding.kind);
        return out;
    }

private:
    std::optional<Hash> hash_of(std::uint64_t number) const {
        if (number == 0 || number > chain.size()) return std::nullopt;
        return chain[number - 1].hash;
    }
    std::uint64_t height_ = 0;
};

TEST(Derivation, GivesBlocksInTheirOrder) {
    Deriver deriver;
    auto blobs = blobs_of(std::vector{block(3), block(4)});
    blobs.push_back(blobs_of(std::vector{block(1), block(2)})[0]);
    deriver.post(blobs);
    ASSERT_EQ(deriver.chain.size(), 4U);
    EXPECT_EQ(deriver.chain[1].place, (Place{1, 1}));
    EXPECT_EQ(deriver.chain[2].place, (Place{1, 0}));
    EXPECT_EQ(deriver.chain[3].content, block(4));
    EXPECT_TRUE(deriver.findings.empty());
}

TEST(Derivation, DropsWhatOthersWrite) {
    Deriver deriver;
    std::vector<Bytes> blobs{noise(100), {}, blobs_of(std::vector{block(1, 5)}, somebody())[0]};
    blobs.push_back(blobs_of(std::vector{block(1)})[0]);
    deriver.post(blobs);
    ASSERT_EQ(deriver.chain.size(), 1U);
    EXPECT_EQ(deriver.chain[0].content, block(1));
    EXPECT_EQ(deriver.kinds(), std::vector(3, FindingKind::foreign_blob));
    EXPECT_EQ(deriver.findings[2].place, (Place{1, 2}));
}

TEST(Derivation, TheFirstValidVersionWins) {
    Deriver deriver;
    deriver.post({block(1, 99)});
    deriver.post({block(1, 1)});
    deriver.post({block(1, 2)});
    ASSERT_EQ(deriver.chain.size(), 1U);
    EXPECT_EQ(deriver.chain[0].content, block(1, 1));
    EXPECT_EQ(deriver.kinds(), (std::vector{FindingKind::invalid_block, FindingKind::second_version}));
    EXPECT_EQ(deriver.findings[0].number, 1);
    EXPECT_EQ(deriver.findings[1].place, (Place{3, 0}));
}

TEST(Derivation, ASecondVersionInTheSameHeightIsFound) {
    Deriver deriver;
    auto blobs = blobs_of(std::vector{block(1, 1)});
    blobs.push_back(blobs_of(std::vector{block(1, 2)})[0]);
    deriver.post(blobs);
    EXPECT_EQ(deriver.kinds(), std::vector{FindingKind::second_version});
}

TEST(Derivation, TheSameAgainIsNothing) {
    Deriver deriver;
    deriver.post({block(1)});
    deriver.post({block(1)});
    deriver.post({block(1), block(2)});
    EXPECT_EQ(deriver.chain.size(), 2U);
    EXPECT_TRUE(deriver.findings.empty());
}

TEST(Derivation, AGapIsMissing) {
    Deriver deriver;
    deriver.post({block(1)});
    deriver.post({block(3)});
    EXPECT_EQ(deriver.chain.size(), 1U);
    const auto missing = deriver.derivation.missing();
    ASSERT_EQ(missing.size(), 1U);
    EXPECT_EQ(missing[0].number, 2);
    EXPECT_EQ(missing[0].place, (Place{2, 0}));
}

TEST(Derivation, NoBlockIsKeptForALaterHeight) {
    Deriver deriver;
    deriver.post({block(2)});
    deriver.post({block(1)});
    EXPECT_EQ(deriver.chain.size(), 1U);
    EXPECT_EQ(deriver.kinds(), std::vector{FindingKind::missing});
    deriver.post({block(2)});
    EXPECT_EQ(deriver.chain.size(), 2U);
}

TEST(Derivation, ABatchIsWhereItsLastPieceIs) {
    Deriver deriver;
    auto large = block(1);
    large.block.header.extra_data = noise(kMostPart + 1);
    const auto pieces = blobs_of(std::vector{large});
    ASSERT_EQ(pieces.size(), 2U);
    deriver.post(std::vector<Bytes>{pieces[0]});
    deriver.post(std::vector<Bytes>{});
    deriver.post(std::vector<Bytes>{pieces[1]});
    ASSERT_EQ(deriver.chain.size(), 1U);
    EXPECT_EQ(deriver.chain[0].place, (Place{3, 0}));
    EXPECT_TRUE(deriver.findings.empty());
}

TEST(Derivation, PiecesThatStrangersPostAgainAreNotMissing) {
    Deriver deriver;
    auto large = block(1);
    large.block.header.extra_data = noise(kMostPart + 1);
    const auto pieces = blobs_of(std::vector{large});
    deriver.post(pieces);
    ASSERT_EQ(deriver.chain.size(), 1U);
    deriver.post(std::vector<Bytes>{pieces[0]});
    EXPECT_TRUE(deriver.derivation.missing().empty());
    // Of a batch that never was whole they are.
    auto next = block(2);
    next.block.header.extra_data = noise(kMostPart + 1);
    deriver.post(std::vector<Bytes>{blobs_of(std::vector{next})[1]});
    EXPECT_EQ(deriver.derivation.missing().size(), 1U);
}

TEST(Derivation, PiecesOfAFileThatStrangersPostAgainAreNotMissing) {
    Deriver deriver;
    const auto batch = encode_file(noise(kMostPart + 1)).value();
    const auto pieces = cut(batch, head_of(batch, BatchKind::file, 0, 0), kGenesis, sequencer());
    ASSERT_EQ(pieces.size(), 2U);
    deriver.post(pieces);
    EXPECT_TRUE(deriver.derivation.take_file());
    deriver.post(std::vector<Bytes>{pieces[1]});
    EXPECT_TRUE(deriver.derivation.missing().empty());
    deriver.post(pieces);
    EXPECT_FALSE(deriver.derivation.take_file()) << "it was there";
}

TEST(Derivation, FilesAreTakenAheadOfBlocks) {
    Deriver deriver;
    const auto file = noise(kMostPart + 1);
    const auto batch = encode_file(file).value();
    auto blobs = cut(batch, head_of(batch, BatchKind::file, 0, 0), kGenesis, sequencer());
    blobs.push_back(blobs_of(std::vector{block(1)})[0]);
    const std::vector<BytesView> views(blobs.begin(), blobs.end());
    deriver.derivation.take_files(1, views);
    EXPECT_EQ(deriver.derivation.current(), nullptr);
    EXPECT_EQ(deriver.derivation.take_file()->bytes, file);
    deriver.post(blobs);
    EXPECT_EQ(deriver.chain.size(), 1U);
    EXPECT_TRUE(deriver.derivation.take_file()) << "when it has its turn it is there, whoever looked before";
    EXPECT_TRUE(deriver.findings.empty());
}

TEST(Derivation, StrangersDoNotHideWhatTheSequencerDid) {
    Deriver deriver;
    std::vector<Bytes> blobs(Derivation::kMostFindings + 1, Bytes{1});
    const Bytes no_batch(100, 7);
    blobs.push_back(cut(no_batch, head_of(no_batch, BatchKind::blocks, 1, 1), kGenesis, sequencer())[0]);
    deriver.post(blobs);
    ASSERT_EQ(deriver.findings.size(), Derivation::kMostFindings + 1);
    EXPECT_EQ(deriver.findings.back().kind, FindingKind::bad_batch);
}

/// Almost 60 MiB of a few bytes: whoever signs them has others hold no more than a bound in one height.
TEST(Derivation, ManyBombsInOneHeightAreRefused) {
    Deriver deriver;
    std::vector<Bytes> blobs;
    constexpr auto kSize = (std::size_t{60} << 20) - 4'096;
    constexpr auto kFit = Derivation::kMostUnpacked / kSize;
    for (std::uint8_t version = 0; version <= kFit; ++version) {
        auto bomb = block(2, version);
        bomb.block.header.extra_data.resize(kSize);
        blobs.push_back(blobs_of(std::vector{bomb})[0]);
        // Posted again it is the same one.
        blobs.push_back(blobs.back());
    }
    deriver.post(blobs);
    EXPECT_EQ(deriver.kinds(), std::vector{FindingKind::bad_batch});
    EXPECT_EQ(deriver.findings[0].place, (Place{1, 2 * kFit}));
}

TEST(Derivation, GivesFilesBesides) {
    Deriver deriver;
    const auto file = noise(1'000);
    const auto batch = encode_file(file).value();
    deriver.post(cut(batch, head_of(batch, BatchKind::file, 0, 0), kGenesis, sequencer()));
    const auto posted = deriver.derivation.take_file();
    ASSERT_TRUE(posted);
    EXPECT_EQ(posted->bytes, file);
    EXPECT_FALSE(deriver.derivation.take_file());
}

/// The blobs of a batch with this file.
std::vector<Bytes> file_blobs(BytesView file) {
    const auto batch = encode_file(file).value();
    return cut(batch, head_of(batch, BatchKind::file, 0, 0), kGenesis, sequencer());
}

TEST(Derivation, AFileIsPostedWithTheHeightOfItsLastPiece) {
    Deriver deriver;
    auto graph = outcome::testing::tiny_graph();
    const auto blobs = file_blobs(ml::encode_model(graph));
    const auto id = ml::model_id(graph);
    const std::vector<BytesView> views(blobs.begin(), blobs.end());
    // Looked at before its turn: others do not.
    deriver.derivation.take_files(2, views);
    EXPECT_TRUE(deriver.derivation.take_file());
    EXPECT_EQ(deriver.derivation.posted(id), nullptr);
    deriver.post(std::vector<Bytes>{});
    EXPECT_EQ(deriver.derivation.posted(id), nullptr);
    deriver.post(blobs);
    ASSERT_NE(deriver.derivation.posted(id), nullptr);
    EXPECT_EQ(deriver.derivation.posted(id)->place, (Place{2, 0}));
    deriver.post(blobs);
    EXPECT_EQ(deriver.derivation.posted(id)->place, (Place{2, 0})) << "again, by somebody else";
    EXPECT_TRUE(deriver.findings.empty());
}

TEST(Derivation, FilesThatStrangersPostAgainTakeNoRoomFromOthers) {
    Deriver deriver;
    const auto pieces_of = [](std::uint8_t version) {
        auto file = noise(kMostPart + 1);
        file[0] = version;
        return file_blobs(file);
    };
    std::vector<Bytes> again;
    for (std::uint8_t version = 1; version <= Assembler::kMostOpen; ++version) {
        const auto pieces = pieces_of(version);
        ASSERT_EQ(pieces.size(), 2U);
        again.push_back(pieces[1]);
        deriver.post(pieces);
        EXPECT_TRUE(deriver.derivation.take_file());
    }
    const auto pieces = pieces_of(0);
    deriver.post(std::vector<Bytes>{pieces[0]});
    deriver.post(again);
    deriver.post(std::vector<Bytes>{pieces[1]});
    EXPECT_TRUE(deriver.derivation.take_file());
    EXPECT_TRUE(deriver.findings.empty());
}

/// A few kilobytes each that unpack to 60 MiB.
TEST(Derivation, ManyBombsOfFilesInOneHeightAreRefused) {
    Deriver deriver;
    constexpr auto kSize = std::size_t{60} << 20;
    constexpr auto kFit = Derivation::kMostUnpacked / kSize;
    std::vector<Bytes> blobs;
    for (std::uint8_t version = 0; version <= kFit; ++version)
        blobs.push_back(file_blobs(Bytes(kSize, version))[0]);
    deriver.post(blobs);
    EXPECT_EQ(deriver.kinds(), std::vector{FindingKind::bad_batch});
    EXPECT_EQ(deriver.findings[0].place, (Place{1, kFit}));
}

}  // namespace
}  // namespace valence::derive
