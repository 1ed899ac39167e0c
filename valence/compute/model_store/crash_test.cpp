// A process that uploads models is killed at random instants, over and over: what it was told is there must
// be there when the store is opened again, every model must load, and the upload must come to its end.
#include <random>
#include <set>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "valence/compute/model_store/model_store.hpp"
#include "valence/compute/testing/models.hpp"

namespace valence::compute {
namespace {

using testing::dense_model;
using testing::TestFolder;

constexpr auto kFolderVariable = "VALENCE_STORE_CRASH_FOLDER";
constexpr auto kPipeVariable = "VALENCE_STORE_CRASH_PIPE";
constexpr int kKills = 20;
constexpr std::uint32_t kChunks = 6;
/// The store has room for a few models only, so that some always give way.
constexpr std::uint64_t kRoom = 4;

StoreOptions options_for(const std::filesystem::path& folder, std::size_t model_bytes) {
    StoreOptions options;
    options.folder = folder;
    options.disk_bytes = kRoom * model_bytes;
    return options;
}

/// What the child promises: chunk `chunk` of model `seed` is taken, or, when it is kFinished, the model.
struct Promise {
    std::uint64_t seed;
    std::uint64_t chunk;
};
constexpr std::uint64_t kFinished = ~std::uint64_t{0};

/// The child: uploads model after model until it is killed.
void upload_for_ever(const std::filesystem::path& folder, int pipe, std::uint64_t seed) {
    const auto promise = [&](std::uint64_t chunk) {
        const Promise made{seed, chunk};
        VALENCE_CHECK(write(pipe, &made, sizeof made) == sizeof made);
    };
    std::unique_ptr<ModelStore> store;
    for (;; ++seed) {
        const Bytes file = dense_model(kChunks, seed);
        if (!store) store = std::move(ModelStore::open(options_for(folder, file.size()))).value();
        const auto upload = store->begin(make_manifest(file), "child").value();
        for (const auto chunk : upload.missing) {
            const auto at = chunk * kTransportChunk;
            const auto size = std::min(kTransportChunk, file.size() - at);
            VALENCE_CHECK(store->put(upload.upload, chunk, BytesView{file}.subspan(at, size)).has_value());
            promise(chunk);
        }
        VALENCE_CHECK(upload.model || store->finish(upload.upload).has_value());
        promise(kFinished);
    }
}

// Not a test: what the test below runs in a process of its own.
TEST(StoreCrashChild, DISABLED_UploadsUntilKilled) {
    const auto* folder = std::getenv(kFolderVariable);
    const auto* pipe = std::getenv(kPipeVariable);
    if (folder == nullptr || pipe == nullptr) GTEST_SKIP() << "run by StoreCrash.KeepsWhatItTook";
    const auto* seed = std::getenv("VALENCE_STORE_CRASH_SEED");
    upload_for_ever(folder, std::atoi(pipe), std::strtoull(seed, nullptr, 10));
}

struct Child {
    pid_t pid;
    int pipe;
};

Child start_child(const std::filesystem::path& folder, std::uint64_t seed) {
    std::array<int, 2> ends{};
    VALENCE_CHECK(pipe(ends.data()) == 0);
    setenv(kFolderVariable, folder.c_str(), 1);
    setenv(kPipeVariable, std::to_string(ends[1]).c_str(), 1);
    setenv("VALENCE_STORE_CRASH_SEED", std::to_string(seed).c_str(), 1);
    const auto pid = fork();
    VALENCE_CHECK(pid >= 0);
    if (pid == 0) {
        // Only exec from here on: this process had other threads.
        const auto null = ::open("/dev/null", O_WRONLY);
        dup2(null, STDOUT_FILENO);
        execl("/proc/self/exe", "compute_test", "--gtest_filter=StoreCrashChild.*",
              "--gtest_also_run_disabled_tests", nullptr);
        _exit(127);
    }
    close(ends[1]);
    return {pid, ends[0]};
}

TEST(StoreCrash, KeepsWhatItTook) {
    const TestFolder folder;
    const auto path = folder.path() / "store";
    std::mt19937_64 random(std::random_device{}());
    std::uint64_t seed = 1;
    std::set<std::uint64_t> taken;  // chunks of model `seed`
    std::size_t promises = 0;
    for (int kill_number = 0; kill_number < kKills; ++kill_number) {
        const auto child = start_child(path, seed);
        pollfd first{child.pipe, POLLIN, 0};
        poll(&first, 1, 20'000);
        usleep(static_cast<useconds_t>(random() % 30'000));
        kill(child.pid, SIGKILL);
        int status = 0;
        waitpid(child.pid, &status, 0);
        ASSERT_TRUE(WIFSIGNALED(status)) << "the child failed by itself";
        std::optional<std::uint64_t> finished;
        for (Promise made{}; read(child.pipe, &made, sizeof made) == sizeof made; ++promises) {
            if (made.seed != seed) taken.clear();
            seed = made.seed;
            if (made.chunk == kFinished) {
                finished = seed++;
                taken.clear();
            } else {
                taken.insert(made.chunk);
            }
        }
        close(child.pipe);

        const Bytes file = dense_model(kChunks, seed);
        const auto opened = ModelStore::open(options_for(path, file.size()));
        ASSERT_TRUE(opened) << opened.error().message();
        auto& store = *opened.value();
        if (finished) {
            const Bytes whole = dense_model(kChunks, *finished);
            EXPECT_TRUE(store.begin(make_manifest(whole), "parent").value().model) << "a model is lost";
        }
        const auto upload = store.begin(make_manifest(file), "parent").value();
        for (const auto chunk : upload.missing)
            EXPECT_FALSE(taken.contains(chunk)) << "a chunk is lost";
        for (const auto& record : store.list())
            EXPECT_TRUE(store.load(record->id));
        EXPECT_LE(store.list().size(), kRoom);
        EXPECT_LE(store.unfinished(), 1U);
    }
    EXPECT_GT(promises, 0U);
    // And what was left half done can be brought to its end.
    const auto store = std::move(ModelStore::open(options_for(path, dense_model(kChunks).size()))).value();
    EXPECT_TRUE(store->add(dense_model(kChunks, seed), "parent"));
}

}  // namespace
}  // namespace valence::compute
