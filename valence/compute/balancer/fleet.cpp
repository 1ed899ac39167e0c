#include "valence/compute/balancer/fleet.hpp"

namespace valence::compute {
namespace {

bool among(const std::vector<NodeIndex>& list, NodeIndex node) {
    return std::find(list.begin(), list.end(), node) != list.end();
}

/// Draws up to `count` of `from` that are not in `to` yet.
void draw(const std::vector<NodeIndex>& from, std::size_t count, Sampler& sampler,
          std::vector<NodeIndex>& to) {
    if (from.size() <= count) {
        for (const NodeIndex node : from)
            if (!among(to, node)) to.push_back(node);
        return;
    }
    const std::size_t enough = to.size() + count;
    for (std::size_t tries = 0; tries < 2 * count && to.size() < enough; ++tries) {
        const NodeIndex node = from[sampler.below(from.size())];
        if (!among(to, node)) to.push_back(node);
    }
}

}  // namespace

NodeIndex Fleet::add_node(const NodeAdvert& advert, Time now) {
    NodeIndex index = 0;
    if (empty_places_.empty()) {
        index = static_cast<NodeIndex>(nodes_.size());
        nodes_.emplace_back();
    } else {
        index = empty_places_.back();
        empty_places_.pop_back();
        nodes_[index] = Node{};
    }
    Node& node = nodes_[index];
    node.id = advert.node;
    node.present = true;
    node.node_class = advert.node_class;
    node.modes = advert.modes;
    node.slots = std::clamp(advert.slots, 1U, kMostSlots);
    node.stake = advert.stake;
    node.memory = std::min(advert.memory, kMostBytes);
    node.load_rate = std::max<std::uint64_t>(1, advert.load_rate);
    node.slowness = RatioEstimate(advert.speed.inverse());
    node.heard = now;
    by_id_[advert.node] = index;
    for (std::size_t mode = 0; mode < kModes; ++mode) {
        if (!outcome::contains(advert.modes, static_cast<outcome::Mode>(mode))) continue;
        node.mode_position[mode] = static_cast<std::uint32_t>(by_mode_[mode].size());
        by_mode_[mode].push_back(index);
    }
    for (std::size_t i = 0; i < std::min(advert.cached.size(), kMostModelsReported); ++i) {
        const auto model = reported_model(advert.cached[i]);
        if (model && resident(index, *model) == nullptr) add_resident(index, *model, now);
    }
    offer(index);
    return index;
}

void Fleet::remove_node(NodeIndex index) {
    Node& node = nodes_[index];
    while (!node.residents.empty())
        remove_resident(index, node.residents.back().model);
    for (std::size_t mode = 0; mode < kModes; ++mode) {
        if (!outcome::contains(node.modes, static_cast<outcome::Mode>(mode))) continue;
        auto& list = by_mode_[mode];
        const NodeIndex last = list.back();
        list[node.mode_position[mode]] = last;
        nodes_[last].mode_position[mode] = node.mode_position[mode];
        list.pop_back();
    }
    by_id_.erase(node.id);
    node = Node{};
    empty_places_.push_back(index);
}

std::optional<NodeIndex> Fleet::find_node(const NodeId& id) const {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return std::nullopt;
    return found->second;
}

ModelIndex Fleet::model_index(const ModelId& id, std::uint64_t bytes) {
    const std::uint64_t size = std::min(bytes, kMostBytes);
    const auto [place, added] = model_by_id_.try_emplace(id, static_cast<ModelIndex>(models_.size()));
    if (added) {
        models_.emplace_back().id = id;
        models_.back().bytes = size;
    }
    Model& model = models_[place->second];
    if (model.bytes != size) {
        // A node had reported another size.
        for (const NodeIndex holder : model.holders)
            nodes_[holder].memory_used += size - model.bytes;
        model.bytes = size;
    }
    return place->second;
}

std::optional<ModelIndex> Fleet::reported_model(const CachedModel& reported) {
    if (const auto known = find_model(reported.model)) return known;
    if (models_.size() >= kMostModelsKnown) return std::nullopt;
    return model_index(reported.model, reported.bytes);
}

std::optional<ModelIndex> Fleet::find_model(const ModelId& id) const {
    const auto found = model_by_id_.find(id);
    if (found == model_by_id_.end()) return std::nullopt;
    return found->second;
}

const Resident* Fleet::resident(NodeIndex index, ModelIndex model) const {
    const Node& node = nodes_[index];
    const auto at = std::find(node.resident_models.begin(), node.resident_models.end(), model);
    if (at == node.resident_models.end()) return nullptr;
    return &node.residents[static_cast<std::size_t>(at - node.resident_models.begin())];
}

Resident* Fleet::resident(NodeIndex node, ModelIndex model) {
    return const_cast<Resident*>(std::as_const(*this).resident(node, model));
}

void Fleet::add_resident(NodeIndex index, ModelIndex model, Time now) {
    Node& node = nodes_[index];
    Resident resident;
    resident.model = model;
    resident.position = static_cast<std::uint32_t>(models_[model].holders.size());
    resident.since = now;
    resident.last_used = now;
    node.residents.push_back(resident);
    node.resident_models.push_back(model);
    node.memory_used += models_[model].bytes;
    models_[model].holders.push_back(index);
}

void Fleet::remove_resident(NodeIndex index, ModelIndex model_index) {
    Node& node = nodes_[index];
    Model& model = models_[model_index];
    const auto place = std::find(node.resident_models.begin(), node.resident_models.end(), model_index);
    VALENCE_CHECK(place != node.resident_models.end());
    const auto resident_at = node.residents.begin() + (place - node.resident_models.begin());
    const std::uint32_t position = resident_at->position;
    node.residents.erase(resident_at);
    node.resident_models.erase(place);
    node.memory_used -= model.bytes;
    const NodeIndex last = model.holders.back();
    model.holders[position] = last;
    model.holders.pop_back();
    if (last != index) resident(last, model_index)->position = position;
}

bool Fleet::in_use(const Node& node, ModelIndex model) const {
    return std::any_of(node.in_flight.begin(), node.in_flight.end(),
                       [model](const InFlight& f) { return f.model == model; });
}

std::optional<std::vector<ModelIndex>> Fleet::victims(NodeIndex index, std::uint64_t bytes) const {
    const Node& node = nodes_[index];
    std::vector<ModelIndex> chosen;
    if (node.memory_used + bytes <= node.memory) return chosen;
    if (bytes > node.memory) return std::nullopt;
    std::vector<const Resident*> oldest_first;
    for (const Resident& r : node.residents)
        if (!in_use(node, r.model)) oldest_first.push_back(&r);
    // Residents stand in the order in which they came; that decides between equals.
    std::stable_sort(oldest_first.begin(), oldest_first.end(),
                     [](const Resident* a, const Resident* b) { return a->last_used < b->last_used; });
    std::uint64_t used = node.memory_used;
    for (const Resident* r : oldest_first) {
        if (used + bytes <= node.memory) break;
        chosen.push_back(r->model);
        used -= models_[r->model].bytes;
    }
    if (used + bytes > node.memory) return std::nullopt;
    return chosen;
}

void Fleet::offer(NodeIndex index) {
    Node& node = nodes_[index];
    if (!node.present || !node.has_free_slot()) return;
    for (Resident& r : node.residents) {
        if (r.listed) continue;
        r.listed = true;
        models_[r.model].free_list.push_back(index);
    }
}

void Fleet::draw_free_holders(ModelIndex model_index, std::size_t count, Sampler& sampler,
                              std::vector<NodeIndex>& to) {
    auto& list = models_[model_index].free_list;
    const std::size_t enough = to.size() + count;
    // Of a long list draws may repeat; every stale entry met is removed, which pays for its draw.
    for (std::size_t repeats = 0; !list.empty() && to.size() < enough && repeats < 2 * count;) {
        const std::size_t at = list.size() <= count ? repeats % list.size() : sampler.below(list.size());
        const NodeIndex index = list[at];
        Resident* r = nodes_[index].present ? resident(index, model_index) : nullptr;
        if (r == nullptr || !nodes_[index].has_free_slot()) {
            if (r != nullptr) r->listed = false;
            list[at] = list.back();
            list.pop_back();
            continue;
        }
        ++repeats;
        if (!among(to, index)) to.push_back(index);
    }
}

void Fleet::draw_holders(ModelIndex model, std::size_t count, Sampler& sampler,
                         std::vector<NodeIndex>& to) const {
    draw(models_[model].holders, count, sampler, to);
}

void Fleet::draw_of_mode(outcome::Mode mode, std::size_t count, Sampler& sampler,
                         std::vector<NodeIndex>& to) const {
    draw(by_mode_[static_cast<std::size_t>(mode)], count, sampler, to);
}

}  // namespace valence::compute
