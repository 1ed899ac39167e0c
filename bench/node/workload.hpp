// The workload of bench/node: ERC-20 transfers of a few senders to many recipients, and inferences that wait.
#pragma once

#include <atomic>
#include <vector>

#include "valence/node/node.hpp"
#include "valence/outcome/testing/tiny_model.hpp"

namespace valence::bench {

class Workload {
public:
    /// `senders` of transfers, and others that ask a model.
    Workload(std::size_t senders, std::size_t askers);

    /// A genesis in which all have ether, the senders have tokens, and the model is open to REPLAY.
    chain::Genesis genesis() const;
    /// `count` transfers in their canonical encoding, the senders in turn.
    std::vector<Bytes> sign(std::size_t count) const;
    /// One inference of each of the first `count` askers, each with another input.
    std::vector<Bytes> sign_inferences(std::size_t count) const;
    std::shared_ptr<outcome::ModelSource> models() const { return models_; }

private:
    std::size_t senders_;
    /// The askers last.
    std::vector<node::DevAccount> accounts_;
    std::shared_ptr<outcome::testing::GivenModels> models_;
    ml::ModelId model_;
};

/// Takes jobs and never answers.
class SilentDesk final : public sequencer::JobDesk {
public:
    void set_handler(sequencer::AnswerHandler) override {}
    void stop() override {}
    void dispatch(const sequencer::JobOrder&) override { ++taken_; }
    std::size_t taken() const { return taken_; }

private:
    std::atomic<std::size_t> taken_{0};
};

}  // namespace valence::bench
