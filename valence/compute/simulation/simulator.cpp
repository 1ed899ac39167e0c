#include "valence/compute/simulation/simulator.hpp"

#include <deque>
#include <limits>
#include <queue>

#include "valence/compute/simulation/statistics.hpp"

namespace valence::compute::simulation {
namespace {

constexpr std::uint64_t kLifeStream = 1'000'003;
constexpr std::uint64_t kSpellStream = 2'000'003;
/// A broken node's answer that it failed.
constexpr double kFailsAfter = 0.005;

enum class What : std::uint8_t {
    arrival,
    delivered,   // a job reaches a node
    cancelled,   // its cancellation does
    load_order,  // a replica order does
    drop_order,
    finished,  // what the node was doing
    answer,    // reaches the policy
    failure,
    loaded,
    heartbeat,
    death,
    death_noticed,
    rebirth,
    spell_begins,
    wake,
};

struct Event {
    double at = 0;
    std::uint64_t serial = 0;
    What what = What::arrival;
    NodeNumber node = 0;
    std::uint32_t subject = 0;
    /// Of the task or the life that it is about; of an answer: loading and service.
    std::uint64_t of = 0;
    float load = 0;
    float service = 0;
    bool operator>(const Event& other) const {
        return at != other.at ? at > other.at : serial > other.serial;
    }
};

struct Task {
    bool replica = false;
    std::uint32_t subject = 0;
};

struct Held {
    ModelNumber model = 0;
    double last_used = 0;
};

struct SimulatedNode {
    bool alive = true;
    std::uint64_t life = 0;
    std::deque<Task> queue;
    bool working = false;
    Task task;
    std::uint64_t task_serial = 0;
    double began = 0;
    double ends = 0;
    double load = 0;
    double slow_until = 0;
    double gigabytes_used = 0;
    std::vector<Held> cache;
    Random spells{0, 0};
};

struct JobState {
    bool done = false;
    float latency = -1;
};

class Simulation {
public:
    Simulation(const World& world, Policy& policy)
        : world_(world),
          scenario_(world.scenario),
          policy_(policy),
          nodes_(world.nodes.size()),
          jobs_(world.jobs.size()) {}

    RunResult run() {
        start();
        const double stop = scenario_.warm_up + scenario_.measured + scenario_.drain;
        while (!events_.empty() && events_.top().at <= stop && done_ < jobs_.size()) {
            const Event event = events_.top();
            events_.pop();
            now_ = event.at;
            handle(event);
        }
        now_ = std::min(std::max(now_, scenario_.warm_up + scenario_.measured), stop);
        return result();
    }

private:
    static Time time_of(double s) { return Time(Duration(static_cast<std::int64_t>(s * 1e6))); }
    static double seconds_of(Time t) { return static_cast<double>(t.time_since_epoch().count()) * 1e-6; }
    static Duration duration_of(double s) { return Duration(static_cast<std::int64_t>(s * 1e6)); }

    void at(double time, What what, NodeNumber node = 0, std::uint32_t subject = 0, std::uint64_t of = 0,
            double load = 0, double service = 0) {
        events_.push({time, ++serial_, what, node, subject, of, static_cast<float>(load),
                      static_cast<float>(service)});
    }

    void start() {
        Random lives(scenario_.seed, kLifeStream);
        for (NodeNumber i = 0; i < nodes_.size(); ++i) {
            SimulatedNode& node = nodes_[i];
            for (const ModelNumber model : world_.nodes[i].cached) {
                node.cache.push_back({model, 0});
                node.gigabytes_used += world_.models[model].gigabytes;
            }
            node.spells = Random(scenario_.seed, kSpellStream + i);
            if (scenario_.mean_life > 0) at(lives.exponential(scenario_.mean_life), What::death, i);
            if (scenario_.mean_between_spells > 0)
                at(node.spells.exponential(scenario_.mean_between_spells), What::spell_begins, i);
            policy_.joined(i, world_.nodes[i].cached, time_of(0), commands_);
            obey();
        }
        if (!jobs_.empty()) at(world_.jobs[0].arrives, What::arrival, 0, 0);
        at(heartbeat_gap(), What::heartbeat, 0);
        mind_waking();
    }

    double heartbeat_gap() const { return scenario_.heartbeat_every / static_cast<double>(nodes_.size()); }

    void handle(const Event& event) {
        SimulatedNode& node = nodes_[event.node];
        const Time now = time_of(now_);
        switch (event.what) {
            case What::arrival:
                if (event.subject + 1 < jobs_.size())
                    at(world_.jobs[event.subject + 1].arrives, What::arrival, 0, event.subject + 1);
                policy_.arrived(event.subject, now, commands_);
                break;
            case What::delivered:
                deliver(event.node, {false, event.subject}, event.of);
                return;
            case What::load_order:
                deliver(event.node, {true, event.subject}, event.of);
                return;
            case What::cancelled:
                if (node.life == event.of) cancel(event.node, event.subject);
                return;
            case What::drop_order:
                if (node.life == event.of) drop(node, event.subject);
                return;
            case What::finished:
                if (node.working && node.task_serial == event.of) finish(event.node);
                return;
            case What::answer:
                settle(event.subject);
                policy_.answered(event.subject, event.node, duration_of(event.load),
                                 duration_of(event.service), now, commands_);
                break;
            case What::failure:
                policy_.failed(event.subject, event.node, now, commands_);
                break;
            case What::loaded:
                policy_.loaded(event.node, event.subject, now, commands_);
                break;
            case What::heartbeat:
                at(now_ + heartbeat_gap(), What::heartbeat,
                   (event.node + 1) % static_cast<NodeNumber>(nodes_.size()));
                if (!node.alive) return;
                policy_.reported(event.node, report(event.node), now, commands_);
                break;
            case What::death:
                die(event.node);
                return;
            case What::death_noticed:
                policy_.left(event.node, now, commands_);
                break;
            case What::rebirth:
                node.alive = true;
                policy_.joined(event.node, {}, now, commands_);
                break;
            case What::spell_begins: {
                node.slow_until = now_ + node.spells.exponential(scenario_.mean_spell);
                at(node.slow_until + node.spells.exponential(scenario_.mean_between_spells),
                   What::spell_begins, event.node);
                return;
            }
            case What::wake:
                if (event.of != wake_serial_) return;
                wake_at_ = std::numeric_limits<double>::infinity();
                policy_.woken(now, commands_);
                break;
        }
        obey();
        mind_waking();
    }

    void mind_waking() {
        const auto wakes = policy_.wakes(time_of(now_));
        if (!wakes) return;
        const double when = std::max(now_, seconds_of(*wakes) + 1e-6);
        if (when >= wake_at_) return;
        wake_at_ = when;
        at(when, What::wake, 0, 0, ++wake_serial_);
    }

    void obey() {
        for (const Command& command : commands_) {
            const double when = now_ + scenario_.message_delay;
            const std::uint64_t life = nodes_[command.node].life;
            switch (command.kind) {
                case Command::Kind::send:
                    ++sent_;
                    at(when, What::delivered, command.node, command.subject, life);
                    break;
                case Command::Kind::cancel:
                    at(when, What::cancelled, command.node, command.subject, life);
                    break;
                case Command::Kind::load:
                    at(when, What::load_order, command.node, command.subject, life);
                    break;
                case Command::Kind::drop:
                    at(when, What::drop_order, command.node, command.subject, life);
                    break;
                case Command::Kind::give_up:
                    if (!jobs_[command.subject].done) {
                        jobs_[command.subject].done = true;
                        ++done_;
                        if (measured(command.subject)) ++given_up_;
                    }
                    break;
            }
        }
        commands_.clear();
    }

    bool measured(JobNumber job) const { return world_.jobs[job].arrives >= scenario_.warm_up; }

    // Nodes.

    void deliver(NodeNumber number, Task task, std::uint64_t life) {
        SimulatedNode& node = nodes_[number];
        // What is sent to a node that is gone is lost until its absence is noticed.
        if (!node.alive || node.life != life) return;
        if (world_.nodes[number].broken && !task.replica) {
            at(now_ + kFailsAfter + scenario_.message_delay, What::failure, number, task.subject);
            return;
        }
        node.queue.push_back(task);
        if (!node.working) begin(number);
    }

    void begin(NodeNumber number) {
        SimulatedNode& node = nodes_[number];
        if (node.queue.empty()) return;
        node.task = node.queue.front();
        node.queue.pop_front();
        node.working = true;
        node.task_serial = ++serial_;
        node.began = now_;
        const double slow = now_ < node.slow_until ? scenario_.spell_slowness : 1;
        const ModelNumber model =
            node.task.replica ? node.task.subject : world_.jobs[node.task.subject].model;
        const bool hit = touch(node, number, model);
        node.load = hit ? 0 : world_.models[model].gigabytes / scenario_.gigabytes_a_second * slow;
        double service = 0;
        if (!node.task.replica) {
            service = work_of(node.task.subject) / world_.nodes[number].speed * slow;
            if (in_measurement(now_)) {
                ++begun_;
                hits_ += hit ? 1 : 0;
            }
        }
        node.ends = now_ + node.load + service;
        at(node.ends, What::finished, number, 0, node.task_serial);
    }

    double work_of(JobNumber job) const {
        return world_.models[world_.jobs[job].model].service * static_cast<double>(world_.jobs[job].noise);
    }

    /// Whether the model is there; if not, it is from now on, and what was used longest ago is not.
    bool touch(SimulatedNode& node, NodeNumber number, ModelNumber model) {
        for (Held& held : node.cache) {
            if (held.model != model) continue;
            held.last_used = now_;
            return true;
        }
        const double needed = world_.models[model].gigabytes;
        while (!node.cache.empty() && node.gigabytes_used + needed > world_.nodes[number].gigabytes) {
            const auto oldest =
                std::min_element(node.cache.begin(), node.cache.end(),
                                 [](const Held& a, const Held& b) { return a.last_used < b.last_used; });
            node.gigabytes_used -= world_.models[oldest->model].gigabytes;
            node.cache.erase(oldest);
        }
        node.gigabytes_used += needed;
        node.cache.push_back({model, now_});
        return false;
    }

    void drop(SimulatedNode& node, ModelNumber model) {
        const auto at = std::find_if(node.cache.begin(), node.cache.end(),
                                     [model](const Held& held) { return held.model == model; });
        if (at == node.cache.end()) return;
        node.gigabytes_used -= world_.models[model].gigabytes;
        node.cache.erase(at);
    }

    void stop_work(NodeNumber number, bool useful) {
        SimulatedNode& node = nodes_[number];
        node.working = false;
        const double from = std::max(node.began, scenario_.warm_up);
        const double to = std::min(now_, scenario_.warm_up + scenario_.measured);
        if (to <= from) return;
        busy_ += to - from;
        if (useful) useful_ += std::max(0.0, to - std::max(from, node.began + node.load));
    }

    void finish(NodeNumber number) {
        SimulatedNode& node = nodes_[number];
        const Task task = node.task;
        const bool first = !task.replica && !jobs_[task.subject].done;
        stop_work(number, first);
        if (task.replica) {
            at(now_ + scenario_.message_delay, What::loaded, number, task.subject);
        } else {
            at(now_ + scenario_.message_delay, What::answer, number, task.subject, 0, node.load,
               now_ - node.began - node.load);
        }
        begin(number);
    }

    void cancel(NodeNumber number, JobNumber job) {
        SimulatedNode& node = nodes_[number];
        if (node.working && !node.task.replica && node.task.subject == job) {
            stop_work(number, false);
            begin(number);
            return;
        }
        std::erase_if(node.queue, [job](const Task& task) { return !task.replica && task.subject == job; });
    }

    void die(NodeNumber number) {
        SimulatedNode& node = nodes_[number];
        if (node.working) stop_work(number, false);
        node.queue.clear();
        node.cache.clear();
        node.gigabytes_used = 0;
        node.alive = false;
        ++node.life;
        at(now_ + scenario_.death_noticed, What::death_noticed, number);
        at(now_ + scenario_.replaced_after, What::rebirth, number);
        at(now_ + scenario_.replaced_after + node.spells.exponential(scenario_.mean_life), What::death,
           number);
    }

    Report report(NodeNumber number) const {
        const SimulatedNode& node = nodes_[number];
        Report report;
        report.taken = time_of(now_);
        report.cached.reserve(node.cache.size());
        for (const Held& held : node.cache)
            report.cached.push_back(held.model);
        if (world_.nodes[number].lies) return report;
        double finish = node.ends;
        if (node.working && !node.task.replica) report.queue.emplace_back(node.task.subject, time_of(finish));
        for (const Task& task : node.queue) {
            if (task.replica) continue;
            finish += work_of(task.subject) / world_.nodes[number].speed;
            report.queue.emplace_back(task.subject, time_of(finish));
        }
        return report;
    }

    // Results.

    bool in_measurement(double time) const {
        return time >= scenario_.warm_up && time < scenario_.warm_up + scenario_.measured;
    }

    void settle(JobNumber job) {
        if (jobs_[job].done) return;
        jobs_[job].done = true;
        jobs_[job].latency = static_cast<float>(now_ - world_.jobs[job].arrives);
        ++done_;
    }

    RunResult result() const {
        RunResult result;
        std::vector<float> latencies;
        std::vector<double> slowdowns(scenario_.senders, 0);
        std::vector<double> counts(scenario_.senders, 0);
        double sum = 0;
        std::uint64_t unfinished = 0;
        for (JobNumber i = 0; i < jobs_.size(); ++i) {
            if (!measured(i)) continue;
            ++result.jobs;
            const JobSpec& spec = world_.jobs[i];
            const bool open = jobs_[i].latency < 0;
            unfinished += open && !jobs_[i].done ? 1 : 0;
            const float latency = open ? static_cast<float>(now_ - spec.arrives) : jobs_[i].latency;
            latencies.push_back(latency);
            sum += static_cast<double>(latency);
            slowdowns[spec.sender] += static_cast<double>(latency) / work_of(i);
            counts[spec.sender] += 1;
        }
        std::vector<double> means;
        for (std::size_t i = 0; i < slowdowns.size(); ++i)
            if (counts[i] > 0) means.push_back(slowdowns[i] / counts[i]);
        const auto jobs = static_cast<double>(std::max<std::uint64_t>(1, result.jobs));
        const double node_time = static_cast<double>(nodes_.size()) * scenario_.measured;
        result.mean = sum / jobs;
        result.p50 = quantile(latencies, 0.5);
        result.p99 = quantile(latencies, 0.99);
        result.p999 = quantile(latencies, 0.999);
        result.busy = busy_ / node_time;
        result.useful = useful_ / node_time;
        result.hits = begun_ == 0 ? 0 : static_cast<double>(hits_) / static_cast<double>(begun_);
        result.fairness = jain_index(means);
        result.unfinished = static_cast<double>(unfinished) / jobs;
        result.given_up = static_cast<double>(given_up_) / jobs;
        result.copies =
            static_cast<double>(sent_) / static_cast<double>(std::max<std::size_t>(1, jobs_.size()));
        return result;
    }

    const World& world_;
    const Scenario& scenario_;
    Policy& policy_;
    std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
    std::vector<SimulatedNode> nodes_;
    std::vector<JobState> jobs_;
    Commands commands_;
    std::uint64_t serial_ = 0;
    std::uint64_t wake_serial_ = 0;
    double wake_at_ = std::numeric_limits<double>::infinity();
    double now_ = 0;
    std::size_t done_ = 0;
    std::uint64_t sent_ = 0;
    std::uint64_t begun_ = 0;
    std::uint64_t hits_ = 0;
    std::uint64_t given_up_ = 0;
    double busy_ = 0;
    double useful_ = 0;
};

}  // namespace

RunResult simulate(const World& world, const PolicyFacts& policy) {
    const auto chosen = policy.make(world);
    return Simulation(world, *chosen).run();
}

}  // namespace valence::compute::simulation
