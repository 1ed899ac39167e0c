// LayerFollower: a thread that keeps a node at what its data-availability layer says.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "valence/node/da/deriver.hpp"

namespace valence::node {

struct LayerFollowerOptions {
    DeriverOptions deriver;
    /// Told, on the follower's thread, what was found, and why the layer cannot be followed now.
    std::function<void(const derive::Finding&)> found;
    std::function<void(const Error&)> troubled;
    /// Told once, with the newest height, when all of the layer is read and nothing of this chain is in it.
    std::function<void(std::uint64_t)> found_nothing;
    /// How long the layer's next block is waited for at a time, and the pause after a failure.
    std::chrono::milliseconds patience{500};
};

class LayerFollower {
public:
    /// Begins at once. Both outlive the follower. Errors: those of Deriver::create.
    static Result<std::unique_ptr<LayerFollower>> start(Node& node, da::Layer& layer,
                                                        LayerFollowerOptions options);
    ~LayerFollower();

    DeriverStatus status() const;
    /// Whether the layer is read up to this height and what it has is derived, waiting so long for it.
    bool wait_for(std::uint64_t height, std::chrono::milliseconds patience) const;

private:
    explicit LayerFollower(LayerFollowerOptions options) : options_(std::move(options)) {}
    void loop(const std::stop_token& stop);
    /// Tells what was found, or that nothing was.
    void tell(const Result<bool>& more);

    const LayerFollowerOptions options_;
    std::unique_ptr<Deriver> deriver_;
    bool has_read_all_ = false;

    mutable std::mutex mutex_;  // guards status_
    mutable std::condition_variable_any changed_;
    DeriverStatus status_;

    std::jthread thread_;
};

}  // namespace valence::node
