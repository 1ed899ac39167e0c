// The choice itself: finding candidates, scoring them, and dispatching, holding or refusing.
#include "valence/compute/balancer/load_balancer.hpp"
#include "valence/compute/balancer/scoring.hpp"

namespace valence::compute {
namespace {

/// How much wider a search looks when the usual one found nobody, or nobody in time.
constexpr std::size_t kWide = 4;
/// More drawn nodes than this are not looked at.
constexpr std::size_t kMostDrawn = 64;

/// Less is better; equal scores go to the higher stake, then to the lower name.
bool better(const Fleet& fleet, const Candidate& a, NodeIndex node_a, const Candidate& b, NodeIndex node_b) {
    if (a.terms.total() != b.terms.total()) return a.terms.total() < b.terms.total();
    if (fleet.node(node_a).stake != fleet.node(node_b).stake)
        return fleet.node(node_a).stake > fleet.node(node_b).stake;
    return a.node < b.node;
}

Duration until_done(const ScoreTerms& terms) {
    return terms.wait + terms.load + terms.service + terms.proof_queue;
}

}  // namespace

Duration LoadBalancer::cost(const Job& job) const {
    const Estimate& base = fleet_.model(job.model).base[static_cast<std::size_t>(job.request.mode)];
    return base.count() == 0 ? job.request.reference_service : base.mean();
}

Duration LoadBalancer::held_wait(const Model& model) const {
    return model.held_work / static_cast<std::int64_t>(std::max<std::size_t>(1, model.holders.size()));
}

bool LoadBalancer::room_at(const Node& node, Duration wait) const {
    return node.has_free_slot() || (node.in_flight.size() < 2 * node.slots && wait <= parameters_.node_queue);
}

LoadBalancer::Choice LoadBalancer::look(const Job& job, Time now, Search search) {
    const std::size_t factor = search == Search::wide ? kWide : 1;
    // The first word tells jobs apart; attempts and hedges draw anew.
    Sampler sampler(first_word(job.request.job) ^ parameters_.seed ^ (job.attempts << 8 | job.hedges));
    Choice choice;
    const Duration held = held_wait(fleet_.model(job.model));

    const auto consider = [&](std::size_t from, Origin origin) {
        for (std::size_t i = from; i < choice.nodes.size(); ++i) {
            const NodeIndex index = choice.nodes[i];
            Candidate candidate = assess(fleet_, index, job.model, job.request, held, now, parameters_);
            candidate.origin = origin;
            choice.capable |= candidate.exclusion != Exclusion::mode &&
                              candidate.exclusion != Exclusion::stake &&
                              candidate.exclusion != Exclusion::memory;
            if (candidate.exclusion == Exclusion::none &&
                std::find(job.tried.begin(), job.tried.end(), candidate.node) != job.tried.end())
                candidate.exclusion = Exclusion::tried;
            choice.candidates.push_back(candidate);
            if (candidate.exclusion != Exclusion::none) continue;
            auto& best = candidate.terms.load.count() == 0 ? choice.holder : choice.other;
            if (!best || better(fleet_, candidate, index, choice.candidates[*best], choice.nodes[*best]))
                best = i;
        }
    };

    if (!job.request.drawn.empty()) {
        for (const NodeId& id : job.request.drawn) {
            if (choice.nodes.size() == kMostDrawn) break;
            if (const auto index = fleet_.find_node(id)) choice.nodes.push_back(*index);
        }
        consider(0, Origin::drawn);
        return choice;
    }

    choice.nodes.reserve(16 * factor);
    choice.candidates.reserve(16 * factor);
    fleet_.draw_free_holders(job.model, parameters_.free_holders * factor, sampler, choice.nodes);
    consider(0, Origin::free_holder);
    std::size_t from = choice.nodes.size();
    fleet_.draw_holders(job.model, parameters_.busy_holders * factor, sampler, choice.nodes);
    consider(from, Origin::holder);

    // While a holder is free, nobody else need be looked at: loading could only be allowed where it is not.
    const bool holder_is_near =
        choice.holder && choice.candidates[*choice.holder].terms.wait <= parameters_.node_queue;
    if (holder_is_near && search == Search::usual) return choice;
    from = choice.nodes.size();
    fleet_.draw_of_mode(job.request.mode, parameters_.others * factor, sampler, choice.nodes);
    consider(from, Origin::other);
    if (search == Search::wide || !choice.holder || !choice.other) return choice;

    const Duration wait = choice.candidates[*choice.holder].terms.wait;
    choice.other.reset();
    for (std::size_t i = from; i < choice.nodes.size(); ++i) {
        Candidate& candidate = choice.candidates[i];
        if (candidate.exclusion != Exclusion::none || candidate.terms.load.count() == 0) continue;
        if (wait <= parameters_.load_patience.times(candidate.terms.load)) {
            candidate.exclusion = Exclusion::load_too_early;
            continue;
        }
        if (!choice.other || better(fleet_, candidate, choice.nodes[i], choice.candidates[*choice.other],
                                    choice.nodes[*choice.other]))
            choice.other = i;
    }
    return choice;
}

Decision LoadBalancer::place(Job& job, Cause cause, Time now) {
    Choice choice = look(job, now, Search::usual);
    if (!choice.holder && !choice.other) choice = look(job, now, Search::wide);
    if (!choice.holder && !choice.other && !job.tried.empty() && job.copies.empty()) {
        // All who could were tried: better one of them again than nobody.
        job.tried.clear();
        choice = look(job, now, Search::wide);
    }
    if (!choice.holder && !choice.other)
        return refuse(job.request.job, cause, choice.capable ? Reason::no_healthy_node : Reason::no_such_node,
                      now, std::move(choice.candidates));

    const auto pick = [&] {
        if (!choice.holder) return *choice.other;
        if (!choice.other) return *choice.holder;
        const Candidate& holder = choice.candidates[*choice.holder];
        const Candidate& other = choice.candidates[*choice.other];
        return better(fleet_, other, choice.nodes[*choice.other], holder, choice.nodes[*choice.holder])
                   ? *choice.other
                   : *choice.holder;
    };
    std::size_t best = pick();
    if (job.request.deadline - now < until_done(choice.candidates[best].terms)) {
        choice = look(job, now, Search::wide);
        best = pick();
        if (job.request.deadline - now < until_done(choice.candidates[best].terms)) {
            const Candidate closest = choice.candidates[best];
            Decision refusal = refuse(job.request.job, cause, Reason::deadline_unreachable, now,
                                      std::move(choice.candidates));
            refusal.node = closest.node;
            refusal.terms = closest.terms;
            return refusal;
        }
    }

    const NodeIndex node = choice.nodes[best];
    const bool loads = choice.candidates[best].terms.load.count() != 0;
    const bool drawn = !job.request.drawn.empty();
    Decision decision{job.request.job,
                      now,
                      Action::dispatch,
                      cause,
                      Reason::free_holder,
                      choice.candidates[best].node,
                      choice.candidates[best].terms,
                      {}};
    const bool room = room_at(fleet_.node(node), wait_at(fleet_.node(node), now));
    const bool others_wait = cause == Cause::arrival && !fleet_.model(job.model).held.empty();
    if (drawn) {
        decision.reason = Reason::drawn;
    } else if (!room || others_wait) {
        decision.action = Action::hold;
        decision.reason = others_wait ? Reason::behind_others
                          : loads     ? Reason::loading_elsewhere_busy
                                      : Reason::holders_busy;
    } else if (loads) {
        decision.reason = choice.holder ? Reason::load_pays : Reason::only_by_loading;
    } else if (!fleet_.node(node).has_free_slot()) {
        decision.reason = Reason::soonest_holder;
    }
    decision.candidates = std::move(choice.candidates);

    if (decision.action == Action::dispatch) {
        dispatch(job, node, decision);
        return decision;
    }
    if (cause == Cause::arrival) {
        const auto mine = held_by_sender_.find(job.request.sender);
        if (held_ >= parameters_.held_jobs) return refuse(job.request.job, cause, Reason::too_many_held, now);
        if (mine != held_by_sender_.end() && mine->second >= parameters_.held_jobs_of_sender)
            return refuse(job.request.job, cause, Reason::too_many_of_sender, now);
    }
    hold(job, decision);
    return decision;
}

void LoadBalancer::dispatch(Job& job, NodeIndex node, Decision& decision) {
    const Duration service = decision.terms.service;
    const Duration expected = until_done(decision.terms);
    const Duration deviation = service_deviation(fleet_.model(job.model), job.request.mode, service);
    const Time now = decision.at;
    Copy copy{node, now, expected, {}, {}};
    copy.hedge_at = now + expected + parameters_.hedge_deviations.times(deviation) + parameters_.hedge_floor;
    copy.timeout_at = now + std::max(parameters_.timeout_floor, expected * parameters_.timeout_factor);
    job.copies.push_back(copy);
    job.tried.push_back(decision.node);
    job.stage = JobView::Stage::dispatched;
    turns_.served(job.turn.tag);

    InFlight work;
    work.job = job.request.job;
    work.model = job.model;
    work.mode = job.request.mode;
    work.dispatched = now;
    work.load = decision.terms.load;
    work.service = service;
    if (work.load.count() != 0) ++counts_.loads_for_jobs;
    put_in_flight(node, work, now);
    ++counts_.dispatched;
    arm(job, std::min(copy.hedge_at, copy.timeout_at));
    remember(decision);
}

void LoadBalancer::hold(Job& job, Decision& decision) {
    Model& model = fleet_.model(job.model);
    job.stage = JobView::Stage::held;
    job.held_cost = cost(job);
    model.held.emplace(job.turn, job.request.job);
    model.held_work += job.held_cost;
    ++held_;
    ++held_by_sender_[job.request.sender];
    if (!model.hungry) {
        if (hungry_.empty()) next_review_ = decision.at + parameters_.review_every;
        model.hungry = true;
        hungry_.push_back(job.model);
    }
    // The timer of a copy that failed counts no more.
    job.timer = Time::max();
    if (job.request.deadline != Time::max()) arm(job, job.request.deadline);
    if (decision.cause == Cause::review) return;
    ++counts_.held;
    remember(decision);
}

void LoadBalancer::take_out(Job& job) {
    Model& model = fleet_.model(job.model);
    VALENCE_CHECK(model.held.erase(job.turn) == 1);
    model.held_work -= job.held_cost;
    --held_;
    const auto mine = held_by_sender_.find(job.request.sender);
    if (--mine->second == 0) held_by_sender_.erase(mine);
}

void LoadBalancer::forget(const JobId& job) { jobs_.erase(job); }

Decision LoadBalancer::refuse(const JobId& job, Cause cause, Reason reason, Time now,
                              std::vector<Candidate> candidates) {
    Decision decision{job, now, Action::refuse, cause, reason, {}, {}, std::move(candidates)};
    ++counts_.refused;
    remember(decision);
    return decision;
}

Decision LoadBalancer::choose(const JobRequest& request, Time now) {
    if (jobs_.contains(request.job)) return refuse(request.job, Cause::arrival, Reason::known_job, now);
    const ModelIndex index = fleet_.model_index(request.model, request.model_bytes);
    Model& model = fleet_.model(index);
    Job& job = jobs_[request.job];
    job.request = request;
    job.model = index;
    // Until there are measurements the model's cost speaks: without it the first node's lie about its speed
    // would become the model's.
    Estimate& base = model.base[static_cast<std::size_t>(request.mode)];
    if (base.count() == 0 && request.reference_service.count() > 0) base.add(request.reference_service);
    const Duration cost_of_job = cost(job);
    job.turn = {turns_.tag(request.sender, cost_of_job), ++serial_};
    model.arrived_work += cost_of_job;
    ++model.arrived_jobs;
    model.last_mode = request.mode;

    Decision decision = place(job, Cause::arrival, now);
    if (decision.action == Action::refuse) forget(request.job);
    return decision;
}

}  // namespace valence::compute
