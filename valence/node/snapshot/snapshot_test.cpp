#include <fstream>

#include "valence/codec/rlp.hpp"
#include "valence/node/inference_fixture.hpp"
#include "valence/node/snapshot/export_snapshot.hpp"
#include "valence/node/snapshot/import_snapshot.hpp"
#include "valence/node/snapshot/testing.hpp"

namespace valence::node::testing {
namespace {

/// A frame of a snapshot's file.
using Frame = Bytes;

class SnapshotTest : public NodeInference {
protected:
    NodeConfig in(const char* name) const {
        auto made = config();
        made.folder = folder / name;
        made.mining = ManualMining{};
        // Slots enough for several frames.
        auto& account = made.genesis.accounts[base::address_from_number(0x51075)];
        account.nonce = 1;
        account.code = {0x00};
        for (std::uint64_t slot = 1; slot <= 20'000; ++slot)
            account.storage[U256{slot * 0x9e3779b97f4a7c15}] = U256{slot};
        return made;
    }
    /// A chain of some blocks, one with an inference; what its head is.
    sequencer::SharedBlock make_chain() {
        const auto node = DevChain::open(in("from"));
        EXPECT_TRUE(submit(*node, dev.transfer(1, 0)));
        EXPECT_TRUE(node->mine(3));
        EXPECT_TRUE(submit(*node, asking(0, 0, infer(3, 1))));
        EXPECT_TRUE(mine_all(*node));
        EXPECT_TRUE(submit(*node, dev.transfer(1, 1)));
        EXPECT_TRUE(node->mine());
        return node->chain().head().block;
    }
    Result<SnapshotInfo> import_into(const char* name, const Hash& trusted) const {
        return import_snapshot(in(name).genesis, folder / name, file, trusted);
    }

    Bytes file_bytes() const {
        std::ifstream from(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(from), {}};
    }
    std::vector<Frame> frames() const {
        const auto bytes = file_bytes();
        std::vector<Frame> list;
        for (std::size_t at = 0; at < bytes.size();) {
            const auto size = std::size_t{bytes[at]} << 24 | std::size_t{bytes[at + 1]} << 16 |
                              std::size_t{bytes[at + 2]} << 8 | bytes[at + 3];
            list.emplace_back(bytes.begin() + static_cast<std::ptrdiff_t>(at + 4),
                              bytes.begin() + static_cast<std::ptrdiff_t>(at + 4 + size));
            at += 4 + size;
        }
        return list;
    }
    void write(const std::vector<Frame>& list, BytesView after = {}) const {
        Bytes bytes;
        for (const auto& frame : list) {
            for (const int shift : {24, 16, 8, 0})
                bytes.push_back(static_cast<std::uint8_t>(frame.size() >> shift));
            base::append(bytes, frame);
        }
        base::append(bytes, after);
        write_bytes(bytes);
    }
    void write_bytes(BytesView bytes) const {
        std::ofstream to(file, std::ios::binary | std::ios::trunc);
        to.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    }
    /// How a changed file is refused.
    Error refusal(const std::vector<Frame>& list, BytesView after = {}) const {
        write(list, after);
        const auto imported = import_into("refused", head->hash);
        return imported ? Error{} : imported.error();
    }

    const TestFolder own_folder;
    const std::filesystem::path& folder = own_folder.path();
    const std::filesystem::path file = folder / "file";
    sequencer::SharedBlock head = make_chain();
};

TEST_F(SnapshotTest, StartsANodeThatGoesOnFromThere) {
    const auto exported = export_snapshot(folder / "from", file);
    ASSERT_TRUE(exported) << exported.error().message();
    EXPECT_EQ(exported.value().hash, head->hash);
    EXPECT_GE(exported.value().slots, 20'000u);
    EXPECT_GT(frames().size(), 5u) << "the large account takes several";
    EXPECT_EQ(read_snapshot_info(file).value().number, head->number());

    const auto imported = import_into("to", head->hash);
    ASSERT_TRUE(imported) << imported.error().message();
    const auto from = DevChain::open(in("from"));
    const auto to = DevChain::open(in("to"));
    EXPECT_EQ(to->chain().head().block->hash, head->hash);
    EXPECT_EQ(to->chain().block_hash(0), from->chain().block_hash(0));
    EXPECT_EQ(to->chain().block_hash(1), from->chain().block_hash(1)) << "an ancestor's hash";
    EXPECT_EQ(to->chain().block(1), nullptr) << "and no more of it";
    EXPECT_EQ(to->chain().head().block->receipts, head->receipts);
    EXPECT_EQ(balance(*to, dev.accounts[0].address), balance(*from, dev.accounts[0].address));

    ASSERT_TRUE(submit(*from, asking(0, 1, infer(4, 1))));
    ASSERT_TRUE(mine_all(*from));
    for (auto number = head->number() + 1; number <= from->chain().head_number(); ++number) {
        const auto done = import(*to, *from->chain().block(number));
        ASSERT_TRUE(done) << done.error().message();
    }
    EXPECT_EQ(to->chain().head().block->hash, from->chain().head().block->hash);
    EXPECT_FALSE(to->unwind(to->chain().head_number())) << "there is nothing before it to go back to";
}

TEST_F(SnapshotTest, IsTheSameForTheSameBlockLater) {
    ASSERT_TRUE(export_snapshot(folder / "from", file));
    const auto before = frames();
    ASSERT_TRUE(DevChain::open(in("from"))->mine(2));
    ASSERT_TRUE(export_snapshot(folder / "from", file, head->number()));
    EXPECT_EQ(frames(), before);
    EXPECT_EQ(export_snapshot(folder / "from", file, head->number() + 9).error(),
              Error{SnapshotError::nothing_to_export});
    EXPECT_EQ(export_snapshot(folder / "nothing", file).error(), Error{SnapshotError::nothing_to_export});
    // Nor does it take the place of what is no file.
    const auto special = folder / "a folder";
    std::filesystem::create_directory(special);
    EXPECT_EQ(export_snapshot(folder / "from", special).error(), Error{SnapshotError::io});
    EXPECT_TRUE(std::filesystem::is_directory(special));
}

TEST_F(SnapshotTest, OfTheGenesisStartsANode) {
    ASSERT_TRUE(export_snapshot(folder / "from", file, 0));
    const auto genesis = read_snapshot_info(file).value();
    EXPECT_EQ(genesis.hash, genesis.genesis_hash);
    const auto imported = import_into("to", genesis.hash);
    ASSERT_TRUE(imported) << imported.error().message();
    const auto from = DevChain::open(in("from"));
    const auto to = DevChain::open(in("to"));
    ASSERT_TRUE(import(*to, *from->chain().block(1)));
    EXPECT_EQ(to->chain().head().block->hash, from->chain().block_hash(1));
}

TEST_F(SnapshotTest, LeavesAFolderAloneThatHasAChain) {
    ASSERT_TRUE(export_snapshot(folder / "from", file));
    EXPECT_EQ(import_into("from", head->hash).error(), Error{SnapshotError::folder_in_use});
    // The same number, of another chain with the same genesis.
    auto other = in("other");
    other.coinbase = dev.accounts[1].address;
    ASSERT_TRUE(DevChain::open(other)->mine(head->number() + 1));
    EXPECT_EQ(import_into("other", head->hash).error(), Error{SnapshotError::other_block});
}

TEST_F(SnapshotTest, OfAnotherBlockOrChainIsRefused) {
    ASSERT_TRUE(export_snapshot(folder / "from", file));
    EXPECT_EQ(import_into("refused", Hash{{1}}).error(), Error{SnapshotError::other_block});
    auto other = in("refused").genesis;
    other.timestamp += 1;
    EXPECT_EQ(import_snapshot(other, folder / "refused", file, head->hash).error(),
              Error{SnapshotError::other_genesis});
}

TEST_F(SnapshotTest, ThatIsHostileIsRefusedByName) {
    ASSERT_TRUE(export_snapshot(folder / "from", file));
    const auto right = frames();
    const auto last = right.size() - 1;
    EXPECT_EQ(refusal({}), Error{SnapshotError::unknown_format});
    EXPECT_EQ(refusal({right.begin(), right.end() - 1}), Error{SnapshotError::malformed});
    EXPECT_EQ(refusal(right, Bytes{0}), Error{SnapshotError::malformed});
    const auto without = [&](std::size_t frame) {
        auto changed = right;
        changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(frame));
        return refusal(changed);
    };
    EXPECT_EQ(without(1), Error{SnapshotError::malformed});
    EXPECT_EQ(without(2), Error{SnapshotError::malformed});
    EXPECT_EQ(without(3), Error{SnapshotError::malformed}) << "the end counts otherwise";
    EXPECT_EQ(without(last - 1), Error{SnapshotError::malformed}) << "and so here";
    auto swapped = right;
    std::swap(swapped[3], swapped[4]);
    EXPECT_EQ(refusal(swapped), Error{SnapshotError::malformed}) << "accounts out of order";
    auto twice = right;
    twice.insert(twice.begin() + 3, twice[3]);
    EXPECT_EQ(refusal(twice), Error{SnapshotError::malformed});

    // One byte of a state frame, of a header, of the block.
    auto balance = right;
    balance[last - 1][balance[last - 1].size() - 1] ^= 1;
    const auto state = refusal(balance);
    EXPECT_TRUE(state == Error{SnapshotError::state_root_wrong} || state == Error{SnapshotError::malformed});
    auto ancestor = right;
    ancestor[1].back() ^= 1;
    EXPECT_EQ(refusal(ancestor), Error{SnapshotError::not_linked});
    auto receipt = right;
    receipt[2].back() ^= 1;
    const auto block = refusal(receipt);
    EXPECT_TRUE(block == Error{SnapshotError::block_invalid} || block == Error{SnapshotError::malformed});

    // A length that nothing follows must not be believed.
    write_bytes(Bytes{0x0f, 0xff, 0xff, 0xff, 0xc0});
    EXPECT_EQ(read_snapshot_info(file).error(), Error{SnapshotError::unknown_format});
    write_bytes(Bytes{0xff, 0xff, 0xff, 0xff, 0xc0});
    EXPECT_EQ(read_snapshot_info(file).error(), Error{SnapshotError::unknown_format});

    // Nor one that no frame of its kind has.
    Bytes large{0x01, 0x00, 0x00, 0x00};
    large.resize(4 + (1 << 24), 0xc0);
    write_bytes(large);
    EXPECT_EQ(read_snapshot_info(file).error(), Error{SnapshotError::unknown_format});

    // What failed left nothing.
    write(right);
    EXPECT_TRUE(import_into("refused", head->hash));
}

/// A slot more, counted in the end: only the tries made anew tell.
TEST_F(SnapshotTest, WithAStateThatIsNotTheBlocksIsRefused) {
    ASSERT_TRUE(export_snapshot(folder / "from", file));
    auto changed = frames();
    const auto reader = codec::RlpReader::of_list(changed.back()).value();
    auto counts = reader;
    static_cast<void>(counts.u64());
    const auto accounts = counts.u64().value();
    const auto slots = counts.u64().value();
    // An account behind all others.
    auto& last = changed[changed.size() - 2];
    codec::RlpWriter longer;
    Address highest;
    highest.bytes.fill(0xff);
    longer.list([&] {
        longer.raw(codec::RlpReader::of_list(last).value().rest());
        longer.list([&] {
            longer.bytes(highest).u64(1).u256(U256{1}).bytes({});
            longer.list([] {});
        });
    });
    last = longer.take();
    codec::RlpWriter end;
    end.list([&] { end.u64(4).u64(accounts + 1).u64(slots); });
    changed.back() = end.take();
    EXPECT_EQ(refusal(changed), Error{SnapshotError::state_root_wrong});
}

/// One file for one state, and no bytes that are not part of it.
TEST_F(SnapshotTest, IsWhatIsWrittenForWhatItHolds) {
    ASSERT_TRUE(export_snapshot(folder / "from", file));
    const auto bytes = file_bytes();
    EXPECT_EQ(rewritten(bytes).value(), bytes);
}

}  // namespace
}  // namespace valence::node::testing
