// LocalComputeNodes: compute nodes within the sequencer's process, each with a key of its own, on the plane
// that needs no network. They share the node's store of models.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "valence/compute/worker/local_job_bus.hpp"
#include "valence/compute/worker/worker.hpp"
#include "valence/node/node.hpp"
#include "valence/sequencer/inference/balanced_desk.hpp"

namespace valence::node {

/// The key of a dev chain's compute node; everybody knows it.
crypto::PrivateKey dev_operator_key(std::size_t number);

class LocalComputeNodes {
public:
    /// They join at once. The last `liars` of them answer wrongly: an output one off, and a proof of which a
    /// byte is another. `desk` is the node's; node and desk outlive this.
    LocalComputeNodes(Node& node, std::shared_ptr<sequencer::BalancedDesk> desk, std::size_t count,
                      std::size_t liars = 0);
    /// They leave, and finish what they run.
    ~LocalComputeNodes();
    LocalComputeNodes(const LocalComputeNodes&) = delete;
    LocalComputeNodes& operator=(const LocalComputeNodes&) = delete;

    /// Their operators' addresses: whom SIGNED callers name, and who is paid.
    std::vector<Address> ids() const;

private:
    void beat(const std::stop_token& stop);

    std::shared_ptr<sequencer::BalancedDesk> desk_;
    compute::LocalJobBus bus_;
    std::vector<std::unique_ptr<compute::Worker>> workers_;
    std::jthread heart_;
};

}  // namespace valence::node
