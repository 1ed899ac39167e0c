#include "valence/node/da/layer_follower.hpp"

namespace valence::node {

Result<std::unique_ptr<LayerFollower>> LayerFollower::start(Node& node, da::Layer& layer,
                                                            LayerFollowerOptions options) {
    auto follower = std::unique_ptr<LayerFollower>(new LayerFollower(std::move(options)));
    BOOST_OUTCOME_TRY(follower->deriver_, Deriver::create(node, layer, follower->options_.deriver));
    follower->status_ = follower->deriver_->status();
    follower->thread_ =
        std::jthread([self = follower.get()](const std::stop_token& stop) { self->loop(stop); });
    return follower;
}

LayerFollower::~LayerFollower() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

DeriverStatus LayerFollower::status() const {
    const std::lock_guard guard(mutex_);
    return status_;
}

bool LayerFollower::wait_for(std::uint64_t height, std::chrono::milliseconds patience) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return status_.height >= height && !status_.waits_for; });
}

void LayerFollower::tell(const Result<bool>& more) {
    if (!more && options_.troubled) options_.troubled(more.error());
    for (const auto& finding : deriver_->take_findings())
        if (options_.found) options_.found(finding);
    if (has_read_all_ || !more || more.value()) return;
    has_read_all_ = true;
    const auto status = deriver_->status();
    const bool is_empty = status.derived == 0 && deriver_->derivation().batches() == 0;
    if (is_empty && options_.found_nothing) options_.found_nothing(status.height);
}

void LayerFollower::loop(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const auto more = deriver_->step(options_.patience);
        tell(more);
        std::unique_lock lock(mutex_);
        status_ = deriver_->status();
        changed_.notify_all();
        const bool is_stuck = !more || status_.waits_for;
        if (is_stuck) changed_.wait_for(lock, stop, options_.patience, [] { return false; });
    }
    // After a crash some more is read again.
    static_cast<void>(deriver_->save());
}

}  // namespace valence::node
