// Worker: a compute node. It holds no chain state: a job names a model by its hash and carries its input.
//
//     take(job) ─► bounded queue ─► a thread: model from the source (fetched if need be), run, sign ─► report
//                └► (ZK) a queue of its own ─► the prover's thread: run, prove ─► report
//
// Proofs take a hundred times as long as runs, and hold none of those up.
//
// All of it may be called from any thread, and nothing waits but what says so.
#pragma once

#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "valence/compute/balancer/estimate.hpp"
#include "valence/compute/model_store/model_store.hpp"
#include "valence/compute/worker/hardware.hpp"
#include "valence/compute/worker/job_bus.hpp"

namespace valence::ml {
class Workspace;
}

namespace valence::compute {

class ProvingModels;

struct WorkerOptions {
    /// Signs the answers; its address is the node's name. Valid.
    crypto::PrivateKey operator_key;
    /// Who is paid; the operator where absent.
    std::optional<Address> payee;
    std::uint64_t chain_id = 0;
    outcome::ModeSet modes = outcome::bit(outcome::Mode::operator_signed);
    /// Jobs worked on at once, each by one thread; at least 1.
    std::uint32_t threads = 1;
    /// Jobs that wait beside those, and the bytes of their inputs.
    std::uint32_t queue_jobs = 256;
    std::uint64_t queue_bytes = std::uint64_t{256} << 20;
    /// The same of jobs to be proved, one at a time by all processors.
    std::uint32_t proof_jobs = 32;
    /// For models' commitments, 40 bytes a weight.
    std::uint64_t proof_memory = std::uint64_t{2} << 30;
    /// For one proof: whoever registers a model has a say in what that takes, and more is refused.
    std::uint64_t proving_memory = std::uint64_t{4} << 30;
    /// For models; what the store keeps in memory.
    std::uint64_t memory = std::uint64_t{4} << 30;
    /// Multiply-accumulates a second of one thread; measured where 0.
    std::uint64_t rate = 0;
    /// Bytes of model a second that loading takes, until loads tell better.
    std::uint64_t load_rate = std::uint64_t{100} << 20;
    /// Gwei.
    std::uint64_t stake = 0;
    /// What becomes of each answer before it is reported; nothing where empty. Tests make liars with it.
    std::function<void(outcome::Outcome&)> tamper;
    /// Microseconds of a clock that the sequencer shares; the steady clock when empty.
    std::function<Time()> now;
};

/// Where a worker reports to; either may be empty. Called by its threads, one at a time.
struct WorkerReports {
    std::function<void(JobResult)> result;
    std::function<void(const ModelId&)> model_loaded;
};

class Worker {
public:
    /// `models` may be `store` itself, or a source that fetches into it. Both outlive the worker.
    Worker(WorkerOptions options, ModelStore& store, outcome::ModelSource& models);
    /// Drops what waits, finishes what runs.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    const NodeId& id() const { return id_; }
    const Hardware& hardware() const { return hardware_; }
    NodeAdvert advert() const;
    Heartbeat heartbeat(Time now) const;
    /// From its return on, only these are called.
    void listen(WorkerReports reports);

    /// Takes a job, or reports why not: refused when the queue is full, while draining, and for what this
    /// node does not do. One that it has already is taken once.
    void take(Assignment assignment);
    /// A job that waits is dropped; the answer of one that runs is not reported.
    void cancel(const JobId& job);
    /// Brings a model into memory when no job waits for a thread, and reports it.
    void load_model(const ModelId& model);
    void drop_model(const ModelId& model) { store_.unload(model); }

    /// Takes no more jobs; those it has are finished.
    void drain();
    void resume();
    /// Waits until no job waits or runs.
    void wait_until_idle() const;

private:
    struct Work {
        Assignment assignment;
        std::uint64_t bytes = 0;
        // While running:
        Time started;
        enum class Wanted : std::uint8_t { yes, no } wanted = Wanted::yes;
    };
    using Works = std::list<Work>;

    /// Jobs that wait for the same threads.
    struct Lane {
        const std::uint32_t most_jobs;
        Works waiting = {};
        std::uint64_t waiting_bytes = 0;
        std::condition_variable work_comes = {};
    };
    Lane& lane_of(outcome::Mode mode) { return mode == outcome::Mode::zk ? proofs_ : runs_; }
    bool is_idle() const;

    void run();
    void run_prover();
    /// Takes the first job of a lane and does it, with the lock held before and after.
    template <typename Perform>
    void do_first(Lane& lane, std::unique_lock<std::mutex>& lock, Perform perform);
    /// Does one job; on a worker's thread, without the lock.
    template <typename Compute>
    JobResult perform(const Assignment& assignment, Compute compute);
    using Answer = std::variant<outcome::Outcome, JobFailure>;
    Answer compute(const Assignment& assignment, ml::Workspace& workspace, Measurement& measurement);
    Answer prove(const Assignment& assignment, ProvingModels& proving, Measurement& measurement);
    Address payee() const { return options_.payee.value_or(Address{id_.bytes}); }
    std::optional<JobFailure> unfit(const Assignment& assignment) const;
    std::optional<JobFailure> enqueue(Assignment&& assignment);
    void learn(const outcome::Job& job, const Measurement& measurement);
    /// With the lock held.
    Duration expected(const outcome::Job& job) const;
    void report(JobResult result);
    void report_loaded(const ModelId& model);

    const WorkerOptions options_;
    const NodeId id_;
    const Hardware hardware_;
    const std::uint64_t rate_;
    ModelStore& store_;
    outcome::ModelSource& models_;

    /// Guards what follows.
    mutable std::mutex mutex_;
    mutable std::condition_variable idle_;
    Lane runs_;
    Lane proofs_;
    Works running_;
    /// Ordered, and not yet begun.
    std::deque<ModelId> to_load_;
    std::size_t loading_ = 0;
    Intake intake_ = Intake::open;
    bool stopping_ = false;
    std::unordered_map<ModelId, Estimate> service_;
    std::unordered_map<ModelId, Estimate> proof_service_;
    std::uint64_t load_rate_;

    /// Guards reports_, and is held while one is called.
    std::mutex report_mutex_;
    WorkerReports reports_;

    /// Last, so that they end before what they work on goes.
    std::vector<std::jthread> threads_;
};

}  // namespace valence::compute
