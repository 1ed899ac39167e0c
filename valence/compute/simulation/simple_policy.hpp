// SimplePolicy: what the policies that the balancer is compared with have in common. Each job is sent at once
// to the node that pick() says; one that fails or whose node left is sent again, elsewhere if possible.
#pragma once

#include "valence/compute/simulation/policy.hpp"

namespace valence::compute::simulation {

class SimplePolicy : public Policy {
public:
    /// Whether to keep account of which node holds which model.
    enum class Models : std::uint8_t { ignored, followed };
    SimplePolicy(const World& world, Models models);

    void joined(NodeNumber node, const std::vector<ModelNumber>& cached, Time now, Commands& to) override;
    void left(NodeNumber node, Time now, Commands& to) override;
    void reported(NodeNumber node, const Report& report, Time now, Commands& to) override;
    void arrived(JobNumber job, Time now, Commands& to) override;
    void answered(JobNumber job, NodeNumber node, Duration load, Duration service, Time now,
                  Commands& to) override;
    void failed(JobNumber job, NodeNumber node, Time now, Commands& to) override;

protected:
    struct Seat {
        bool present = false;
        /// Where it stands in `present_`.
        std::uint32_t position = 0;
        /// In the last heartbeat.
        std::uint32_t reported_jobs = 0;
        double advertised_speed = 1;
        std::vector<JobNumber> in_flight;
        std::vector<ModelNumber> models;
    };

    virtual NodeNumber pick(ModelNumber model) = 0;
    virtual void seat_changed(NodeNumber) {}
    NodeNumber any_node() { return present_[random_.below(present_.size())]; }
    /// The time the jobs sent there and not answered take, in the average job, for this speed.
    double backlog(NodeNumber node) const {
        return static_cast<double>(seats_[node].in_flight.size() + 1) / seats_[node].advertised_speed;
    }

    const World& world_;
    Random random_;
    std::vector<Seat> seats_;
    std::vector<NodeNumber> present_;
    std::vector<std::vector<NodeNumber>> holders_;

private:
    void send(JobNumber job, NodeNumber avoid, Commands& to);
    void set_models(NodeNumber node, const std::vector<ModelNumber>& models);
    void add_holder(NodeNumber node, ModelNumber model);
    void remove_holder(NodeNumber node, ModelNumber model);

    Models models_;
};

}  // namespace valence::compute::simulation
