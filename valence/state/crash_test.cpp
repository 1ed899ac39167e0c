// A process that commits blocks is killed at random instants, over and over: every block it acknowledged must
// be there when the folder is opened again, and the tables must agree with each other.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "valence/state/state_database.hpp"
#include "valence/state/testing.hpp"

namespace valence::state {
namespace {

using testing::hash_of_number;
using testing::RandomChanges;
using testing::TestFolder;

constexpr auto kFolderVariable = "VALENCE_STATE_CRASH_FOLDER";
constexpr auto kPipeVariable = "VALENCE_STATE_CRASH_PIPE";
constexpr int kKills = 30;

StateOptions options_for(const std::filesystem::path& folder) {
    StateOptions options;
    options.folder = folder;
    options.cache_bytes = 4 << 20;
    options.history_depth = 20;
    return options;
}

/// Block n's changes depend on n alone, so that parent and child know them without speaking.
StateChanges changes_of(std::uint64_t block, const MemoryState& before) {
    return RandomChanges(block).next(before);
}

Bytes chain_key(std::uint64_t block) { return base::to_bytes(hash_of_number(block)); }

/// Takes the model from the blocks before `from` through those up to `to`.
void advance(MemoryState& model, std::uint64_t from, std::uint64_t to) {
    for (auto n = from; n <= to; ++n)
        model.apply(changes_of(n, model));
}

/// The child: commits until it is killed, writing each block's number to the pipe once it is committed. Every
/// so often it unwinds a few blocks first, acknowledging the block it went back to.
void commit_for_ever(const std::filesystem::path& folder, int pipe) {
    auto db = std::move(StateDatabase::open(options_for(folder))).value();
    MemoryState model;
    auto next = db->head() ? db->head()->number + 1 : 0;
    if (next > 0) advance(model, 0, next - 1);
    const auto acknowledge = [&](std::uint64_t block) {
        VALENCE_CHECK(write(pipe, &block, sizeof block) == sizeof block);
    };
    std::mt19937_64 random(std::random_device{}());
    for (;; ++next) {
        if (next > 5 && random() % 17 == 0) {
            const auto back = next - 1 - random() % 5;
            // Said before, since from now on fewer blocks are promised.
            acknowledge(back);
            VALENCE_CHECK(db->unwind_to(back).has_value());
            model = {};
            advance(model, 0, back);
            next = back + 1;
        }
        const auto changes = changes_of(next, model);
        model.apply(changes);
        const auto prepared = db->prepare(changes);
        VALENCE_CHECK(
            db->commit(next, hash_of_number(next), prepared, {{chain_key(next), Bytes{1}}}).has_value());
        acknowledge(next);
    }
}

// Not a test: what the test below runs in a process of its own.
TEST(CrashChild, DISABLED_CommitsUntilKilled) {
    const auto* folder = std::getenv(kFolderVariable);
    const auto* pipe = std::getenv(kPipeVariable);
    if (folder == nullptr || pipe == nullptr) GTEST_SKIP() << "run by Crash.LosesNoAcknowledgedBlock";
    commit_for_ever(folder, std::atoi(pipe));
}

struct Child {
    pid_t pid;
    int pipe;
};

Child start_child(const std::filesystem::path& folder) {
    std::array<int, 2> ends{};
    VALENCE_CHECK(pipe(ends.data()) == 0);
    const auto pipe_number = std::to_string(ends[1]);
    const auto pid = fork();
    VALENCE_CHECK(pid >= 0);
    if (pid == 0) {
        // Only exec from here on: this process had other threads.
        setenv(kFolderVariable, folder.c_str(), 1);
        setenv(kPipeVariable, pipe_number.c_str(), 1);
        const auto null = ::open("/dev/null", O_WRONLY);
        dup2(null, STDOUT_FILENO);
        execl("/proc/self/exe", "state_test", "--gtest_filter=CrashChild.*",
              "--gtest_also_run_disabled_tests", nullptr);
        _exit(127);
    }
    close(ends[1]);
    return {pid, ends[0]};
}

/// What the child acknowledged last; nothing when it did not come so far.
std::optional<std::uint64_t> read_last(int pipe) {
    std::optional<std::uint64_t> last;
    std::uint64_t block = 0;
    while (read(pipe, &block, sizeof block) == sizeof block)
        last = block;
    return last;
}

Hash root_of_flat_tables(const StateReader& reader, const MemoryState& model) {
    // The universe of addresses and slots is small: all of it is asked for.
    std::map<Address, FullAccount> accounts;
    for (std::uint64_t n = 1; n <= 24; ++n) {
        const auto address = base::address_from_number(n);
        const auto account = reader.account(address);
        if (!account) continue;
        auto& full = accounts[address];
        full.account = *account;
        for (std::uint64_t slot = 0; slot < 40; ++slot) {
            for (const auto& key : {U256{slot}, U256{slot} << 200}) {
                const auto value = reader.storage(address, key);
                if (!value.is_zero()) full.storage[key] = value;
            }
        }
        EXPECT_EQ(full.storage, model.accounts().contains(address) ? model.accounts().at(address).storage
                                                                   : (std::map<U256, U256>{}));
    }
    return compute_state_root(accounts);
}

TEST(Crash, LosesNoAcknowledgedBlock) {
    const TestFolder folder;
    std::mt19937_64 random(std::random_device{}());
    std::uint64_t promised = 0;
    bool any = false;
    for (int kill_number = 0; kill_number < kKills; ++kill_number) {
        const auto child = start_child(folder.path() / "state");
        // Once it has begun, some time later: while committing, unwinding, pruning.
        pollfd first{child.pipe, POLLIN, 0};
        poll(&first, 1, 20'000);
        usleep(static_cast<useconds_t>(random() % 40'000));
        kill(child.pid, SIGKILL);
        int status = 0;
        waitpid(child.pid, &status, 0);
        ASSERT_TRUE(WIFSIGNALED(status)) << "the child failed by itself";
        if (const auto last = read_last(child.pipe)) {
            promised = *last;
            any = true;
        }
        close(child.pipe);
        if (!any) continue;

        const auto opened = StateDatabase::open(options_for(folder.path() / "state"));
        ASSERT_TRUE(opened) << opened.error().message();
        const auto& db = *opened.value();
        ASSERT_TRUE(db.head());
        const auto head = *db.head();
        ASSERT_GE(head.number, promised) << "an acknowledged block is lost";
        MemoryState model;
        advance(model, 0, head.number);
        ASSERT_EQ(head.state_root, model.root());
        ASSERT_EQ(root_of_flat_tables(*db.latest(), model), model.root());
        ASSERT_EQ(db.chain().get(chain_key(head.number)), Bytes{1}) << "what was written with the block";
        // The oldest block stays so only once pruning has caught up with what the child left.
        db.wait_until_pruned();
        const auto oldest = db.oldest_block();
        MemoryState past;
        advance(past, 0, oldest);
        ASSERT_EQ(root_of_flat_tables(*db.reader_at(oldest).value(), past), past.root());
        promised = head.number;
    }
    EXPECT_GT(promised, 0u);
}

}  // namespace
}  // namespace valence::state
