#include "valence/compute/worker/worker.hpp"

#include <gtest/gtest.h>

#include "valence/compute/model_store/fetch_model.hpp"
#include "valence/compute/testing/mailbox.hpp"
#include "valence/compute/testing/models.hpp"
#include "valence/compute/worker/local_job_bus.hpp"
#include "valence/ml/graph/validate.hpp"
#include "valence/ml/reference/evaluate.hpp"
#include "valence/ml/testing/random_graph.hpp"
#include "valence/outcome/testing/proving.hpp"
#include "valence/outcome/verify.hpp"

namespace valence::compute {
namespace {

using outcome::Mode;
using testing::dense_model;

constexpr std::uint64_t kChain = 1986;
constexpr auto kKey = "0x00000000000000000000000000000000000000000000000000000000000000a1"_hash;
const Address kOperator = *crypto::address_of(kKey);

WorkerOptions options(std::uint32_t threads = 2) {
    WorkerOptions options;
    options.operator_key = kKey;
    options.chain_id = kChain;
    options.modes = bit(Mode::operator_signed) | bit(Mode::replay);
    options.threads = threads;
    options.rate = kReferenceRate;
    return options;
}

std::unique_ptr<ModelStore> open() { return std::move(ModelStore::open({})).value(); }

/// All tensors one after the other.
outcome::Integers flat(const std::vector<ml::Values>& tensors) {
    outcome::Integers integers;
    for (const auto& tensor : tensors)
        for (const auto value : tensor.data)
            integers.push_back(static_cast<std::int32_t>(value));
    return integers;
}

Assignment assignment(const ModelId& model, outcome::Integers input, std::uint64_t number,
                      Mode mode = Mode::operator_signed) {
    Assignment made;
    made.job.model = model;
    made.job.mode = mode;
    made.job.input = std::move(input);
    if (mode == Mode::operator_signed) {
        made.job.operator_address = kOperator;
        made.job.salt = U256{number + 1}.to_hash();
    }
    made.id = outcome::job_id(made.job);
    made.expiry_block = 100;
    return made;
}

/// Holds every load back until it is opened, or those of one model only.
class Gate final : public outcome::ModelSource {
public:
    explicit Gate(outcome::ModelSource& behind, std::optional<ModelId> only = {})
        : behind_(behind), only_(only) {}
    Result<SharedModel> load(const ml::ModelId& id) override {
        if (only_ && *only_ != id) return behind_.load(id);
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [&] { return open_; });
        --waiting_;
        lock.unlock();
        return behind_.load(id);
    }
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void wait_for(int waiting) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return waiting_ == waiting; });
    }

private:
    outcome::ModelSource& behind_;
    const std::optional<ModelId> only_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
    int waiting_ = 0;
};

/// What a worker reported, in order.
struct Heard {
    std::mutex mutex;
    std::vector<JobResult> results;
    std::vector<ModelId> loaded;

    WorkerReports reports() {
        return {[this](JobResult result) {
                    const std::lock_guard lock(mutex);
                    results.push_back(std::move(result));
                },
                [this](const ModelId& model) {
                    const std::lock_guard lock(mutex);
                    loaded.push_back(model);
                }};
    }
};

const outcome::Outcome* outcome_of(const JobResult& result) {
    return std::get_if<outcome::Outcome>(&result.answer);
}
std::optional<FailureKind> failure_of(const JobResult& result) {
    const auto* failure = std::get_if<JobFailure>(&result.answer);
    return failure == nullptr ? std::nullopt : std::optional(failure->kind);
}

class WorkerTest : public ::testing::Test {
protected:
    const std::unique_ptr<ModelStore> store_ = open();
    const ModelId model_ = store_->add(dense_model(1), "me").value()->id;
    const outcome::Integers input_ = outcome::Integers(300, 7);
    outcome::NothingProvable nothing_provable_;
    Heard heard_;
};

// ---------------------------------------------------------------------------------------- answers

TEST_F(WorkerTest, AnswersWhatTheModelComputesWithEvidenceThatVerifies) {
    Worker worker(options(), *store_, *store_);
    worker.listen(heard_.reports());
    std::map<JobId, std::pair<outcome::Job, outcome::Integers>> asked;
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        const auto graph = ml::testing::random_graph(seed);
        const auto id = store_->add(ml::encode_model(graph), "me").value()->id;
        const auto inputs = ml::testing::random_inputs(graph, seed);
        for (const auto mode : {Mode::operator_signed, Mode::replay}) {
            const auto job = assignment(id, flat(inputs), seed, mode);
            asked[job.id] = {job.job, flat(ml::evaluate(graph, inputs).value())};
            worker.take(job);
        }
    }
    worker.wait_until_idle();
    ASSERT_EQ(heard_.results.size(), asked.size());
    for (const auto& result : heard_.results) {
        const auto* outcome = outcome_of(result);
        ASSERT_NE(outcome, nullptr) << std::get<JobFailure>(result.answer).reason;
        EXPECT_EQ(outcome->output, asked.at(result.job).second);
        EXPECT_EQ(outcome->payee, kOperator);
        EXPECT_EQ(result.node.bytes, kOperator.bytes);
        EXPECT_GE(result.measurement.service.count(), 0);
        const auto verified = outcome::verify({asked.at(result.job).first, *outcome},
                                              {kChain, 100, *store_, nothing_provable_});
        EXPECT_TRUE(verified) << verified.error().message();
    }
}

TEST_F(WorkerTest, TheSignatureIsForItsChainAndTime) {
    Worker worker(options(), *store_, *store_);
    worker.listen(heard_.reports());
    const auto job = assignment(model_, input_, 1);
    worker.take(job);
    worker.wait_until_idle();
    const outcome::Settled settled{job.job, *outcome_of(heard_.results.at(0))};
    EXPECT_TRUE(outcome::verify(settled, {kChain, 100, *store_, nothing_provable_}));
    EXPECT_FALSE(outcome::verify(settled, {kChain, 101, *store_, nothing_provable_}));
    EXPECT_FALSE(outcome::verify(settled, {kChain + 1, 100, *store_, nothing_provable_}));
}

TEST_F(WorkerTest, ProvesForItsChainAndPayee) {
    auto prover = options();
    prover.modes = bit(Mode::zk);
    prover.payee = base::address_from_number(0xbeef);
    Worker worker(prover, *store_, *store_);
    worker.listen(heard_.reports());
    const auto graph = zk::committed(testing::dense_graph(436)).value();
    const auto model = store_->add(ml::encode_model(graph), "me").value()->id;
    const auto job = assignment(model, input_, 1, Mode::zk);
    worker.take(job);
    worker.take(assignment(model, outcome::Integers(299), 1, Mode::zk));
    worker.take(assignment(model_, input_, 1, Mode::zk));
    worker.wait_until_idle();
    ASSERT_EQ(heard_.results.size(), 3U);
    const auto* answer = outcome_of(heard_.results[0]);
    ASSERT_NE(answer, nullptr);
    EXPECT_EQ(answer->payee, *prover.payee);
    EXPECT_EQ(failure_of(heard_.results[1]), FailureKind::error);
    EXPECT_EQ(failure_of(heard_.results[2]), FailureKind::refused) << "a model without a commitment";

    outcome::testing::GivenProvable models;
    models.add(zk::ProvingModel::commit(std::make_shared<const ml::Graph>(graph)).value());
    outcome::NoModels no_files;
    const outcome::Settled settled{job.job, *answer};
    const auto verdict = outcome::verify(settled, {kChain, 100, no_files, models});
    EXPECT_TRUE(verdict) << verdict.error().message();
    EXPECT_FALSE(outcome::verify(settled, {kChain + 1, 100, no_files, models}));
}

TEST_F(WorkerTest, RefusesProofsThatTakeTooMuchMemory) {
    auto prover = options(1);
    prover.modes = bit(Mode::zk);
    const auto graph = zk::committed(testing::dense_graph(436, 2)).value();
    const auto model = store_->add(ml::encode_model(graph), "me").value()->id;
    const auto needed =
        zk::ProvingModel::commit(std::make_shared<const ml::Graph>(graph)).value().proof_memory();
    for (const std::uint64_t memory : {needed - 1, needed}) {
        prover.proving_memory = memory;
        Worker worker(prover, *store_, *store_);
        worker.listen(heard_.reports());
        worker.take(assignment(model, outcome::Integers(300, 1), 1, Mode::zk));
        worker.wait_until_idle();
    }
    ASSERT_EQ(heard_.results.size(), 2U);
    EXPECT_EQ(failure_of(heard_.results[0]), FailureKind::refused);
    EXPECT_NE(outcome_of(heard_.results[1]), nullptr);
}

TEST_F(WorkerTest, ProofsHaveABoundedQueueOfTheirOwn) {
    const auto file = ml::encode_model(zk::committed(testing::dense_graph(436, 2)).value());
    const auto other = store_->add(file, "me").value()->id;
    Gate gate(*store_, other);
    auto prover = options(1);
    prover.modes = bit(Mode::zk) | bit(Mode::replay);
    prover.proof_jobs = 1;
    Worker worker(prover, *store_, gate);
    worker.listen(heard_.reports());
    const auto input = [](std::int32_t value) { return outcome::Integers(300, value); };
    worker.take(assignment(other, input(1), 1, Mode::zk));
    gate.wait_for(1);
    worker.take(assignment(other, input(2), 1, Mode::zk));
    worker.take(assignment(other, input(3), 1, Mode::zk));
    ASSERT_EQ(heard_.results.size(), 1U);
    EXPECT_EQ(failure_of(heard_.results[0]), FailureKind::refused);
    const auto now = Time(Duration(1));
    EXPECT_EQ(worker.heartbeat(now).queue.size(), 2U);
    EXPECT_GT(worker.heartbeat(now).proofs_until, now);

    // Runs go on meanwhile.
    const auto run = assignment(model_, input_, 1, Mode::replay);
    worker.take(run);
    const auto has_run = [&] {
        const std::lock_guard lock(heard_.mutex);
        return heard_.results.size() == 2;
    };
    while (!has_run())
        std::this_thread::yield();
    EXPECT_EQ(heard_.results[1].job, run.id);
    gate.open();
    worker.wait_until_idle();
    EXPECT_EQ(heard_.results.size(), 4U);
    EXPECT_EQ(worker.heartbeat(now).proofs_until, now);
}

TEST_F(WorkerTest, RefusesWhatItDoesNotDo) {
    auto only_replay = options();
    only_replay.modes = bit(Mode::replay);
    Worker worker(only_replay, *store_, *store_);
    worker.listen(heard_.reports());
    worker.take(assignment(model_, input_, 1));
    worker.take(assignment(model_, input_, 1, Mode::zk));
    worker.take(assignment(ModelId{}, input_, 1, Mode::replay));
    worker.wait_until_idle();
    ASSERT_EQ(heard_.results.size(), 3U);
    for (const auto& result : heard_.results)
        EXPECT_EQ(failure_of(result), FailureKind::refused);
}

TEST_F(WorkerTest, SignsForNoOtherOperatorAndNoOtherJob) {
    Worker worker(options(), *store_, *store_);
    worker.listen(heard_.reports());
    auto other = assignment(model_, input_, 1);
    other.job.operator_address = base::address_from_number(5);
    other.id = outcome::job_id(other.job);
    worker.take(other);
    auto renamed = assignment(model_, input_, 1);
    renamed.id = assignment(model_, input_, 2).id;
    worker.take(renamed);
    worker.wait_until_idle();
    ASSERT_EQ(heard_.results.size(), 2U);
    EXPECT_EQ(failure_of(heard_.results[0]), FailureKind::refused);
    EXPECT_EQ(failure_of(heard_.results[1]), FailureKind::error);
}

TEST_F(WorkerTest, AnInputThatDoesNotFitIsAnError) {
    Worker worker(options(), *store_, *store_);
    worker.listen(heard_.reports());
    worker.take(assignment(model_, outcome::Integers(299), 1));
    worker.take(assignment(model_, outcome::Integers(300, 40'000), 2));
    worker.take(assignment(model_, {}, 3));
    worker.wait_until_idle();
    ASSERT_EQ(heard_.results.size(), 3U);
    for (const auto& result : heard_.results)
        EXPECT_EQ(failure_of(result), FailureKind::error);
}

TEST_F(WorkerTest, FetchesTheModelItLacks) {
    const auto own = open();
    const std::vector<std::shared_ptr<ModelPeer>> peers{std::make_shared<StorePeer>(*store_)};
    FetchingModels models(*own, peers);
    Worker worker(options(), *own, models);
    worker.listen(heard_.reports());
    worker.take(assignment(model_, input_, 1));
    worker.wait_until_idle();
    ASSERT_NE(outcome_of(heard_.results.at(0)), nullptr);
    EXPECT_GT(heard_.results[0].measurement.load.count(), 0);
    worker.take(assignment(model_, input_, 2));
    worker.wait_until_idle();
    EXPECT_EQ(heard_.results.at(1).measurement.load.count(), 0);
    EXPECT_TRUE(own->holds(model_));
}

// ---------------------------------------------------------------------------------------- queues

TEST_F(WorkerTest, TheQueueIsBounded) {
    Gate gate(*store_);
    auto narrow = options(1);
    narrow.queue_jobs = 3;
    Worker worker(narrow, *store_, gate);
    worker.listen(heard_.reports());
    worker.take(assignment(model_, input_, 0));
    gate.wait_for(1);
    for (std::uint64_t n = 1; n <= 5; ++n)
        worker.take(assignment(model_, input_, n));
    ASSERT_EQ(heard_.results.size(), 2U);
    EXPECT_EQ(failure_of(heard_.results[0]), FailureKind::refused);
    gate.open();
    worker.wait_until_idle();
    EXPECT_EQ(heard_.results.size(), 6U);
}

TEST_F(WorkerTest, TheQueuesBytesAreBounded) {
    Gate gate(*store_);
    auto narrow = options(1);
    narrow.queue_bytes = 3'000;
    Worker worker(narrow, *store_, gate);
    worker.listen(heard_.reports());
    worker.take(assignment(model_, input_, 0));
    gate.wait_for(1);
    for (std::uint64_t n = 1; n <= 3; ++n)
        worker.take(assignment(model_, input_, n));
    EXPECT_EQ(heard_.results.size(), 1U);
    gate.open();
    worker.wait_until_idle();
}

TEST_F(WorkerTest, AJobIsTakenOnce) {
    Gate gate(*store_);
    Worker worker(options(1), *store_, gate);
    worker.listen(heard_.reports());
    for (int i = 0; i < 3; ++i)
        for (std::uint64_t n = 0; n < 2; ++n) {
            worker.take(assignment(model_, input_, n));
            if (n == 0) gate.wait_for(1);
        }
    gate.open();
    worker.wait_until_idle();
    EXPECT_EQ(heard_.results.size(), 2U);
}

TEST_F(WorkerTest, CancelledJobsAreNotAnswered) {
    Gate gate(*store_);
    Worker worker(options(1), *store_, gate);
    worker.listen(heard_.reports());
    std::vector<Assignment> jobs;
    for (std::uint64_t n = 0; n < 4; ++n)
        jobs.push_back(assignment(model_, input_, n));
    worker.take(jobs[0]);
    gate.wait_for(1);
    for (std::uint64_t n = 1; n < 4; ++n)
        worker.take(jobs[n]);
    worker.cancel(jobs[0].id);  // runs
    worker.cancel(jobs[2].id);  // waits
    worker.cancel(JobId{});     // is none
    EXPECT_EQ(worker.heartbeat(Time{}).queue.size(), 3U);
    gate.open();
    worker.wait_until_idle();
    ASSERT_EQ(heard_.results.size(), 2U);
    EXPECT_EQ(heard_.results[0].job, jobs[1].id);
    EXPECT_EQ(heard_.results[1].job, jobs[3].id);
}

TEST_F(WorkerTest, DrainingFinishesAndTakesNoMore) {
    Gate gate(*store_);
    Worker worker(options(1), *store_, gate);
    worker.listen(heard_.reports());
    worker.take(assignment(model_, input_, 0));
    worker.take(assignment(model_, input_, 1));
    worker.drain();
    EXPECT_EQ(worker.heartbeat(Time{}).intake, Intake::draining);
    worker.take(assignment(model_, input_, 2));
    EXPECT_EQ(failure_of(heard_.results.at(0)), FailureKind::refused);
    gate.open();
    worker.wait_until_idle();
    EXPECT_EQ(heard_.results.size(), 3U);
    worker.resume();
    worker.take(assignment(model_, input_, 2));
    worker.wait_until_idle();
    EXPECT_NE(outcome_of(heard_.results.at(3)), nullptr);
}

TEST_F(WorkerTest, EndsWithJobsWaiting) {
    Gate gate(*store_);
    std::jthread opener;
    {
        Worker worker(options(1), *store_, gate);
        worker.listen(heard_.reports());
        for (std::uint64_t n = 0; n < 5; ++n)
            worker.take(assignment(model_, input_, n));
        gate.wait_for(1);
        opener = std::jthread([&] { gate.open(); });
    }
    EXPECT_LE(heard_.results.size(), 5U);
}

// ---------------------------------------------------------------------------------------- what it says

TEST_F(WorkerTest, AdvertisesWhatItHas) {
    auto mine = options(3);
    mine.rate = kReferenceRate / 2;
    mine.stake = 5;
    ASSERT_TRUE(store_->load(model_));
    const Worker worker(mine, *store_, *store_);
    const auto advert = worker.advert();
    EXPECT_EQ(advert.node.bytes, kOperator.bytes);
    EXPECT_EQ(advert.modes, mine.modes);
    EXPECT_EQ(advert.slots, 3U);
    EXPECT_EQ(advert.speed, Ratio::percent(50));
    EXPECT_EQ(advert.stake, 5U);
    ASSERT_EQ(advert.cached.size(), 1U);
    EXPECT_EQ(advert.cached[0].model, model_);
    EXPECT_GT(advert.cached[0].bytes, 200'000U);
    EXPECT_GT(worker.hardware().memory, 0U);
    EXPECT_GE(worker.hardware().cores, 1U);
}

TEST_F(WorkerTest, TellsWhenItsJobsWillBeDone) {
    Gate gate(*store_);
    auto mine = options(1);
    Time clock{Duration(0)};
    mine.now = [&] { return clock; };
    // 130,800 products at a million a second.
    mine.rate = 1'000'000;
    mine.load_rate = std::uint64_t{1} << 40;
    Worker worker(mine, *store_, gate);
    for (std::uint64_t n = 0; n < 3; ++n)
        worker.take(assignment(model_, input_, n));
    gate.wait_for(1);
    const auto queue = worker.heartbeat(Time{Duration(1'000)}).queue;
    ASSERT_EQ(queue.size(), 3U);
    constexpr std::int64_t kOne = 436 * 300;
    for (std::int64_t n = 0; n < 3; ++n)
        EXPECT_EQ(queue[static_cast<std::size_t>(n)].estimated_finish.time_since_epoch().count(),
                  (n + 1) * kOne);
    gate.open();
    worker.wait_until_idle();
    EXPECT_TRUE(worker.heartbeat(Time{}).queue.empty());
}

TEST_F(WorkerTest, LoadsAndDropsModelsWhenTold) {
    Worker worker(options(), *store_, *store_);
    worker.listen(heard_.reports());
    EXPECT_TRUE(worker.advert().cached.empty());
    worker.load_model(model_);
    worker.load_model(ModelId{});
    worker.wait_until_idle();
    ASSERT_EQ(heard_.loaded.size(), 1U) << "what cannot be loaded is not reported";
    EXPECT_EQ(heard_.loaded[0], model_);
    EXPECT_EQ(worker.heartbeat(Time{}).cached.size(), 1U);
    worker.drop_model(model_);
    EXPECT_TRUE(worker.heartbeat(Time{}).cached.empty());
    EXPECT_TRUE(store_->holds(model_));
}

TEST(Hardware, TheProbeIsAModelAndHasASpeed) { EXPECT_GT(measure_rate(), 0U); }

// ---------------------------------------------------------------------------------------- many at once

TEST_F(WorkerTest, ManyJobsFromManyThreadsAreEachAnsweredOnce) {
    Worker worker(options(4), *store_, *store_);
    worker.listen(heard_.reports());
    constexpr std::uint64_t kEach = 60;
    {
        std::vector<std::jthread> threads;
        for (std::uint64_t t = 0; t < 4; ++t)
            threads.emplace_back([&, t] {
                for (std::uint64_t n = 0; n < kEach; ++n) {
                    worker.take(assignment(model_, input_, t * kEach + n));
                    worker.heartbeat(Time{});
                }
            });
    }
    worker.wait_until_idle();
    std::set<JobId> answered;
    for (const auto& result : heard_.results)
        EXPECT_TRUE(answered.insert(result.job).second) << "answered twice";
    EXPECT_EQ(answered.size(), 4 * kEach);
}

}  // namespace
}  // namespace valence::compute
