// Interruptible: precompiles of a run that can be given up. The machine asks before every call who answers at
// its address; once the time is over this does, everywhere, and abandons the run. It costs a run that no
// tracer watches nothing between its calls.
#pragma once

#include "valence/chain/evm_host.hpp"
#include "valence/rpc/deadline.hpp"

namespace valence::rpc::simulation {

class Interruptible : public chain::Precompiles {
public:
    explicit Interruptible(const Deadline& deadline) : deadline_(deadline) {}

    bool has(const Address&) const override { return deadline_.over(); }
    evm::PrecompileResult run(const evm::Message&, evm::Host&) override {
        return {evm::Status::abandoned, 0, {}};
    }

    const Deadline& deadline() const { return deadline_; }

private:
    Deadline deadline_;
};

}  // namespace valence::rpc::simulation
