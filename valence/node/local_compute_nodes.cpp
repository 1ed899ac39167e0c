#include "valence/node/local_compute_nodes.hpp"

#include <condition_variable>

#include "valence/crypto/keccak.hpp"

namespace valence::node {
namespace {

constexpr std::chrono::milliseconds kBeat{1'000};

compute::Time now() {
    return compute::Time(
        std::chrono::duration_cast<compute::Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

/// An output one off, and a proof of which a byte is another: what anybody could send.
void lie(outcome::Outcome& answer) {
    if (!answer.output.empty()) answer.output[0] ^= 1;
    if (auto* proved = std::get_if<outcome::ZkEvidence>(&answer.evidence))
        proved->proof[proved->proof.size() / 2] ^= 1;
}

}  // namespace

crypto::PrivateKey dev_operator_key(std::size_t number) {
    return crypto::keccak256(base::as_bytes("valence dev compute node " + std::to_string(number)));
}

LocalComputeNodes::LocalComputeNodes(Node& node, std::shared_ptr<sequencer::BalancedDesk> desk,
                                     std::size_t count, std::size_t liars)
    : desk_(std::move(desk)),
      bus_([this](std::function<void()> work) { desk_->post(std::move(work)); }, *desk_) {
    desk_->connect(bus_);
    for (std::size_t number = 0; number < count; ++number) {
        compute::WorkerOptions options;
        options.operator_key = dev_operator_key(number);
        options.chain_id = node.chain_id();
        options.modes = outcome::bit(outcome::Mode::replay) | outcome::bit(outcome::Mode::zk) |
                        outcome::bit(outcome::Mode::operator_signed);
        if (number + liars >= count) options.tamper = lie;
        workers_.push_back(
            std::make_unique<compute::Worker>(std::move(options), node.model_store(), node.models()));
        bus_.join(*workers_.back());
    }
    heart_ = std::jthread([this](const std::stop_token& stop) { beat(stop); });
}

LocalComputeNodes::~LocalComputeNodes() {
    heart_.request_stop();
    heart_.join();
    for (const auto& worker : workers_)
        bus_.leave(worker->id());
    // The desk hears nothing of the bus once it stands still.
    desk_->stop();
}

std::vector<Address> LocalComputeNodes::ids() const {
    std::vector<Address> ids;
    for (const auto& worker : workers_)
        ids.emplace_back(worker->id().bytes);
    return ids;
}

void LocalComputeNodes::beat(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    while (!stop.stop_requested()) {
        bus_.beat(now());
        std::unique_lock lock(mutex);
        never.wait_for(lock, stop, kBeat, [] { return false; });
    }
}

}  // namespace valence::node
