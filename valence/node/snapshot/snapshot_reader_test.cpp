// The file of a snapshot as bytes: what is refused for its form alone, and how much can come out of a frame.
#include <random>

#include <gtest/gtest.h>

#include "valence/node/snapshot/testing.hpp"

namespace valence::node::testing {
namespace {

/// A frame of accounts by what is in it.
struct Entry {
    std::uint64_t address = 1;
    std::size_t code_bytes = 0;
    std::uint64_t first_slot = 1;
    std::uint64_t slots = 0;
};
using Frame = std::vector<Entry>;

Bytes encode(const Frame& frame) {
    codec::RlpWriter w;
    w.list([&] {
        w.u64(3);
        for (const auto& entry : frame) {
            w.list([&] {
                w.bytes(base::address_from_number(entry.address)).u64(1).u256(U256{1});
                w.bytes(Bytes(entry.code_bytes, 1));
                w.list([&] {
                    for (std::uint64_t i = 0; i < entry.slots; ++i)
                        w.list([&] { w.u256(U256{entry.first_slot + i}).u256(U256{1}); });
                });
            });
        }
    });
    const auto payload = w.take();
    Bytes bytes;
    for (const int shift : {24, 16, 8, 0})
        bytes.push_back(static_cast<std::uint8_t>(payload.size() >> shift));
    base::append(bytes, payload);
    return bytes;
}

/// How the frames are taken, read one after the other.
Error refusal(const std::vector<Frame>& frames) {
    auto bytes = front_of_file();
    for (const auto& frame : frames)
        base::append(bytes, encode(frame));
    auto reader = reader_of(bytes);
    EXPECT_TRUE(reader.start() && reader.ancestors() && reader.block());
    for (std::size_t i = 0; i < frames.size(); ++i)
        if (const auto read = reader.accounts(); !read) return read.error();
    return {};
}

const Error kTaken;
const Error kMalformed{SnapshotError::malformed};
/// With so many an account of its own fills a frame.
constexpr auto kSlots = (kFullFrame - kAccountWeight + kSlotWeight - 1) / kSlotWeight;

/// However little they take in the file.
TEST(SnapshotFrames, HoldNoMoreThanAWriterPutsIntoThem) {
    EXPECT_EQ(refusal({{{.slots = kSlots}}}), kTaken);
    EXPECT_EQ(refusal({{{.slots = kSlots + 1}}}), kMalformed);
    EXPECT_EQ(refusal({{{.slots = kSlots}, {.address = 2}}}), kMalformed);
    EXPECT_EQ(refusal({{{.code_bytes = kFullFrame}}}), kTaken);
    EXPECT_EQ(refusal({{{.code_bytes = kFullFrame, .slots = 1}}}), kMalformed);
    Frame many;
    while (many.size() * kAccountWeight < kFullFrame)
        many.push_back({.address = many.size() + 1});
    EXPECT_EQ(refusal({many}), kTaken);
    many.push_back({.address = many.size() + 1});
    EXPECT_EQ(refusal({many}), kMalformed);
}

TEST(SnapshotFrames, EndWhereTheyAreFullAndGoOnInTheNext) {
    const Frame full{{.slots = kSlots}};
    EXPECT_EQ(refusal({full, {{.first_slot = kSlots + 1, .slots = 1}}}), kTaken);
    EXPECT_EQ(refusal({full, {{.address = 2}}}), kTaken);
    EXPECT_EQ(refusal({full, {{.first_slot = kSlots + 1}}}), kMalformed) << "goes on with nothing";
    EXPECT_EQ(refusal({full, {{.first_slot = kSlots, .slots = 1}}}), kMalformed) << "a slot twice";
    EXPECT_EQ(refusal({full, {{.code_bytes = 1, .first_slot = kSlots + 1, .slots = 1}}}), kMalformed)
        << "its code comes first";
    EXPECT_EQ(refusal({{{.slots = 1}}, {{.address = 2}}}), kMalformed) << "before it was full";
    EXPECT_EQ(refusal({{{.address = 2}, {.address = 1}}}), kMalformed) << "out of order";
    EXPECT_EQ(refusal({{{.address = 1}, {.address = 1, .slots = 1}}}), kMalformed) << "an account twice";
    EXPECT_EQ(refusal({{}}), kMalformed) << "nothing in it";
}

TEST(SnapshotFrames, AreNoLargerThanTheirKindAllows) {
    const auto length_alone = [](std::uint32_t size, std::size_t follow) {
        Bytes bytes;
        for (const int shift : {24, 16, 8, 0})
            bytes.push_back(static_cast<std::uint8_t>(size >> shift));
        bytes.resize(4 + follow, 0xc0);
        return bytes;
    };
    const Error unknown{SnapshotError::unknown_format};
    EXPECT_EQ(reader_of(length_alone(0xffffffff, 100)).start().error(), unknown);
    EXPECT_EQ(reader_of(length_alone(100, 99)).start().error(), unknown);
    EXPECT_EQ(reader_of(length_alone(1'025, 1'025)).start().error(), unknown);

    auto bytes = front_of_file();
    base::append(bytes, length_alone((16 << 20) + 1, (16 << 20) + 1));
    auto reader = reader_of(bytes);
    ASSERT_TRUE(reader.start() && reader.ancestors() && reader.block());
    EXPECT_EQ(reader.accounts().error(), kMalformed);
}

/// One file for one state, and no bytes that are not part of it; the same property as the fuzzer's.
TEST(SnapshotFile, IsWhatIsWrittenForWhatItHolds) {
    for (const auto& file : {small_file(), file_of_several_frames()}) {
        const auto again = rewritten(file);
        ASSERT_TRUE(again) << again.error().message();
        EXPECT_EQ(again.value(), file);
    }
}

TEST(SnapshotFile, CutAnywhereIsRefused) {
    const auto file = small_file();
    for (std::size_t size = 0; size < file.size(); ++size)
        EXPECT_FALSE(rewritten(BytesView{file}.first(size))) << size;
    auto longer = file;
    longer.push_back(0);
    EXPECT_FALSE(rewritten(longer));
}

/// Bytes changed, cut out, doubled: what the fuzzer does, for a moment.
TEST(SnapshotFile, DamagedAnywhereIsRefusedOrAnother) {
    std::mt19937_64 random(66);
    const auto below = [&](std::size_t limit) { return static_cast<std::ptrdiff_t>(random() % limit); };
    const auto right = small_file();
    std::size_t taken = 0;
    for (int i = 0; i < 50'000; ++i) {
        auto bytes = right;
        for (auto changes = 1 + below(3); changes > 0; --changes) {
            const auto at = bytes.begin() + below(bytes.size());
            const auto count = std::min<std::ptrdiff_t>(bytes.end() - at, 1 + below(40));
            switch (below(4)) {
                case 0:
                    *at ^= static_cast<std::uint8_t>(1 << below(8));
                    break;
                case 1:
                    *at = static_cast<std::uint8_t>(random());
                    break;
                case 2:
                    if (count < std::ssize(bytes)) bytes.erase(at, at + count);
                    break;
                default: {
                    const Bytes part(at, at + count);
                    bytes.insert(at, part.begin(), part.end());
                }
            }
        }
        const auto again = rewritten(bytes);
        if (!again) continue;
        ++taken;
        ASSERT_EQ(again.value(), bytes) << i;
    }
    EXPECT_GT(taken, 0u) << "a balance, say, has no form to break";
}

}  // namespace
}  // namespace valence::node::testing
