#include "valence/compute/worker/worker.hpp"

#include <fmt/format.h>

#include "valence/base/thread_priority.hpp"
#include "valence/compute/worker/proving_models.hpp"
#include "valence/ml/executor/run.hpp"
#include "valence/outcome/outcome_error.hpp"
#include "valence/outcome/replay.hpp"

namespace valence::compute {
namespace {

/// A thread's workspace grows to the largest model it ran; beyond this it is given back after each run.
constexpr std::size_t kKeptWorkspace = std::size_t{256} << 20;
/// Models whose speed is remembered, and loads that wait.
constexpr std::size_t kRememberedModels = 4096;
constexpr std::size_t kMostLoads = 1024;
/// Until proofs of a model were made here: what one takes at least, and how many runs it is.
constexpr Duration kLeastProof{5'000};
constexpr std::int64_t kRunsOfProof = 200;

NodeId node_of(const crypto::PrivateKey& key) {
    const auto address = crypto::address_of(key);
    VALENCE_CHECK(address.has_value());
    return NodeId{address->bytes};
}

WorkerOptions completed(WorkerOptions options) {
    if (!options.now)
        options.now = [] {
            return Time{
                std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())};
        };
    options.threads = std::max(options.threads, 1U);
    return options;
}

JobFailure refused(std::string why) { return {FailureKind::refused, std::move(why)}; }

}  // namespace

Worker::Worker(WorkerOptions options, ModelStore& store, outcome::ModelSource& models)
    : options_(completed(std::move(options))),
      id_(node_of(options_.operator_key)),
      hardware_(this_machine()),
      rate_(options_.rate != 0 ? options_.rate : measure_rate()),
      store_(store),
      models_(models),
      runs_{options_.queue_jobs},
      proofs_{options_.proof_jobs},
      load_rate_(std::max<std::uint64_t>(options_.load_rate, 1)) {
    for (std::uint32_t i = 0; i < options_.threads; ++i)
        threads_.emplace_back([this] { run(); });
    if (contains(options_.modes, outcome::Mode::zk)) threads_.emplace_back([this] { run_prover(); });
}

Worker::~Worker() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        runs_.waiting.clear();
        proofs_.waiting.clear();
        to_load_.clear();
    }
    runs_.work_comes.notify_all();
    proofs_.work_comes.notify_all();
}

// ---- What it says of itself

NodeAdvert Worker::advert() const {
    NodeAdvert advert;
    advert.node = id_;
    advert.node_class = hardware_.node_class;
    advert.modes = options_.modes;
    advert.memory = options_.memory;
    advert.slots = options_.threads;
    advert.speed = Ratio::of(static_cast<std::int64_t>(rate_), static_cast<std::int64_t>(kReferenceRate));
    advert.stake = options_.stake;
    for (const auto& [model, bytes] : store_.loaded())
        advert.cached.push_back({model, bytes});
    const std::lock_guard lock(mutex_);
    advert.load_rate = load_rate_;
    return advert;
}

Heartbeat Worker::heartbeat(Time now) const {
    Heartbeat beat;
    beat.taken = now;
    for (const auto& [model, bytes] : store_.loaded())
        beat.cached.push_back({model, bytes});
    const std::lock_guard lock(mutex_);
    beat.intake = intake_;
    // When each thread is free, as far as can be told; the prover's too.
    std::vector<Time> free(options_.threads, now);
    Time prover_free = now;
    std::size_t thread = 0;
    for (const Work& work : running_) {
        const auto finish = std::max(now, work.started + expected(work.assignment.job));
        (work.assignment.job.mode == outcome::Mode::zk ? prover_free : free[thread++ % free.size()]) = finish;
        beat.queue.push_back({work.assignment.id, finish});
    }
    for (const Work& work : runs_.waiting) {
        auto& soonest = *std::min_element(free.begin(), free.end());
        soonest += expected(work.assignment.job);
        beat.queue.push_back({work.assignment.id, soonest});
    }
    for (const Work& work : proofs_.waiting) {
        prover_free += expected(work.assignment.job);
        beat.queue.push_back({work.assignment.id, prover_free});
    }
    beat.proofs_until = prover_free;
    return beat;
}

Duration Worker::expected(const outcome::Job& job) const {
    const bool is_proof = job.mode == outcome::Mode::zk;
    Duration load{0};
    const auto record = store_.find(job.model);
    if (record && !store_.is_loaded(job.model))
        load = Duration(static_cast<std::int64_t>(record->weight_bytes * 1'000'000 / load_rate_));
    const auto& service = is_proof ? proof_service_ : service_;
    if (const auto known = service.find(job.model); known != service.end())
        return load + known->second.mean();
    if (!record) return load + (is_proof ? kLeastProof : Duration(0));
    // Above, the product would not fit; no model runs for so long.
    constexpr std::uint64_t kMost = std::uint64_t{1} << 44;
    const Duration run(
        static_cast<std::int64_t>(std::min(record->multiply_accumulates, kMost) * 1'000'000 / rate_));
    return load + (is_proof ? kLeastProof + run * kRunsOfProof : run);
}

void Worker::listen(WorkerReports reports) {
    const std::lock_guard lock(report_mutex_);
    reports_ = std::move(reports);
}

void Worker::report(JobResult result) {
    const std::lock_guard lock(report_mutex_);
    if (reports_.result) reports_.result(std::move(result));
}

void Worker::report_loaded(const ModelId& model) {
    const std::lock_guard lock(report_mutex_);
    if (reports_.model_loaded) reports_.model_loaded(model);
}

// ---- What it is told

std::optional<JobFailure> Worker::unfit(const Assignment& assignment) const {
    const auto mode = assignment.job.mode;
    if (!contains(options_.modes, mode))
        return refused(fmt::format("mode {} is not served here", mode_name(mode)));
    if (mode == outcome::Mode::operator_signed && assignment.job.operator_address.bytes != id_.bytes)
        return refused("the job names another operator");
    return std::nullopt;
}

void Worker::take(Assignment assignment) {
    auto failure = unfit(assignment);
    const JobId job = assignment.id;
    if (!failure) failure = enqueue(std::move(assignment));
    if (failure) report({job, id_, std::move(*failure), {}});
}

std::optional<JobFailure> Worker::enqueue(Assignment&& assignment) {
    const std::uint64_t bytes = assignment.job.input.size() * sizeof(std::int32_t);
    Lane& lane = lane_of(assignment.job.mode);
    {
        const std::lock_guard lock(mutex_);
        if (intake_ == Intake::draining) return refused("draining");
        const auto is_same = [&](const Work& work) { return work.assignment.id == assignment.id; };
        if (std::any_of(lane.waiting.begin(), lane.waiting.end(), is_same)) return std::nullopt;
        if (const auto found = std::find_if(running_.begin(), running_.end(), is_same);
            found != running_.end()) {
            // Perhaps it was cancelled: it is wanted again.
            found->wanted = Work::Wanted::yes;
            return std::nullopt;
        }
        if (lane.waiting.size() >= lane.most_jobs || lane.waiting_bytes + bytes > options_.queue_bytes)
            return refused(fmt::format("{} jobs wait already", lane.waiting.size()));
        lane.waiting.push_back({std::move(assignment), bytes, {}});
        lane.waiting_bytes += bytes;
    }
    lane.work_comes.notify_one();
    return std::nullopt;
}

bool Worker::is_idle() const {
    return runs_.waiting.empty() && proofs_.waiting.empty() && running_.empty() && to_load_.empty() &&
           loading_ == 0;
}

void Worker::cancel(const JobId& job) {
    const std::lock_guard lock(mutex_);
    for (Lane* lane : {&runs_, &proofs_}) {
        for (auto at = lane->waiting.begin(); at != lane->waiting.end(); ++at) {
            if (at->assignment.id != job) continue;
            lane->waiting_bytes -= at->bytes;
            lane->waiting.erase(at);
            if (is_idle()) idle_.notify_all();
            return;
        }
    }
    for (Work& work : running_)
        if (work.assignment.id == job) work.wanted = Work::Wanted::no;
}

void Worker::load_model(const ModelId& model) {
    {
        const std::lock_guard lock(mutex_);
        if (intake_ == Intake::draining || to_load_.size() >= kMostLoads) return;
        to_load_.push_back(model);
    }
    runs_.work_comes.notify_one();
}

void Worker::drain() {
    const std::lock_guard lock(mutex_);
    intake_ = Intake::draining;
    to_load_.clear();
}

void Worker::resume() {
    const std::lock_guard lock(mutex_);
    intake_ = Intake::open;
}

void Worker::wait_until_idle() const {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [&] { return is_idle(); });
}

// ---- What it does

template <typename Perform>
void Worker::do_first(Lane& lane, std::unique_lock<std::mutex>& lock, Perform perform) {
    const auto work = lane.waiting.begin();
    lane.waiting_bytes -= work->bytes;
    work->started = options_.now();
    running_.splice(running_.end(), lane.waiting, work);
    lock.unlock();
    auto result = perform(work->assignment);
    lock.lock();
    const bool is_wanted = work->wanted == Work::Wanted::yes;
    lock.unlock();
    if (is_wanted) report(std::move(result));
    lock.lock();
    running_.erase(work);
    if (is_idle()) idle_.notify_all();
}

void Worker::run() {
    base::give_way_to_the_chain(base::Work::compute);
    ml::Workspace workspace;
    std::unique_lock lock(mutex_);
    for (;;) {
        runs_.work_comes.wait(lock, [&] { return stopping_ || !runs_.waiting.empty() || !to_load_.empty(); });
        if (stopping_) return;
        if (!runs_.waiting.empty()) {
            do_first(runs_, lock, [&](const Assignment& assignment) {
                return perform(assignment, [&](Measurement& measurement) {
                    return compute(assignment, workspace, measurement);
                });
            });
            continue;
        }
        const ModelId model = to_load_.front();
        to_load_.pop_front();
        ++loading_;
        lock.unlock();
        if (models_.load(model)) report_loaded(model);
        lock.lock();
        --loading_;
        if (is_idle()) idle_.notify_all();
    }
}

void Worker::run_prover() {
    base::give_way_to_the_chain(base::Work::compute);
    ProvingModels models(options_.proof_memory);
    std::unique_lock lock(mutex_);
    for (;;) {
        proofs_.work_comes.wait(lock, [&] { return stopping_ || !proofs_.waiting.empty(); });
        if (stopping_) return;
        do_first(proofs_, lock, [&](const Assignment& assignment) {
            return perform(assignment,
                           [&](Measurement& measurement) { return prove(assignment, models, measurement); });
        });
    }
}

template <typename Compute>
JobResult Worker::perform(const Assignment& assignment, Compute compute) {
    JobResult result{assignment.id, id_, JobFailure{}, {}};
    // What is signed or proved is the job that was run, whatever it was called.
    if (outcome::job_id(assignment.job) != assignment.id) {
        result.answer = JobFailure{FailureKind::error, "the id is another job's"};
        return result;
    }
    result.answer = compute(result.measurement);
    if (auto* answer = std::get_if<outcome::Outcome>(&result.answer)) {
        learn(assignment.job, result.measurement);
        if (options_.tamper) options_.tamper(*answer);
    }
    return result;
}

Worker::Answer Worker::compute(const Assignment& assignment, ml::Workspace& workspace,
                               Measurement& measurement) {
    const outcome::Job& job = assignment.job;
    const bool was_loaded = store_.is_loaded(job.model);
    const Time begin = options_.now();
    const auto model = models_.load(job.model);
    if (!model) return refused(model.error().message());
    const Time loaded = options_.now();
    auto output = outcome::replay(*model.value(), workspace, job.input);
    measurement = {was_loaded ? Duration(0) : loaded - begin, options_.now() - loaded};
    if (model.value()->plan.workspace_bytes() > kKeptWorkspace) workspace = ml::Workspace{};
    if (!output) return JobFailure{FailureKind::error, output.error().message()};

    outcome::Outcome answer{std::move(output).value(), payee(), outcome::ReplayEvidence{}};
    if (job.mode == outcome::Mode::operator_signed) {
        const auto digest = outcome::signed_digest(
            options_.chain_id, assignment.id, outcome::integers_hash(answer.output), assignment.expiry_block);
        const auto signature = crypto::sign(digest, options_.operator_key);
        VALENCE_CHECK(signature.has_value());
        answer.evidence = outcome::SignedEvidence{*signature, assignment.expiry_block};
    }
    return answer;
}

/// Committing to the weights counts as loading: it is done once.
Worker::Answer Worker::prove(const Assignment& assignment, ProvingModels& proving, Measurement& measurement) {
    const outcome::Job& job = assignment.job;
    const Time begin = options_.now();
    const auto loaded = models_.load(job.model);
    if (!loaded) return refused(loaded.error().message());
    const auto model = proving.get(loaded.value());
    if (!model) return refused(model.error().message());
    const auto memory = model.value()->proof_memory();
    if (memory > options_.proving_memory)
        return refused(
            fmt::format("a proof takes {} bytes of memory, above {}", memory, options_.proving_memory));
    const Time ready = options_.now();
    const auto inputs = outcome::input_tensors(loaded.value()->graph(), job.input);
    if (!inputs) return JobFailure{FailureKind::error, inputs.error().message()};
    auto proved = zk::prove(*model.value(), inputs.value(),
                            outcome::proof_context(options_.chain_id, assignment.id, payee()));
    if (!proved) return JobFailure{FailureKind::error, proved.error().message()};
    measurement = {ready - begin, options_.now() - ready};
    return outcome::Outcome{outcome::to_integers(proved.value().outputs), payee(),
                            outcome::ZkEvidence{std::move(proved.value().proof)}};
}

void Worker::learn(const outcome::Job& job, const Measurement& measurement) {
    const auto record = store_.find(job.model);
    const bool is_proof = job.mode == outcome::Mode::zk;
    const std::lock_guard lock(mutex_);
    auto& service = is_proof ? proof_service_ : service_;
    if (service.size() >= kRememberedModels && !service.contains(job.model)) service.clear();
    service[job.model].add(measurement.service);
    if (is_proof) return;
    const auto load = static_cast<std::uint64_t>(measurement.load.count());
    // Short loads say more about what else the machine did.
    constexpr std::uint64_t kTelling = 1'000;
    if (!record || load < kTelling) return;
    const auto seen = std::max<std::uint64_t>(record->weight_bytes * 1'000'000 / load, 1);
    load_rate_ = (3 * load_rate_ + seen) / 4;
}

}  // namespace valence::compute
