#include "valence/compute/model_store/model_store.hpp"

#include <fstream>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "valence/compute/model_store/store_error.hpp"
#include "valence/compute/testing/models.hpp"
#include "valence/crypto/keccak.hpp"
#include "valence/ml/executor/run.hpp"
#include "valence/ml/reference/evaluate.hpp"
#include "valence/ml/testing/random_graph.hpp"
#include "valence/outcome/outcome_error.hpp"

namespace valence::compute {
namespace {

using testing::dense_graph;
using testing::dense_model;
using testing::TestFolder;

/// Time that stands still until it is turned.
struct TestClock {
    std::shared_ptr<std::chrono::seconds> at = std::make_shared<std::chrono::seconds>(0);
    Now now() const {
        return [at = at] { return std::chrono::steady_clock::time_point(*at); };
    }
};

std::unique_ptr<ModelStore> open(StoreOptions options = {}) {
    auto store = ModelStore::open(std::move(options));
    VALENCE_CHECK(store.has_value());
    return std::move(store).value();
}

StoreOptions in(const TestFolder& folder) {
    StoreOptions options;
    options.folder = folder.path() / "store";
    return options;
}

template <typename T>
bool fails(const Result<T>& result, StoreError code) {
    return result.has_error() && result.error().code == make_error_code(code);
}

bool is_missing(const Result<SharedModel>& result) {
    return result.has_error() && result.error() == Error{outcome::OutcomeError::model_missing};
}

BytesView chunk_of(const Bytes& file, std::uint64_t index) {
    const auto at = index * kTransportChunk;
    return BytesView{file}.subspan(at, std::min(kTransportChunk, file.size() - at));
}

void put(ModelStore& store, const Bytes& file, const UploadStatus& upload, std::uint64_t index) {
    const auto done = store.put(upload.upload, index, chunk_of(file, index));
    ASSERT_TRUE(done) << done.error().message();
}

std::size_t files_in(const std::filesystem::path& folder) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        count += entry.is_regular_file();
    return count;
}

// ---------------------------------------------------------------------------------------- admission

TEST(ModelStore, ModelsComeBackByTheirIdAndComputeTheSame) {
    const TestFolder folder;
    for (const bool on_disk : {false, true}) {
        const auto store = open(on_disk ? in(folder) : StoreOptions{});
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            const ml::Graph graph = ml::testing::random_graph(seed);
            const auto record = store->add(ml::encode_model(graph), "me");
            ASSERT_TRUE(record) << record.error().message();
            EXPECT_EQ(record.value()->id, ml::model_id(graph));
            const auto model = store->load(record.value()->id);
            ASSERT_TRUE(model) << model.error().message();
            const auto inputs = ml::testing::random_inputs(graph, seed);
            ml::Workspace workspace;
            EXPECT_EQ(ml::run(model.value()->plan, workspace, inputs).value(),
                      ml::evaluate(graph, inputs).value());
        }
        EXPECT_EQ(store->list().size(), 20U);
    }
}

TEST(ModelStore, ModelsAreThereAfterARestart) {
    const TestFolder folder;
    const Bytes file = dense_model(3);
    SharedRecord record;
    {
        const auto store = open(in(folder));
        record = store->add(file, "me").value();
    }
    const auto store = open(in(folder));
    ASSERT_NE(store->find(record->id), nullptr);
    EXPECT_EQ(*store->find(record->id), *record);
    EXPECT_TRUE(store->load(record->id));
    EXPECT_EQ(store->disk_bytes(), file.size());
    EXPECT_EQ(store->begin(make_manifest(file), "me").value().model, record->id);
}

TEST(ModelStore, ChunksComeInAnyOrderAndMoreThanOnce) {
    const auto store = open();
    const Bytes file = dense_model(5);
    const auto upload = store->begin(make_manifest(file), "me").value();
    ASSERT_EQ(upload.missing.size(), make_manifest(file).chunks.size());
    for (auto at = upload.missing.rbegin(); at != upload.missing.rend(); ++at) {
        put(*store, file, upload, *at);
        put(*store, file, upload, *at);
    }
    const auto record = store->finish(upload.upload);
    ASSERT_TRUE(record) << record.error().message();
    EXPECT_EQ(store->finish(upload.upload).value(), record.value()) << "finishing again answers the same";
    for (std::uint64_t i = 0; i < upload.missing.size(); ++i)
        EXPECT_TRUE(base::equal(store->chunk(record.value()->id, i).value(), chunk_of(file, i)));
    EXPECT_EQ(store->unfinished(), 0U);
}

TEST(ModelStore, AnInterruptedUploadGoesOnWhereItWas) {
    const TestFolder folder;
    const Bytes file = dense_model(6);
    const auto manifest = make_manifest(file);
    {
        const auto store = open(in(folder));
        const auto upload = store->begin(manifest, "me").value();
        for (const auto index : {0U, 2U, 5U})
            put(*store, file, upload, index);
        EXPECT_TRUE(fails(store->finish(upload.upload), StoreError::incomplete));
    }
    const auto store = open(in(folder));
    EXPECT_EQ(store->unfinished(), 1U);
    const auto upload = store->begin(manifest, "someone else").value();
    EXPECT_EQ(upload.missing.size(), manifest.chunks.size() - 3);
    for (const auto index : upload.missing) {
        EXPECT_TRUE(index != 0 && index != 2 && index != 5);
        put(*store, file, upload, index);
    }
    EXPECT_TRUE(store->finish(upload.upload));
}

TEST(ModelStore, TheIdIsKnownOnceTheFrontIsThere) {
    const auto store = open();
    const ml::Graph graph = dense_graph(4 * 436);
    const Bytes file = ml::encode_model(graph);
    const auto upload = store->begin(make_manifest(file), "me").value();
    EXPECT_EQ(store->put(upload.upload, 3, chunk_of(file, 3)).value(), std::nullopt);
    EXPECT_EQ(store->put(upload.upload, 0, chunk_of(file, 0)).value(), ml::model_id(graph));
}

TEST(ModelStore, TheFrontTellsWhatTheVerifyingKeyIs) {
    const auto store = open();
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const ml::Graph graph = ml::testing::random_graph(seed);
        const auto id = store->add(ml::encode_model(graph), "me").value()->id;
        EXPECT_EQ(store->front(id).value().key, ml::verifying_key(graph));
    }
}

// ---------------------------------------------------------------------------------------- what is refused

TEST(ModelStore, RefusesWrongChunks) {
    const auto store = open();
    const Bytes file = dense_model(2);
    const auto upload = store->begin(make_manifest(file), "me").value();
    Bytes wrong = base::to_bytes(chunk_of(file, 1));
    wrong[1000] ^= 1;
    EXPECT_TRUE(fails(store->put(upload.upload, 1, wrong), StoreError::wrong_chunk));
    EXPECT_TRUE(fails(store->put(upload.upload, 1, chunk_of(file, 0)), StoreError::wrong_chunk));
    EXPECT_TRUE(fails(store->put(upload.upload, 99, chunk_of(file, 0)), StoreError::wrong_chunk));
    EXPECT_TRUE(fails(store->put(upload.upload, 1, {}), StoreError::wrong_chunk));
    EXPECT_TRUE(fails(store->put(Hash{}, 1, chunk_of(file, 1)), StoreError::unknown_upload));
    EXPECT_EQ(store->begin(make_manifest(file), "me").value().missing, upload.missing);
}

TEST(ModelStore, RefusesManifestsThatContradictThemselves) {
    const auto store = open();
    auto manifest = make_manifest(dense_model(2));
    manifest.length += kTransportChunk;
    EXPECT_TRUE(fails(store->begin(manifest, "me"), StoreError::bad_manifest));
    EXPECT_TRUE(fails(store->begin({}, "me"), StoreError::bad_manifest));
    EXPECT_TRUE(fails(store->begin({~std::uint64_t{0}, {}}, "me"), StoreError::too_large));
}

TEST(ModelStore, AFileThatIsNoModelEndsItsUpload) {
    const auto store = open();
    // Nothing of a model: said at the first chunk.
    Bytes noise(600'000, 7);
    EXPECT_TRUE(fails(store->add(noise, "me"), StoreError::invalid));
    // The length is another than the header's.
    Bytes longer = dense_model(2);
    longer.push_back(0);
    EXPECT_TRUE(fails(store->add(longer, "me"), StoreError::invalid));
    // A bit of the weights: said at the end.
    Bytes changed = dense_model(2);
    changed[changed.size() - 100] ^= 1;
    EXPECT_TRUE(fails(store->add(changed, "me"), StoreError::invalid));
    // A root that is not that of the digests: said once the front is there.
    Bytes front = dense_model(2);
    front[40] ^= 1;
    const auto upload = store->begin(make_manifest(front), "me").value();
    EXPECT_TRUE(fails(store->put(upload.upload, 0, chunk_of(front, 0)), StoreError::invalid));
    EXPECT_TRUE(fails(store->put(upload.upload, 1, chunk_of(front, 1)), StoreError::unknown_upload));
    EXPECT_EQ(store->unfinished(), 0U);
    EXPECT_TRUE(store->list().empty());
}

TEST(ModelStore, EveryTruncationIsRefused) {
    const auto store = open();
    const Bytes file = ml::encode_model(ml::testing::random_graph(3));
    for (std::size_t size = 1; size < file.size(); size += 97)
        EXPECT_TRUE(
            fails(store->add(base::to_bytes(BytesView{file}.first(size)), "me"), StoreError::invalid));
    EXPECT_EQ(store->unfinished(), 0U);
}

TEST(ModelStore, AModelThatNeedsTooMuchMemoryIsTooLarge) {
    StoreOptions options;
    options.decoding_bytes = 1 << 20;
    const auto store = open(options);
    EXPECT_TRUE(fails(store->add(dense_model(4), "me"), StoreError::too_large));
    EXPECT_TRUE(store->add(ml::encode_model(dense_graph(8)), "me"));
}

TEST(ModelStore, AThousandBogusManifestsTakeBoundedRoomAndKeepNobodyOut) {
    const TestFolder folder;
    const TestClock clock;
    StoreOptions options = in(folder);
    options.uploads.count = 20;
    options.uploads.count_each = 8;
    options.uploads.bytes = std::uint64_t{1} << 30;
    options.now = clock.now();
    const auto store = open(options);
    std::size_t refused = 0;
    for (std::uint64_t n = 0; n < 1000; ++n) {
        const Manifest bogus{kTransportChunk, {Hash{U256{n}.to_hash()}}};
        const auto begun = store->begin(bogus, "attacker " + std::to_string(n % 10));
        refused += fails(begun, StoreError::too_many_uploads);
        EXPECT_LE(store->unfinished(), 20U);
        EXPECT_LE(store->unfinished_bytes(), options.uploads.bytes);
    }
    EXPECT_EQ(refused, 980U);
    EXPECT_LE(files_in(*options.folder / "uploads"), 40U);
    // Nobody sends anything for them: they give way.
    *clock.at += options.uploads.idle;
    EXPECT_TRUE(store->add(dense_model(2), "honest"));
}

TEST(ModelStore, OneUploaderDoesNotKeepOthersOut) {
    const TestClock clock;
    StoreOptions options;
    options.uploads.count_each = 4;
    options.uploads.bytes_each = 6 * kTransportChunk;
    options.now = clock.now();
    const auto store = open(options);
    for (std::uint64_t n = 0; n < 4; ++n)
        EXPECT_TRUE(store->begin({kTransportChunk, {U256{n}.to_hash()}}, "greedy"));
    EXPECT_TRUE(
        fails(store->begin({kTransportChunk, {U256{9}.to_hash()}}, "greedy"), StoreError::too_many_uploads));
    EXPECT_TRUE(
        fails(store->begin({7 * kTransportChunk, std::vector<Hash>(7)}, "other"), StoreError::too_large));
    EXPECT_TRUE(store->begin({kTransportChunk, {U256{9}.to_hash()}}, "other"));
}

TEST(ModelStore, AnUploadInUseDoesNotGiveWayAndAnOldOneEnds) {
    const TestClock clock;
    StoreOptions options;
    options.uploads.count = 2;
    options.now = clock.now();
    const auto store = open(options);
    const Bytes file = dense_model(4);
    const auto busy = store->begin(make_manifest(file), "a").value();
    const Manifest silent{kTransportChunk, {U256{1}.to_hash()}};
    ASSERT_TRUE(store->begin(silent, "b"));
    *clock.at += options.uploads.idle;
    put(*store, file, busy, 1);
    ASSERT_TRUE(store->begin({kTransportChunk, {U256{2}.to_hash()}}, "c"));
    EXPECT_TRUE(
        fails(store->put(manifest_root(silent), 0, Bytes(kTransportChunk)), StoreError::unknown_upload));
    put(*store, file, busy, 2);
    *clock.at += options.uploads.life;
    ASSERT_TRUE(store->begin({kTransportChunk, {U256{3}.to_hash()}}, "d"));
    EXPECT_EQ(store->unfinished(), 1U);
}

// ---------------------------------------------------------------------------------------- bounds

TEST(ModelStore, TheModelUnusedLongestGivesWayOnTheDisk) {
    const TestFolder folder;
    StoreOptions options = in(folder);
    const std::size_t size = dense_model(2, 1).size();
    options.disk_bytes = 3 * size;
    const auto store = open(options);
    std::vector<ModelId> ids;
    for (std::uint64_t seed = 1; seed <= 3; ++seed)
        ids.push_back(store->add(dense_model(2, seed), "me").value()->id);
    ASSERT_TRUE(store->chunk(ids[0], 0));
    ids.push_back(store->add(dense_model(2, 4), "me").value()->id);
    EXPECT_TRUE(store->holds(ids[0]) && !store->holds(ids[1]) && store->holds(ids[2]) &&
                store->holds(ids[3]));
    EXPECT_LE(store->disk_bytes(), options.disk_bytes);
    EXPECT_EQ(files_in(*options.folder / "files"), 6U);
    EXPECT_TRUE(is_missing(store->load(ids[1])));
}

TEST(ModelStore, ModelsThatMustStayNeverGiveWay) {
    StoreOptions options;
    options.disk_bytes = 2 * dense_model(2, 1).size();
    const auto store = open(options);
    const auto first = store->add(dense_model(2, 1), "me").value()->id;
    std::set<ModelId> chain{first};
    store->keep_where([&](const ModelId& id) { return chain.contains(id); });
    const auto second = store->add(dense_model(2, 2), "me").value()->id;
    const auto third = store->add(dense_model(2, 3), "me").value()->id;
    EXPECT_TRUE(store->holds(first) && !store->holds(second) && store->holds(third));
    chain.insert(third);
    EXPECT_TRUE(fails(store->add(dense_model(2, 4), "me"), StoreError::too_large));
    EXPECT_EQ(store->unfinished(), 0U) << "refused before anything is sent";
    chain.erase(first);
    EXPECT_TRUE(store->add(dense_model(2, 4), "me"));
    EXPECT_TRUE(!store->holds(first) && store->holds(third));
}

TEST(ModelStore, MemoryHoldsNoMoreThanItsBound) {
    StoreOptions options;
    options.memory_bytes = 2'500'000;
    const auto store = open(options);
    std::vector<ModelId> ids;
    for (std::uint64_t seed = 1; seed <= 4; ++seed)
        ids.push_back(store->add(dense_model(2, seed), "me").value()->id);
    for (int round = 0; round < 2; ++round) {
        for (const auto& id : ids) {
            const auto model = store->load(id);
            ASSERT_TRUE(model);
            EXPECT_TRUE(store->is_loaded(id));
            EXPECT_LE(store->memory_bytes(), options.memory_bytes);
        }
    }
    EXPECT_FALSE(store->is_loaded(ids[0]));
    const auto once = store->load(ids[0]).value();
    EXPECT_EQ(store->load(ids[0]).value(), once) << "from memory";
}

// ---------------------------------------------------------------------------------------- damage

TEST(ModelStore, ADamagedFileIsFoundOutAndForgotten) {
    const TestFolder folder;
    const Bytes file = dense_model(3);
    for (const std::size_t at : {std::size_t{20}, std::size_t{300}, file.size() - 1000}) {
        const auto store = open(in(folder));
        const auto id = store->add(file, "me").value()->id;
        const auto path = *in(folder).folder / "files" / (base::to_hex(id) + ".vmodel");
        {
            std::fstream stream(path, std::ios::in | std::ios::out | std::ios::binary);
            stream.seekp(static_cast<std::streamoff>(at));
            stream.put(static_cast<char>(file[at] ^ 0x10));
        }
        EXPECT_TRUE(is_missing(store->load(id))) << at;
        EXPECT_FALSE(store->holds(id));
        ASSERT_TRUE(store->add(file, "me")) << "it can come again";
        EXPECT_TRUE(store->load(id));
    }
}

TEST(ModelStore, WhatACrashLeftIsCleanedUp) {
    const TestFolder folder;
    const Bytes file = dense_model(2);
    ModelId id;
    {
        const auto store = open(in(folder));
        id = store->add(file, "me").value()->id;
    }
    const auto models = *in(folder).folder / "files";
    const auto uploads = *in(folder).folder / "uploads";
    const auto write = [](const std::filesystem::path& path) { std::ofstream(path) << "?"; };
    write(models / "something.vmodel");
    write(models / (std::string(64, 'a') + ".vmodel"));
    write(models / (std::string(64, 'b') + ".record"));
    write(models / (base::to_hex(id) + ".record.new"));
    std::filesystem::create_directories(uploads / std::string(64, 'c'));
    write(uploads / std::string(64, 'c') / "manifest");
    write(uploads / "stray");
    const auto store = open(in(folder));
    EXPECT_EQ(files_in(models), 2U);
    EXPECT_EQ(files_in(uploads), 0U);
    EXPECT_TRUE(store->load(id));
}

TEST(ModelStore, AFolderHasOneStoreAtATime) {
    const TestFolder folder;
    const auto store = open(in(folder));
    EXPECT_TRUE(fails(ModelStore::open(in(folder)), StoreError::locked));
}

// ---------------------------------------------------------------------------------------- many at once

Result<ModelCache::Loaded> loaded(ModelStore& store, const ModelId& id) {
    BOOST_OUTCOME_TRY(const auto model, store.load(id));
    return ModelCache::Loaded{model, 1000};
}

TEST(ModelCache, AModelWantedByManyIsLoadedOnce) {
    const auto store = open();
    const auto id = store->add(dense_model(1), "me").value()->id;
    std::atomic<int> loads{0};
    std::atomic<int> waiting{0};
    ModelCache cache(1 << 30, [&](const ModelId& wanted) {
        ++loads;
        while (waiting < 8)
            std::this_thread::yield();
        return loaded(*store, wanted);
    });
    std::vector<std::jthread> threads;
    std::atomic<int> good{0};
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            ++waiting;
            good += cache.get(id).has_value();
        });
    threads.clear();
    EXPECT_EQ(good, 8);
    EXPECT_EQ(loads, 1);
    EXPECT_TRUE(cache.holds(id));
}

TEST(ModelCache, ErrorsAreNotRemembered) {
    const auto store = open();
    const auto id = store->add(dense_model(1), "me").value()->id;
    bool fail = true;
    ModelCache cache(1 << 30, [&](const ModelId& wanted) -> Result<ModelCache::Loaded> {
        if (fail) return Error{StoreError::io};
        return loaded(*store, wanted);
    });
    EXPECT_TRUE(fails(cache.get(id), StoreError::io));
    fail = false;
    EXPECT_TRUE(cache.get(id));
}

TEST(ModelStore, ManyUploadersLoadersAndEvictionsAtOnce) {
    const TestFolder folder;
    StoreOptions options = in(folder);
    constexpr std::uint64_t kModels = 6;
    std::vector<Bytes> files;
    for (std::uint64_t seed = 0; seed < kModels; ++seed)
        files.push_back(dense_model(2, seed));
    options.disk_bytes = 4 * files[0].size();
    options.memory_bytes = 3 * files[0].size();
    const auto store = open(options);
    std::atomic<int> wrong{0};
    std::vector<std::jthread> threads;
    for (std::uint64_t t = 0; t < 6; ++t)
        threads.emplace_back([&, t] {
            ml::testing::Random random{t};
            for (int round = 0; round < 25; ++round) {
                const Bytes& file = files[random.below(kModels)];
                const auto record = store->add(file, "thread " + std::to_string(t));
                // Another thread may finish the same upload in between, and a third push it out and begin
                // it anew.
                if (!record) {
                    wrong +=
                        !fails(record, StoreError::unknown_upload) && !fails(record, StoreError::incomplete);
                    continue;
                }
                const auto model = store->load(record.value()->id);
                if (!model)
                    wrong += !is_missing(model);
                else
                    wrong += model.value()->id != record.value()->id;
            }
        });
    threads.clear();
    EXPECT_EQ(wrong, 0);
    EXPECT_LE(store->disk_bytes(), options.disk_bytes);
    EXPECT_EQ(store->unfinished(), 0U);
    EXPECT_EQ(files_in(*options.folder / "files"), 2 * store->list().size());
}

}  // namespace
}  // namespace valence::compute
