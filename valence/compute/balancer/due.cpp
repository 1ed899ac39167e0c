// What becomes due: jobs held until a node is free, second copies of late jobs, retries of failed ones.
#include "valence/compute/balancer/load_balancer.hpp"
#include "valence/compute/balancer/scoring.hpp"

namespace valence::compute {
namespace {

/// Held jobs of a model looked at for a node that became free, should the first not be for it.
constexpr int kHeadsTried = 3;
/// Held jobs of one model placed in one review.
constexpr int kPlacedAtOnce = 16;
/// Models that nobody holds, offered to a node that became free.
constexpr std::size_t kHomelessTried = 4;
/// Hedges allowed before the share of dispatched jobs says anything.
constexpr std::int64_t kFirstHedges = 10;

}  // namespace

void LoadBalancer::arm(Job& job, Time at) {
    job.timer = at;
    timers_.push({at, ++serial_, job.request.job});
}

Due LoadBalancer::due(Time now) {
    Due due;
    run_timers(now, due);
    while (!retries_.empty() || !freed_.empty()) {
        const auto retries = std::exchange(retries_, {});
        for (const JobId& id : retries) {
            const auto found = jobs_.find(id);
            if (found == jobs_.end() || found->second.stage != JobView::Stage::awaiting_retry) continue;
            Job& job = found->second;
            ++counts_.retried;
            Decision decision = job.attempts >= parameters_.attempts
                                    ? refuse(id, Cause::retry, Reason::attempts_exhausted, now)
                                    : place(job, Cause::retry, now);
            if (decision.action == Action::refuse) forget(id);
            if (decision.action != Action::hold) due.decisions.push_back(std::move(decision));
        }
        const auto freed = std::exchange(freed_, {});
        for (const NodeIndex node : freed)
            release(node, now, due);
    }
    if (held_ != 0 && now >= next_review_) review(now, due);
    return due;
}

std::optional<Time> LoadBalancer::next_due(Time now) const {
    if (!retries_.empty() || !freed_.empty()) return now;
    std::optional<Time> next;
    if (held_ != 0) next = next_review_;
    if (!timers_.empty() && (!next || timers_.top().at < *next)) next = timers_.top().at;
    return next;
}

void LoadBalancer::release(NodeIndex index, Time now, Due& due) {
    if (held_ == 0) return;
    Node& node = fleet_.node(index);
    while (node.present && room_at(node, wait_at(node, now)) &&
           health(node, now, parameters_) == Exclusion::none) {
        Job* next = nullptr;
        Candidate candidate;
        for (const Resident& resident : node.residents) {
            int tried = 0;
            for (const auto& [turn, id] : fleet_.model(resident.model).held) {
                if (++tried > kHeadsTried || (next != nullptr && next->turn < turn)) break;
                Job& job = jobs_.find(id)->second;
                const Candidate scored =
                    assess(fleet_, index, job.model, job.request, Duration(0), now, parameters_);
                if (scored.exclusion != Exclusion::none ||
                    std::find(job.tried.begin(), job.tried.end(), node.id) != job.tried.end())
                    continue;
                next = &job;
                candidate = scored;
                break;
            }
        }
        if (next == nullptr) break;
        take_out(*next);
        candidate.origin = Origin::free_holder;
        Decision decision{next->request.job,    now,     Action::dispatch, Cause::release,
                          Reason::next_in_turn, node.id, candidate.terms,  {candidate}};
        dispatch(*next, index, decision);
        due.decisions.push_back(std::move(decision));
    }
    // Models that nobody has cannot be released by their holders.
    std::size_t tried = 0;
    for (std::size_t i = 0; i < hungry_.size() && tried < kHomelessTried; ++i) {
        const Model& model = fleet_.model(hungry_[i]);
        if (!model.holders.empty() || model.held.empty()) continue;
        ++tried;
        Job& job = jobs_.find(model.held.begin()->second)->second;
        take_out(job);
        Decision decision = place(job, Cause::release, now);
        if (decision.action == Action::refuse) forget(decision.job);
        if (decision.action != Action::hold) due.decisions.push_back(std::move(decision));
    }
}

void LoadBalancer::review(Time now, Due& due) {
    next_review_ = now + parameters_.review_every;
    const std::size_t models = std::min<std::size_t>(hungry_.size(), parameters_.reviews_at_once);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < models; ++i) {
        const ModelIndex index = hungry_[i];
        for (int placed = 0; placed < kPlacedAtOnce && !fleet_.model(index).held.empty(); ++placed) {
            Job& job = jobs_.find(fleet_.model(index).held.begin()->second)->second;
            take_out(job);
            Decision decision = place(job, Cause::review, now);
            if (decision.action == Action::refuse) forget(decision.job);
            if (decision.action == Action::hold) break;
            due.decisions.push_back(std::move(decision));
        }
        if (fleet_.model(index).held.empty()) {
            fleet_.model(index).hungry = false;
        } else {
            hungry_[kept++] = index;
        }
    }
    // Those looked at go to the end, so that all have their turn.
    std::rotate(hungry_.begin() + static_cast<std::ptrdiff_t>(kept),
                hungry_.begin() + static_cast<std::ptrdiff_t>(models), hungry_.end());
    hungry_.resize(hungry_.size() - (models - kept));
    std::rotate(hungry_.begin(), hungry_.begin() + static_cast<std::ptrdiff_t>(kept), hungry_.end());
}

void LoadBalancer::run_timers(Time now, Due& due) {
    while (!timers_.empty() && timers_.top().at <= now) {
        const Timer timer = timers_.top();
        timers_.pop();
        const auto found = jobs_.find(timer.job);
        // Timers are never taken back: the job's last one counts.
        if (found == jobs_.end() || found->second.timer != timer.at) continue;
        look_after(found->second, now, due);
    }
}

void LoadBalancer::look_after(Job& job, Time now, Due& due) {
    job.timer = Time::max();
    if (job.stage == JobView::Stage::held) {
        take_out(job);
        due.decisions.push_back(refuse(job.request.job, Cause::review, Reason::deadline_passed, now));
        forget(job.request.job);
        return;
    }
    for (std::size_t i = 0; i < job.copies.size();) {
        if (now < job.copies[i].timeout_at) {
            ++i;
            continue;
        }
        const NodeIndex node = job.copies[i].node;
        due.cancellations.push_back({job.request.job, fleet_.node(node).id});
        fail_copy(job, node, FailureKind::timed_out, now);
    }
    if (job.copies.empty()) return;
    const Copy copy = job.copies.front();
    Time next = copy.timeout_at;
    for (const Copy& c : job.copies)
        next = std::min(next, c.timeout_at);
    if (job.copies.size() == 1 && job.hedges < parameters_.hedges_of_job) {
        if (now < copy.hedge_at) {
            next = std::min(next, copy.hedge_at);
        } else {
            if (hedge(job, now, due)) return;
            next = std::min(next, now + std::max(parameters_.hedge_floor, copy.expected / 4));
        }
    }
    arm(job, next);
}

bool LoadBalancer::hedge(Job& job, Time now, Due& due) {
    const auto allowed =
        parameters_.hedge_share.bits() * static_cast<std::int64_t>(counts_.dispatched) / Ratio::kOne;
    if (static_cast<std::int64_t>(counts_.hedged) >= allowed + kFirstHedges) return false;
    Choice choice = look(job, now, Search::usual);
    // A second copy never loads a model nor waits: it must be better than waiting for the first.
    if (!choice.holder) return false;
    const NodeIndex index = choice.nodes[*choice.holder];
    const Candidate best = choice.candidates[*choice.holder];
    const Copy& first = job.copies.front();
    const Duration late = now - first.sent - first.expected;
    if (!fleet_.node(index).has_free_slot() || best.terms.total() > std::max(late, first.expected))
        return false;
    Decision decision{job.request.job,     now,       Action::dispatch, Cause::hedge,
                      Reason::free_holder, best.node, best.terms,       std::move(choice.candidates)};
    ++job.hedges;
    ++counts_.hedged;
    dispatch(job, index, decision);
    due.decisions.push_back(std::move(decision));
    return true;
}

}  // namespace valence::compute
