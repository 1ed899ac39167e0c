#include "valence/state/state_database.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "valence/state/testing.hpp"

namespace valence::state {
namespace {

using testing::hash_of_number;
using testing::RandomChanges;
using testing::TestFolder;

constexpr auto kAlice = base::address_from_number(0xa11ce);
constexpr auto kBob = base::address_from_number(0xb0b);

StateOptions small_options() {
    StateOptions options;
    options.cache_bytes = 8 << 20;
    return options;
}

StateOptions in_folder(const TestFolder& folder) {
    auto options = small_options();
    options.folder = folder.path() / "state";
    return options;
}

std::unique_ptr<StateDatabase> open(const StateOptions& options = small_options()) {
    auto opened = StateDatabase::open(options);
    VALENCE_CHECK(opened.has_value());
    return std::move(opened).value();
}

StateChanges balance(const Address& address, std::uint64_t amount) {
    StateChanges changes;
    changes.accounts[address].account.emplace().balance = amount;
    return changes;
}

Result<void> commit(StateDatabase& db, std::uint64_t number, const StateChanges& changes) {
    return db.commit(number, hash_of_number(number), db.prepare(changes));
}

U256 balance_of(const StateReader& reader, const Address& address) {
    return reader.account(address).value_or(Account{}).balance;
}

Bytes text(std::string_view t) { return base::to_bytes(base::as_bytes(t)); }

TEST(StateDatabase, IsEmptyBeforeTheFirstCommit) {
    const auto db = open();
    EXPECT_FALSE(db->head());
    EXPECT_FALSE(db->latest()->account(kAlice));
    EXPECT_EQ(db->prepare({}).state_root(), kEmptyTrieRoot);
    EXPECT_EQ(db->reader_at(0).error().code, make_error_code(StateError::not_initialised));
}

TEST(StateDatabase, KnowsHeadRootAndBlocks) {
    const auto db = open();
    MemoryState model;
    for (std::uint64_t n = 5; n < 8; ++n) {
        const auto changes = balance(base::address_from_number(n), n);
        model.apply(changes);
        ASSERT_TRUE(commit(*db, n, changes));
        EXPECT_EQ(db->head(), (StateHead{n, hash_of_number(n), model.root()}));
    }
    EXPECT_EQ(db->oldest_block(), 5u);
    EXPECT_EQ(db->block(6).value().block_hash, hash_of_number(6));
    EXPECT_EQ(db->block(4).error().code, make_error_code(StateError::pruned));
    EXPECT_EQ(db->block(8).error().code, make_error_code(StateError::unknown_block));
}

TEST(StateDatabase, ReadersKeepTheirState) {
    const auto db = open();
    ASSERT_TRUE(commit(*db, 0, balance(kAlice, 1)));
    const auto before = db->latest();
    const auto untouched = db->latest();
    EXPECT_EQ(balance_of(*before, kAlice), U256{1});
    ASSERT_TRUE(commit(*db, 1, balance(kAlice, 2)));
    EXPECT_EQ(balance_of(*before, kAlice), U256{1});
    EXPECT_EQ(balance_of(*untouched, kAlice), U256{1});
    EXPECT_EQ(balance_of(*db->latest(), kAlice), U256{2});
    EXPECT_EQ(balance_of(*db->reader_at(0).value(), kAlice), U256{1});
    ASSERT_TRUE(db->unwind_to(0));
    ASSERT_TRUE(commit(*db, 1, balance(kAlice, 3)));
    EXPECT_EQ(balance_of(*before, kAlice), U256{1});
    EXPECT_EQ(balance_of(*db->latest(), kAlice), U256{3});
}

TEST(StateDatabase, RefusesCommitsPreparedOnAnotherState) {
    const auto db = open();
    ASSERT_TRUE(commit(*db, 0, balance(kAlice, 1)));
    const auto first = db->prepare(balance(kAlice, 2));
    const auto second = db->prepare(balance(kAlice, 3));
    EXPECT_EQ(db->commit(2, {}, first).error().code, make_error_code(StateError::stale_commit))
        << "a number left out";
    ASSERT_TRUE(db->commit(1, {}, first));
    EXPECT_EQ(db->commit(2, {}, second).error().code, make_error_code(StateError::stale_commit));
    EXPECT_EQ(balance_of(*db->latest(), kAlice), U256{2});
}

TEST(StateDatabase, PreparesOnPreparedStates) {
    const auto db = open();
    MemoryState model;
    RandomChanges random(11);
    std::vector<PreparedCommit> prepared;
    std::vector<Hash> roots;
    for (std::uint64_t n = 0; n < 40; ++n) {
        const auto changes = random.next(model);
        model.apply(changes);
        roots.push_back(model.root());
        prepared.push_back(prepared.empty() ? db->prepare(changes) : db->prepare(changes, prepared.back()));
        ASSERT_EQ(prepared.back().state_root(), roots.back()) << n;
        // Commits follow three blocks behind.
        if (n >= 3) {
            ASSERT_TRUE(db->commit(n - 3, hash_of_number(n - 3), prepared[n - 3]));
            EXPECT_EQ(db->head()->state_root, roots[n - 3]);
        }
    }
}

TEST(StateDatabase, WritesOfTheNodeGoWithTheBlock) {
    const auto db = open();
    const KeyValueBatch writes{{text("h/0"), text("genesis")}, {text("h/1"), text("one")}};
    ASSERT_TRUE(db->commit(0, {}, db->prepare(balance(kAlice, 1)), writes));
    const auto snapshot = db->chain().snapshot();
    ASSERT_TRUE(
        db->commit(1, {}, db->prepare({}), {{text("h/1"), std::nullopt}, {text("i/2"), text("two")}}));
    EXPECT_EQ(db->chain().get(text("h/0")), text("genesis"));
    EXPECT_EQ(db->chain().get(text("h/1")), std::nullopt);
    EXPECT_EQ(snapshot->get(text("h/1")), text("one"));
    const std::vector<Bytes> keys{text("i/2"), text("h/1"), text("h/0")};
    EXPECT_EQ(db->chain().multi_get(keys),
              (std::vector<std::optional<Bytes>>{text("two"), {}, text("genesis")}));
}

TEST(ChainStore, IteratesWithinAPrefixBothWays) {
    const auto db = open();
    ASSERT_TRUE(db->chain().write({{text("a1"), text("")},
                                   {text("b1"), text("")},
                                   {text("b3"), text("")},
                                   {text("b5"), text("")},
                                   {text("c1"), text("")},
                                   {Bytes{0xff, 0xff}, text("")}}));
    const auto keys = [&](const Bytes& prefix, const Bytes& from, Direction direction,
                          std::size_t limit = 9) {
        std::vector<Bytes> seen;
        db->chain().iterate(prefix, from, direction, [&](BytesView key, BytesView) {
            seen.push_back(base::to_bytes(key));
            return seen.size() == limit ? Visit::stop : Visit::go_on;
        });
        return seen;
    };
    using Keys = std::vector<Bytes>;
    EXPECT_EQ(keys(text("b"), {}, Direction::ascending), (Keys{text("b1"), text("b3"), text("b5")}));
    EXPECT_EQ(keys(text("b"), {}, Direction::descending), (Keys{text("b5"), text("b3"), text("b1")}));
    EXPECT_EQ(keys(text("b"), text("b2"), Direction::ascending), (Keys{text("b3"), text("b5")}));
    EXPECT_EQ(keys(text("b"), text("b4"), Direction::descending), (Keys{text("b3"), text("b1")}));
    EXPECT_EQ(keys(text("b"), text("b3"), Direction::descending, 1), (Keys{text("b3")}));
    EXPECT_EQ(keys(Bytes{0xff}, {}, Direction::descending), (Keys{Bytes{0xff, 0xff}}));
    EXPECT_EQ(keys({}, {}, Direction::descending, 2), (Keys{Bytes{0xff, 0xff}, text("c1")}));
}

TEST(StateDatabase, GoesOnFromItsFolder) {
    const TestFolder folder;
    StateHead head;
    {
        const auto db = open(in_folder(folder));
        ASSERT_TRUE(commit(*db, 0, balance(kAlice, 1)));
        ASSERT_TRUE(commit(*db, 1, balance(kBob, 2)));
        head = *db->head();
    }
    const auto db = open(in_folder(folder));
    EXPECT_EQ(db->head(), head);
    EXPECT_EQ(balance_of(*db->latest(), kBob), U256{2});
    EXPECT_FALSE(db->reader_at(0).value()->account(kBob));
    ASSERT_TRUE(commit(*db, 2, balance(kBob, 3)));
}

TEST(StateDatabase, PrunesBeyondTheDepthAndSaysSo) {
    auto options = small_options();
    options.history_depth = 3;
    const auto db = open(options);
    for (std::uint64_t n = 0; n < 100; ++n)
        ASSERT_TRUE(commit(*db, n, balance(kAlice, n)));
    db->wait_until_pruned();
    EXPECT_EQ(db->oldest_block(), 96u);
    EXPECT_EQ(balance_of(*db->reader_at(96).value(), kAlice), U256{96});
    EXPECT_EQ(db->reader_at(95).error().code, make_error_code(StateError::pruned));
    EXPECT_EQ(db->unwind_to(95).error().code, make_error_code(StateError::pruned));
    ASSERT_TRUE(db->unwind_to(96));
    EXPECT_EQ(balance_of(*db->latest(), kAlice), U256{96});
}

TEST(StateDatabase, LimitsHowFarBackProofsAreMade) {
    auto options = small_options();
    options.proof_depth = 2;
    const auto db = open(options);
    for (std::uint64_t n = 0; n < 5; ++n)
        ASSERT_TRUE(commit(*db, n, balance(kAlice, n)));
    EXPECT_TRUE(db->prove(2, kAlice, {}));
    EXPECT_EQ(db->prove(1, kAlice, {}).error().code, make_error_code(StateError::pruned));
    const auto changes = balance(kAlice, 7);
    EXPECT_EQ(db->root_after(1, changes).error().code, make_error_code(StateError::pruned));
    const auto root = db->root_after(1, changes, Reach::whole_history).value();
    ASSERT_TRUE(db->unwind_to(1));
    EXPECT_EQ(root, db->prepare(changes).state_root());
}

TEST(StateDatabase, MakesNoProofWhereTooMuchHasChangedSince) {
    auto options = small_options();
    options.proof_rows = 3;
    const auto db = open(options);
    for (std::uint64_t n = 0; n < 6; ++n)
        ASSERT_TRUE(commit(*db, n, balance(kAlice, n)));
    EXPECT_EQ(db->prove(2, kAlice, {}).value().account->balance, U256{2});
    const auto too_much = make_error_code(StateError::too_much_changed);
    EXPECT_EQ(db->prove(1, kAlice, {}).error().code, too_much);
    EXPECT_EQ(db->root_after(1, {}).error().code, too_much);
    EXPECT_TRUE(db->root_after(1, {}, Reach::whole_history));
    EXPECT_EQ(db->walk(1).error().code, too_much);
    // Whoever goes back pays for it himself.
    ASSERT_TRUE(db->unwind_to(0));
    EXPECT_EQ(balance_of(*db->latest(), kAlice), U256{0});
}

TEST(StateDatabase, LoadsALargeGenesisPieceByPiece) {
    const TestFolder folder;
    MemoryState model;
    {
        const auto db = open(in_folder(folder));
        for (std::uint64_t n = 0; n < 3; ++n)
            ASSERT_TRUE(db->load(balance(base::address_from_number(n), 1 + n)));
    }
    {
        // Loading stopped before the first commit: nothing of it is left.
        const auto db = open(in_folder(folder));
        EXPECT_FALSE(db->head());
        EXPECT_EQ(db->prepare({}).state_root(), kEmptyTrieRoot);
        for (std::uint64_t n = 0; n < 3; ++n) {
            const auto changes = balance(base::address_from_number(n), 5 + n);
            model.apply(changes);
            ASSERT_TRUE(db->load(changes));
        }
        ASSERT_TRUE(commit(*db, 0, {}));
        EXPECT_EQ(db->load({}).error().code, make_error_code(StateError::already_initialised));
    }
    const auto db = open(in_folder(folder));
    EXPECT_EQ(db->head()->state_root, model.root());
    EXPECT_EQ(balance_of(*db->latest(), base::address_from_number(2)), U256{7});
}

TEST(StateDatabase, RefusesAFolderInUse) {
    const TestFolder folder;
    const auto db = open(in_folder(folder));
    EXPECT_EQ(StateDatabase::open(in_folder(folder)).error().code, make_error_code(StateError::locked));
}

TEST(StateDatabase, RefusesAFolderOfSomethingElse) {
    const TestFolder folder;
    auto options = small_options();
    options.folder = folder.path();
    std::filesystem::create_directory(folder.path() / "holiday-photos");
    EXPECT_EQ(StateDatabase::open(options).error().code, make_error_code(StateError::foreign_folder));
}

/// Reads everything the model has, and what it has not, through a reader.
void expect_same(const StateReader& reader, const MemoryState& model, RandomChanges& random) {
    for (const auto& [address, full] : model.accounts()) {
        ASSERT_EQ(reader.account(address), full.account);
        ASSERT_EQ(reader.has_storage(address), !full.storage.empty());
        for (const auto& [slot, value] : full.storage)
            ASSERT_EQ(reader.storage(address, slot), value);
        const auto code = reader.code(full.account.code_hash);
        ASSERT_NE(code, nullptr);
        ASSERT_EQ(*code, *model.code(full.account.code_hash));
    }
    for (int i = 0; i < 20; ++i) {
        const auto address = random.address();
        const auto slot = random.slot();
        ASSERT_EQ(reader.account(address), model.account(address));
        ASSERT_EQ(reader.storage(address, slot), model.storage(address, slot));
    }
}

void expect_proofs(const StateDatabase& db, std::uint64_t block, const MemoryState& model,
                   RandomChanges& random) {
    for (int i = 0; i < 4; ++i) {
        const auto address = random.address();
        const std::vector<U256> slots{random.slot(), random.slot(), random.slot()};
        const auto proof = db.prove(block, address, slots);
        ASSERT_TRUE(proof) << proof.error().message();
        ASSERT_EQ(proof.value().account, model.account(address));
        ASSERT_EQ(proof.value().slots.size(), slots.size());
        for (const auto& slot : proof.value().slots)
            ASSERT_EQ(slot.value, model.storage(address, slot.key));
        const auto verified = verify_account_proof(model.root(), proof.value());
        ASSERT_TRUE(verified) << verified.error().message();
    }
}

/// What might have come after a block, had another come: as simulations ask.
void expect_root_after(const StateDatabase& db, std::uint64_t block, MemoryState model,
                       RandomChanges& random) {
    const auto changes = random.next(model);
    model.apply(changes);
    const auto root = db.root_after(block, changes);
    ASSERT_TRUE(root) << root.error().message();
    ASSERT_EQ(root.value(), model.root());
}

struct Storage {
    const char* name;
    bool on_disk;
    std::uint64_t history_depth;
    std::size_t cache_bytes;
};

class StateDatabaseRandom : public ::testing::TestWithParam<Storage> {};

TEST_P(StateDatabaseRandom, BehavesAsMapsDo) {
    const auto& storage = GetParam();
    const TestFolder folder;
    auto options = storage.on_disk ? in_folder(folder) : small_options();
    options.history_depth = storage.history_depth;
    options.cache_bytes = storage.cache_bytes;
    auto db = open(options);
    RandomChanges random(storage.history_depth + storage.cache_bytes);
    std::vector<MemoryState> models;
    for (int step = 0; step < 250; ++step) {
        const auto action = random.below(20);
        if (action == 0 && models.size() > 1) {
            const auto reach = models.size() - 1 - db->oldest_block();
            const auto number = models.size() - 1 - random.below(reach + 1);
            ASSERT_TRUE(db->unwind_to(number));
            models.resize(number + 1);
        } else if (action == 1 && storage.on_disk) {
            db.reset();
            db = open(options);
        } else {
            auto model = models.empty() ? MemoryState{} : models.back();
            const auto changes = random.next(model);
            model.apply(changes);
            const auto prepared = db->prepare(changes);
            ASSERT_EQ(prepared.state_root(), model.root()) << "step " << step;
            ASSERT_TRUE(db->commit(models.size(), hash_of_number(models.size()), prepared));
            models.push_back(std::move(model));
        }
        if (models.empty()) continue;
        db->wait_until_pruned();
        ASSERT_EQ(db->head()->number, models.size() - 1);
        ASSERT_EQ(db->head()->state_root, models.back().root());
        expect_same(*db->latest(), models.back(), random);
        const auto reach = models.size() - 1 - db->oldest_block();
        const auto number = models.size() - 1 - random.below(reach + 1);
        expect_same(*db->reader_at(number).value(), models[number], random);
        if (step % 5 == 0) {
            expect_proofs(*db, number, models[number], random);
            expect_root_after(*db, number, models[number], random);
        }
        if (HasFatalFailure()) FAIL() << "step " << step << ", block " << number;
    }
}

INSTANTIATE_TEST_SUITE_P(Storages, StateDatabaseRandom,
                         ::testing::Values(Storage{"MemoryArchive", false, kKeepAll, 8 << 20},
                                           Storage{"MemoryPruned", false, 7, 8 << 20},
                                           Storage{"DiskPruned", true, 12, 8 << 20},
                                           Storage{"DiskTinyCaches", true, 100, 2048}),
                         [](const auto& instance) { return instance.param.name; });

TEST(StateDatabase, ServesReadersWhileBlocksAreCommitted) {
    // Alice and Bob always have 1,000 together; each reader must see it so at its own block, however late it
    // reads.
    const auto db = open();
    auto changes = balance(kAlice, 1000);
    changes.accounts[kBob].account.emplace();
    ASSERT_TRUE(commit(*db, 0, changes));
    std::atomic<bool> done{false};
    std::atomic<int> wrong{0};
    std::vector<std::thread> readers;
    for (int i = 0; i < 2; ++i) {
        readers.emplace_back([&] {
            while (!done) {
                const auto latest = db->latest();
                const auto alice = balance_of(*latest, kAlice);
                std::this_thread::yield();
                if (alice + balance_of(*latest, kBob) != U256{1000}) ++wrong;
                const auto past = db->reader_at(db->oldest_block());
                if (past && balance_of(*past.value(), kAlice) + balance_of(*past.value(), kBob) != U256{1000})
                    ++wrong;
            }
        });
    }
    for (std::uint64_t n = 1; n < 300; ++n) {
        auto next = balance(kAlice, n);
        next.accounts[kBob].account.emplace().balance = 1000 - n;
        ASSERT_TRUE(commit(*db, n, next));
        if (n % 50 == 0) {
            ASSERT_TRUE(db->unwind_to(n - 1));
            ASSERT_TRUE(commit(*db, n, next));
        }
    }
    done = true;
    for (auto& reader : readers)
        reader.join();
    EXPECT_EQ(wrong, 0);
}

TEST(StateDatabase, HeadReaderAndProofsChangeTogether) {
    // After block n Alice has n: so says whatever is asked about the head just learnt of.
    const auto db = open();
    ASSERT_TRUE(commit(*db, 0, balance(kAlice, 0)));
    std::atomic<bool> done{false};
    std::atomic<int> wrong{0};
    const auto check = [&](const auto& has_balance) {
        while (!done) {
            const auto head = *db->head();
            if (!has_balance(head)) ++wrong;
        }
    };
    std::thread reading(check, [&](const StateHead& head) {
        return balance_of(*db->reader_at(head.number).value(), kAlice) == U256{head.number};
    });
    std::thread proving(check, [&](const StateHead& head) {
        const auto proof = db->prove(head.number, kAlice, {}).value();
        return proof.account->balance == U256{head.number} &&
               verify_account_proof(head.state_root, proof).has_value();
    });
    for (std::uint64_t n = 1; n < 3'000; ++n)
        ASSERT_TRUE(commit(*db, n, balance(kAlice, n)));
    done = true;
    reading.join();
    proving.join();
    EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace valence::state
