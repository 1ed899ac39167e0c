#include "valence/compute/model_store/fetch_model.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "valence/compute/model_store/store_error.hpp"
#include "valence/compute/testing/models.hpp"
#include "valence/outcome/outcome_error.hpp"

namespace valence::compute {
namespace {

using testing::dense_model;
using Peers = std::vector<std::shared_ptr<ModelPeer>>;

std::unique_ptr<ModelStore> open() { return std::move(ModelStore::open({})).value(); }

/// An honest peer but for what a test makes of it.
class FakePeer : public ModelPeer {
public:
    explicit FakePeer(ModelStore& store) : honest_(store) {}
    std::string name() const override { return "fake"; }
    Result<Manifest> manifest(const ModelId& id) override {
        ++asked;
        return on_manifest ? on_manifest(id) : honest_.manifest(id);
    }
    Result<Bytes> chunk(const ModelId& id, std::uint64_t index) override {
        ++chunks;
        auto bytes = honest_.chunk(id, index);
        return on_chunk ? on_chunk(index, std::move(bytes)) : std::move(bytes);
    }

    std::function<Result<Manifest>(const ModelId&)> on_manifest;
    std::function<Result<Bytes>(std::uint64_t, Result<Bytes>)> on_chunk;
    std::atomic<int> asked{0};
    std::atomic<int> chunks{0};

private:
    StorePeer honest_;
};

class FetchModel : public ::testing::Test {
protected:
    const Bytes file_ = dense_model(5);
    std::unique_ptr<ModelStore> theirs_ = open();
    std::unique_ptr<ModelStore> ours_ = open();
    const ModelId id_ = theirs_->add(file_, "me").value()->id;
    const std::size_t chunks_ = make_manifest(file_).chunks.size();
    std::shared_ptr<FakePeer> first_ = std::make_shared<FakePeer>(*theirs_);
    std::shared_ptr<FakePeer> second_ = std::make_shared<FakePeer>(*theirs_);

    Result<SharedRecord> fetch() { return fetch_model(*ours_, Peers{first_, second_}, id_); }
};

TEST_F(FetchModel, TakesTheModelFromTheFirstThatHasIt) {
    const auto record = fetch();
    ASSERT_TRUE(record) << record.error().message();
    EXPECT_EQ(record.value()->id, id_);
    EXPECT_TRUE(ours_->load(id_));
    EXPECT_EQ(second_->asked, 0);
    EXPECT_TRUE(fetch());
    EXPECT_EQ(first_->asked, 1) << "what is here is not asked for";
}

TEST_F(FetchModel, AsksTheNextWhereTheFirstHasNothing) {
    first_->on_manifest = [](const ModelId&) -> Result<Manifest> { return Error{StoreError::missing}; };
    EXPECT_TRUE(fetch());
    EXPECT_EQ(first_->chunks, 0);
}

TEST_F(FetchModel, APeerWithAWrongChunkIsDroppedAndTheNextGoesOn) {
    first_->on_chunk = [](std::uint64_t index, Result<Bytes> bytes) {
        if (index == 3) bytes.value()[7] ^= 1;
        return bytes;
    };
    ASSERT_TRUE(fetch());
    EXPECT_EQ(first_->chunks, 4);
    EXPECT_EQ(static_cast<std::size_t>(second_->chunks), chunks_ - 3);
}

TEST_F(FetchModel, APeerThatFailsHalfWayIsContinued) {
    first_->on_chunk = [](std::uint64_t index, Result<Bytes> bytes) -> Result<Bytes> {
        if (index == 2) return Error{client::ClientError::timed_out};
        return bytes;
    };
    ASSERT_TRUE(fetch());
    EXPECT_EQ(static_cast<std::size_t>(second_->chunks), chunks_ - 2);
}

TEST_F(FetchModel, AnotherModelIsNoticedAtItsFront) {
    const Bytes other = dense_model(5, 77);
    first_->on_manifest = [&](const ModelId&) -> Result<Manifest> { return make_manifest(other); };
    first_->on_chunk = [&](std::uint64_t index, const Result<Bytes>&) -> Result<Bytes> {
        const auto at = index * kTransportChunk;
        return base::to_bytes(BytesView{other}.subspan(at, std::min(kTransportChunk, other.size() - at)));
    };
    ASSERT_TRUE(fetch());
    EXPECT_EQ(first_->chunks, 1);
    EXPECT_EQ(ours_->unfinished(), 0U);
}

TEST_F(FetchModel, AFrontWithOtherWeightsIsNoticedAtTheEnd) {
    Bytes changed = file_;
    changed.back() ^= 1;  // padding or weight: not what the front's digests say
    first_->on_manifest = [&](const ModelId&) -> Result<Manifest> { return make_manifest(changed); };
    first_->on_chunk = [&](std::uint64_t index, const Result<Bytes>&) -> Result<Bytes> {
        const auto at = index * kTransportChunk;
        return base::to_bytes(BytesView{changed}.subspan(at, std::min(kTransportChunk, changed.size() - at)));
    };
    ASSERT_TRUE(fetch());
    EXPECT_EQ(static_cast<std::size_t>(first_->chunks), chunks_);
    EXPECT_EQ(ours_->list().size(), 1U);
}

TEST_F(FetchModel, AnAbsurdManifestIsRefusedBeforeAnythingIsSent) {
    first_->on_manifest = [](const ModelId&) -> Result<Manifest> {
        return Manifest{~std::uint64_t{0}, std::vector<Hash>(3)};
    };
    ASSERT_TRUE(fetch());
    EXPECT_EQ(first_->chunks, 0);
}

TEST_F(FetchModel, SaysWhatEachPeerSaid) {
    first_->on_manifest = [](const ModelId&) -> Result<Manifest> { return Error{StoreError::missing}; };
    second_->on_chunk = [](std::uint64_t, const Result<Bytes>&) -> Result<Bytes> {
        return Error{client::ClientError::unreachable};
    };
    const auto record = fetch();
    ASSERT_FALSE(record);
    EXPECT_EQ(record.error(), Error{StoreError::no_peer});
    EXPECT_EQ(record.error().context, "fake: no such model here; fake: the node cannot be reached");
}

TEST_F(FetchModel, ManyLoadersFetchOnce) {
    FetchingModels models(*ours_, Peers{first_});
    std::atomic<int> good{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i)
        threads.emplace_back([&] { good += models.load(id_).has_value(); });
    threads.clear();
    EXPECT_EQ(good, 6);
    EXPECT_EQ(static_cast<std::size_t>(first_->chunks), chunks_);
    EXPECT_EQ(models.load(ModelId{}).error(), Error{outcome::OutcomeError::model_missing});
}

}  // namespace
}  // namespace valence::compute
