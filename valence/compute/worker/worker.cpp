#include "valence/compute/worker/worker.hpp"

#include <fmt/format.h>

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
      load_rate_(std::max<std::uint64_t>(options_.load_rate, 1)) {
    for (std::uint32_t i = 0; i < options_.threads; ++i)
        threads_.emplace_back([this] { run(); });
}

Worker::~Worker() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        waiting_.clear();
        to_load_.clear();
    }
    work_comes_.notify_all();
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
    // When each thread is free, as far as can be told.
    std::vector<Time> free(options_.threads, now);
    std::size_t thread = 0;
    for (const Work& work : running_) {
        const auto finish = std::max(now, work.started + expected(work.assignment.job.model));
        free[thread++ % free.size()] = finish;
        beat.queue.push_back({work.assignment.id, finish});
    }
    for (const Work& work : waiting_) {
        auto& soonest = *std::min_element(free.begin(), free.end());
        soonest += expected(work.assignment.job.model);
        beat.queue.push_back({work.assignment.id, soonest});
    }
    return beat;
}

Duration Worker::expected(const ModelId& model) const {
    Duration load{0};
    const auto record = store_.find(model);
    if (record && !store_.is_loaded(model))
        load = Duration(static_cast<std::int64_t>(record->weight_bytes * 1'000'000 / load_rate_));
    if (const auto known = service_.find(model); known != service_.end()) return load + known->second.mean();
    if (!record) return load;
    // Above, the product would not fit; no model runs for so long.
    constexpr std::uint64_t kMost = std::uint64_t{1} << 44;
    return load + Duration(static_cast<std::int64_t>(std::min(record->multiply_accumulates, kMost) *
                                                     1'000'000 / rate_));
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
    {
        const std::lock_guard lock(mutex_);
        if (intake_ == Intake::draining) return refused("draining");
        const auto is_same = [&](const Work& work) { return work.assignment.id == assignment.id; };
        if (std::any_of(waiting_.begin(), waiting_.end(), is_same)) return std::nullopt;
        if (const auto found = std::find_if(running_.begin(), running_.end(), is_same);
            found != running_.end()) {
            // Perhaps it was cancelled: it is wanted again.
            found->wanted = Work::Wanted::yes;
            return std::nullopt;
        }
        if (waiting_.size() >= options_.queue_jobs || waiting_bytes_ + bytes > options_.queue_bytes)
            return refused(fmt::format("{} jobs wait already", waiting_.size()));
        waiting_.push_back({std::move(assignment), bytes, {}});
        waiting_bytes_ += bytes;
    }
    work_comes_.notify_one();
    return std::nullopt;
}

void Worker::cancel(const JobId& job) {
    const std::lock_guard lock(mutex_);
    for (auto at = waiting_.begin(); at != waiting_.end(); ++at) {
        if (at->assignment.id != job) continue;
        waiting_bytes_ -= at->bytes;
        waiting_.erase(at);
        if (waiting_.empty() && running_.empty() && loading_ == 0) idle_.notify_all();
        return;
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
    work_comes_.notify_one();
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
    idle_.wait(lock,
               [&] { return waiting_.empty() && running_.empty() && to_load_.empty() && loading_ == 0; });
}

// ---- What it does

void Worker::run() {
    ml::Workspace workspace;
    std::unique_lock lock(mutex_);
    for (;;) {
        work_comes_.wait(lock, [&] { return stopping_ || !waiting_.empty() || !to_load_.empty(); });
        if (stopping_) return;
        if (!waiting_.empty()) {
            const auto work = waiting_.begin();
            waiting_bytes_ -= work->bytes;
            work->started = options_.now();
            running_.splice(running_.end(), waiting_, work);
            lock.unlock();
            auto result = perform(work->assignment, workspace);
            lock.lock();
            const bool is_wanted = work->wanted == Work::Wanted::yes;
            lock.unlock();
            if (is_wanted) report(std::move(result));
            lock.lock();
            running_.erase(work);
        } else {
            const ModelId model = to_load_.front();
            to_load_.pop_front();
            ++loading_;
            lock.unlock();
            if (models_.load(model)) report_loaded(model);
            lock.lock();
            --loading_;
        }
        if (waiting_.empty() && running_.empty() && to_load_.empty() && loading_ == 0) idle_.notify_all();
    }
}

JobResult Worker::perform(const Assignment& assignment, ml::Workspace& workspace) {
    JobResult result{assignment.id, id_, JobFailure{}, {}};
    result.answer = compute(assignment, workspace, result.measurement);
    if (std::holds_alternative<outcome::Outcome>(result.answer))
        learn(assignment.job.model, result.measurement);
    return result;
}

std::variant<outcome::Outcome, JobFailure> Worker::compute(const Assignment& assignment,
                                                           ml::Workspace& workspace,
                                                           Measurement& measurement) {
    const outcome::Job& job = assignment.job;
    // What is signed is the job that was run, whatever it was called.
    if (outcome::job_id(job) != assignment.id)
        return JobFailure{FailureKind::error, "the id is another job's"};
    const bool was_loaded = store_.is_loaded(job.model);
    const Time begin = options_.now();
    const auto model = models_.load(job.model);
    if (!model) return refused(model.error().message());
    const Time loaded = options_.now();
    auto output = outcome::replay(*model.value(), workspace, job.input);
    measurement = {was_loaded ? Duration(0) : loaded - begin, options_.now() - loaded};
    if (model.value()->plan.workspace_bytes() > kKeptWorkspace) workspace = ml::Workspace{};
    if (!output) return JobFailure{FailureKind::error, output.error().message()};

    outcome::Outcome answer{std::move(output).value(), options_.payee.value_or(Address{id_.bytes}),
                            outcome::ReplayEvidence{}};
    if (job.mode == outcome::Mode::operator_signed) {
        const auto digest = outcome::signed_digest(
            options_.chain_id, assignment.id, outcome::integers_hash(answer.output), assignment.expiry_block);
        const auto signature = crypto::sign(digest, options_.operator_key);
        VALENCE_CHECK(signature.has_value());
        answer.evidence = outcome::SignedEvidence{*signature, assignment.expiry_block};
    }
    return answer;
}

void Worker::learn(const ModelId& model, const Measurement& measurement) {
    const auto record = store_.find(model);
    const std::lock_guard lock(mutex_);
    if (service_.size() >= kRememberedModels && !service_.contains(model)) service_.clear();
    service_[model].add(measurement.service);
    const auto load = static_cast<std::uint64_t>(measurement.load.count());
    // Short loads say more about what else the machine did.
    constexpr std::uint64_t kTelling = 1'000;
    if (!record || load < kTelling) return;
    const auto seen = std::max<std::uint64_t>(record->weight_bytes * 1'000'000 / load, 1);
    load_rate_ = (3 * load_rate_ + seen) / 4;
}

}  // namespace valence::compute
