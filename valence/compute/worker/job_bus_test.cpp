// The seam between sequencer and compute nodes under faults: whatever the nodes do, every job ends once, with
// the answer that its model gives, or without one.
#include <set>

#include <gtest/gtest.h>

#include "valence/compute/balancer/load_balancer.hpp"
#include "valence/compute/testing/mailbox.hpp"
#include "valence/compute/testing/models.hpp"
#include "valence/compute/worker/local_job_bus.hpp"
#include "valence/compute/worker/worker.hpp"
#include "valence/outcome/replay.hpp"
#include "valence/outcome/verify.hpp"

namespace valence::compute {
namespace {

using outcome::Mode;
using testing::dense_model;
using testing::Mailbox;

constexpr std::uint64_t kChain = 1986;

Hash key_of(std::uint64_t number) { return U256{1000 + number}.to_hash(); }

/// What a node does to the answers it gives.
enum class Fault : std::uint8_t {
    none,
    lies,    // another output
    claims,  // the right output in another's name
    never,   // no answer at all
    twice,   // each answer two times
    floods,  // and many that nobody asked for
    dies,    // it is gone at its first job
};

/// Between the bus and the sequencer: nodes misbehave here.
class FaultyNodes final : public JobBusListener {
public:
    explicit FaultyNodes(JobBusListener& sequencer) : sequencer_(sequencer) {}
    void set(const NodeId& node, Fault fault) { faults_[node] = fault; }

    void on_joined(const NodeAdvert& advert) override { sequencer_.on_joined(advert); }
    void on_left(const NodeId& node) override { sequencer_.on_left(node); }
    void on_heartbeat(const NodeId& node, const Heartbeat& beat) override {
        if (!dead_.contains(node)) sequencer_.on_heartbeat(node, beat);
    }
    void on_model_loaded(const NodeId& node, const ModelId& model) override {
        sequencer_.on_model_loaded(node, model);
    }
    void on_result(const JobResult& result) override {
        JobResult answer = result;
        auto* outcome = std::get_if<outcome::Outcome>(&answer.answer);
        switch (faults_[result.node]) {
            case Fault::none:
                break;
            case Fault::lies:
                if (outcome != nullptr) outcome->output.at(0) += 1;
                break;
            case Fault::claims:
                answer.job.bytes[0] ^= 1;
                break;
            case Fault::never:
                return;
            case Fault::twice:
                sequencer_.on_result(answer);
                break;
            case Fault::floods:
                for (int i = 0; i < 100; ++i) {
                    JobResult made_up = answer;
                    made_up.job = JobId{U256{flood_++}.to_hash().bytes};
                    sequencer_.on_result(made_up);
                }
                break;
            case Fault::dies:
                if (dead_.insert(result.node).second) sequencer_.on_left(result.node);
                return;
        }
        sequencer_.on_result(answer);
    }

private:
    JobBusListener& sequencer_;
    std::map<NodeId, Fault> faults_;
    std::set<NodeId> dead_;
    std::uint64_t flood_ = 1;
};

/// As much of a sequencer as drives the balancer. Time passes when the test says so.
class Driver final : public JobBusListener {
public:
    explicit Driver(outcome::ModelSource& models) : models_(models) {}
    void connect(JobBus& bus) { bus_ = &bus; }

    void submit(const outcome::Job& job) {
        Assignment assignment{job, outcome::job_id(job), 100};
        open_[assignment.id] = assignment;
        JobRequest request;
        request.job = assignment.id;
        request.model = job.model;
        request.mode = job.mode;
        request.model_bytes = 500'000;
        request.reference_service = std::chrono::milliseconds(1);
        act(balancer_.choose(request, now_));
        look();
    }
    void pass(Duration time) {
        now_ += time;
        look();
    }
    Time now() const { return now_; }
    bool all_ended() const { return open_.empty(); }
    const std::map<JobId, outcome::Integers>& answers() const { return answers_; }
    std::size_t refusals() const { return refused_; }
    /// Why, for messages.
    std::string last_refusal() const { return refusals_.empty() ? "" : refusals_.back(); }
    std::size_t wrong() const { return wrong_; }
    std::size_t of(const NodeId& node) const {
        const auto found = useful_.find(node);
        return found == useful_.end() ? 0 : found->second;
    }

    void on_joined(const NodeAdvert& advert) override { balancer_.node_joined(advert, now_); }
    void on_left(const NodeId& node) override {
        balancer_.node_left(node, now_);
        look();
    }
    void on_heartbeat(const NodeId& node, const Heartbeat& beat) override {
        balancer_.heartbeat(node, beat, now_);
    }
    void on_model_loaded(const NodeId& node, const ModelId& model) override {
        balancer_.model_loaded(node, model, now_);
    }
    void on_result(const JobResult& result) override {
        const auto job = open_.find(result.job);
        if (job == open_.end()) return;
        if (const auto* failure = std::get_if<JobFailure>(&result.answer)) {
            balancer_.failed(result.job, result.node, failure->kind, now_);
        } else {
            const auto& outcome = std::get<outcome::Outcome>(result.answer);
            if (!outcome::verify({job->second.job, outcome}, {kChain, 1, models_, nothing_provable_})) {
                ++wrong_;
                balancer_.failed(result.job, result.node, FailureKind::wrong_outcome, now_);
            } else {
                const auto settled = balancer_.completed(result.job, result.node, result.measurement, now_);
                for (const auto& cancellation : settled.cancellations)
                    bus_->cancel(cancellation.job, cancellation.node);
                EXPECT_TRUE(answers_.emplace(result.job, outcome.output).second) << "settled twice";
                ++useful_[result.node];
                open_.erase(job);
            }
        }
        look();
    }

private:
    void look() {
        const auto due = balancer_.due(now_);
        for (const auto& cancellation : due.cancellations)
            bus_->cancel(cancellation.job, cancellation.node);
        for (const auto& decision : due.decisions)
            act(decision);
    }
    void act(const Decision& decision) {
        if (decision.action == Action::refuse) {
            refused_ += open_.erase(decision.job);
            refusals_.push_back(describe(decision));
        } else if (decision.action == Action::dispatch) {
            if (const auto job = open_.find(decision.job); job != open_.end())
                bus_->dispatch(job->second, decision.node);
        }
    }

    outcome::ModelSource& models_;
    outcome::NothingProvable nothing_provable_;
    LoadBalancer balancer_;
    JobBus* bus_ = nullptr;
    Time now_{Duration(0)};
    std::map<JobId, Assignment> open_;
    std::map<JobId, outcome::Integers> answers_;
    std::map<NodeId, std::size_t> useful_;
    std::size_t refused_ = 0;
    std::vector<std::string> refusals_;
    std::size_t wrong_ = 0;
};

class JobBusTest : public ::testing::Test {
protected:
    static constexpr std::uint64_t kJobs = 60;

    /// A network of nodes that do so.
    void start(const std::vector<Fault>& faults) {
        for (std::size_t i = 0; i < faults.size(); ++i) {
            WorkerOptions options;
            options.operator_key = key_of(i);
            options.chain_id = kChain;
            options.modes = bit(Mode::replay);
            options.rate = kReferenceRate;
            workers_.push_back(std::make_unique<Worker>(options, *store_, *store_));
            nodes_.set(workers_.back()->id(), faults[i]);
            bus_.join(*workers_.back());
        }
        driver_.connect(bus_);
        mailbox_.run();
    }
    void TearDown() override {
        for (const auto& worker : workers_)
            bus_.leave(worker->id());
        mailbox_.run();
    }

    void run_jobs() {
        for (std::uint64_t n = 0; n < kJobs; ++n) {
            outcome::Job job;
            job.model = model_;
            job.mode = Mode::replay;
            job.input = outcome::Integers(300, static_cast<std::int32_t>(n));
            jobs_[outcome::job_id(job)] = job;
            driver_.submit(job);
            mailbox_.run();
        }
        // The clock is the test's: it moves on once no answer can be on its way any more.
        for (int step = 0; step < 1'000 && !driver_.all_ended(); ++step) {
            for (const auto& worker : workers_)
                worker->wait_until_idle();
            mailbox_.run();
            driver_.pass(std::chrono::milliseconds(100));
            bus_.beat(driver_.now());
            mailbox_.run();
        }
        EXPECT_TRUE(driver_.all_ended());
        const auto model = store_->load(model_).value();
        for (const auto& [id, output] : driver_.answers())
            EXPECT_EQ(output, outcome::replay(*model, jobs_.at(id).input).value());
    }
    NodeId node(std::size_t number) const { return workers_.at(number)->id(); }

    const std::unique_ptr<ModelStore> store_ = std::move(ModelStore::open({})).value();
    const ModelId model_ = store_->add(dense_model(1), "me").value()->id;
    Mailbox mailbox_;
    Driver driver_{*store_};
    FaultyNodes nodes_{driver_};
    LocalJobBus bus_{mailbox_.post(), nodes_};
    std::vector<std::unique_ptr<Worker>> workers_;
    std::map<JobId, outcome::Job> jobs_;
};

TEST_F(JobBusTest, HonestNodesAnswerEverything) {
    start({Fault::none, Fault::none, Fault::none});
    run_jobs();
    EXPECT_EQ(driver_.answers().size(), kJobs) << driver_.last_refusal();
    EXPECT_EQ(driver_.wrong(), 0U);
}

TEST_F(JobBusTest, ALiarIsFoundOutAndItsJobsDoneByOthers) {
    start({Fault::lies, Fault::none, Fault::none});
    run_jobs();
    EXPECT_EQ(driver_.answers().size(), kJobs) << driver_.last_refusal();
    EXPECT_GT(driver_.wrong(), 0U);
    EXPECT_EQ(driver_.of(node(0)), 0U);
    EXPECT_LT(driver_.wrong(), kJobs / 2) << "its breaker opens";
}

TEST_F(JobBusTest, ANodeThatNeverAnswersIsReplaced) {
    start({Fault::never, Fault::none});
    run_jobs();
    EXPECT_EQ(driver_.answers().size(), kJobs) << driver_.last_refusal();
    EXPECT_EQ(driver_.of(node(0)), 0U);
}

TEST_F(JobBusTest, SecondAnswersChangeNothing) {
    start({Fault::twice, Fault::twice});
    run_jobs();
    EXPECT_EQ(driver_.answers().size(), kJobs) << driver_.last_refusal();
}

TEST_F(JobBusTest, AnswersThatNobodyAskedForChangeNothing) {
    start({Fault::floods, Fault::claims, Fault::none});
    run_jobs();
    EXPECT_EQ(driver_.answers().size(), kJobs) << driver_.last_refusal();
    EXPECT_EQ(driver_.of(node(1)), 0U);
}

TEST_F(JobBusTest, ADyingNodesJobsAreDoneByOthers) {
    start({Fault::dies, Fault::none});
    run_jobs();
    EXPECT_EQ(driver_.answers().size(), kJobs) << driver_.last_refusal();
    EXPECT_EQ(driver_.of(node(0)), 0U);
}

TEST_F(JobBusTest, WithNobodyHonestEveryJobStillEnds) {
    start({Fault::lies, Fault::never});
    run_jobs();
    EXPECT_EQ(driver_.answers().size(), 0U);
    EXPECT_EQ(driver_.refusals(), kJobs);
}

TEST_F(JobBusTest, WhatIsSentToANodeThatLeftIsLost) {
    start({Fault::none});
    const auto gone = node(0);
    bus_.leave(gone);
    bus_.dispatch({}, gone);
    bus_.cancel({}, gone);
    bus_.load_model({}, gone);
    mailbox_.run();
    EXPECT_TRUE(driver_.answers().empty());
}

}  // namespace
}  // namespace valence::compute
