#include "valence/sequencer/candidates.hpp"

#include <algorithm>

namespace valence::sequencer {

Candidates::Candidates(std::vector<std::vector<Candidate>> by_sender) {
    queues_.reserve(by_sender.size());
    for (auto& candidates : by_sender) {
        heap_.push_back(queues_.size());
        queues_.push_back({std::move(candidates), 0});
    }
    std::make_heap(heap_.begin(), heap_.end(), [this](auto a, auto b) { return comes_after(a, b); });
}

std::size_t Candidates::size() const {
    std::size_t count = 0;
    for (const auto& queue : queues_)
        count += queue.candidates.size() - queue.place;
    return count;
}

PooledTransaction Candidates::next() {
    if (last_open_) put_back(last_);
    last_open_ = false;
    if (heap_.empty()) return nullptr;
    std::pop_heap(heap_.begin(), heap_.end(), [this](auto a, auto b) { return comes_after(a, b); });
    last_ = heap_.back();
    heap_.pop_back();
    last_open_ = true;
    auto& queue = queues_[last_];
    return queue.candidates[queue.place++].transaction;
}

void Candidates::skip_sender() { last_open_ = false; }

bool Candidates::comes_after(std::size_t a, std::size_t b) const {
    const auto& x = queues_[a].candidates[queues_[a].place];
    const auto& y = queues_[b].candidates[queues_[b].place];
    if (x.tip != y.tip) return x.tip < y.tip;
    return x.arrival > y.arrival;
}

void Candidates::put_back(std::size_t queue) {
    if (!has_more(queue)) return;
    heap_.push_back(queue);
    std::push_heap(heap_.begin(), heap_.end(), [this](auto a, auto b) { return comes_after(a, b); });
}

}  // namespace valence::sequencer
