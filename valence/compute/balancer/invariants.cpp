// Whether the balancer's indexes, counts and lists agree: looked at by tests after every event.
#include "valence/compute/balancer/load_balancer.hpp"

namespace valence::compute {

void LoadBalancer::check_invariants() const {
    std::size_t copies_at_nodes = 0;
    for (NodeIndex i = 0; i < fleet_.node_places(); ++i) {
        const Node& node = fleet_.node(i);
        if (!node.present) {
            VALENCE_CHECK(node.in_flight.empty() && node.residents.empty());
            continue;
        }
        VALENCE_CHECK(fleet_.find_node(node.id) == i);
        std::uint64_t memory = 0;
        VALENCE_CHECK(node.resident_models.size() == node.residents.size());
        for (const Resident& resident : node.residents) {
            const Model& model = fleet_.model(resident.model);
            VALENCE_CHECK(model.holders[resident.position] == i);
            VALENCE_CHECK(fleet_.resident(i, resident.model) == &resident);
            memory += model.bytes;
            const bool listed =
                std::find(model.free_list.begin(), model.free_list.end(), i) != model.free_list.end();
            VALENCE_CHECK(!node.has_free_slot() || listed);
        }
        VALENCE_CHECK(memory == node.memory_used);
        std::size_t place = 0;
        for (const InFlight& work : node.in_flight) {
            VALENCE_CHECK((work.started == Time::max()) == (place++ >= node.slots));
            VALENCE_CHECK(fleet_.resident(i, work.model) != nullptr);
            if (work.kind != WorkKind::job) continue;
            const auto job = jobs_.find(work.job);
            VALENCE_CHECK(job != jobs_.end());
            VALENCE_CHECK(std::any_of(job->second.copies.begin(), job->second.copies.end(),
                                      [i](const Copy& copy) { return copy.node == i; }));
            ++copies_at_nodes;
        }
    }
    std::size_t copies = 0;
    std::size_t held = 0;
    for (const auto& [id, job] : jobs_) {
        copies += job.copies.size();
        held += job.stage == JobView::Stage::held ? 1 : 0;
        VALENCE_CHECK(job.copies.empty() == (job.stage != JobView::Stage::dispatched));
    }
    VALENCE_CHECK(copies == copies_at_nodes);
    VALENCE_CHECK(held == held_);
    std::size_t queued = 0;
    for (ModelIndex i = 0; i < fleet_.model_count(); ++i) {
        const Model& model = fleet_.model(i);
        queued += model.held.size();
        VALENCE_CHECK(!model.held.empty() || model.held_work == Duration(0));
        VALENCE_CHECK(model.held.empty() || model.hungry);
        for (std::size_t at = 0; at < model.holders.size(); ++at) {
            const Resident* resident = fleet_.resident(model.holders[at], i);
            VALENCE_CHECK(resident != nullptr && resident->position == at);
        }
    }
    VALENCE_CHECK(queued == held_);
    std::size_t of_senders = 0;
    for (const auto& [sender, count] : held_by_sender_)
        of_senders += count;
    VALENCE_CHECK(of_senders == held_);
}

}  // namespace valence::compute
