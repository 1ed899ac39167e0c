// Scenario: a small world, a message and a fork, made from any bytes, to be run by both machines. The fuzzer
// and the differential test share it: equal bytes make equal scenarios.
#pragma once

#include <optional>
#include <string>

#include "valence/evm/testing/memory_host.hpp"
#include "valence/evm/vm.hpp"

namespace valence::evm::reference {

struct Scenario {
    Revision revision = kLatestRevision;
    BlockContext block;
    TransactionContext transaction;
    Message message;
    /// What `message.input` views.
    Bytes input;
    std::map<Address, testing::TestAccount> accounts;

    Scenario() = default;
    Scenario(const Scenario&) = delete;
    Scenario& operator=(const Scenario&) = delete;
};

/// Fills in `scenario` from entropy; what is missing counts as zeros. Code comes either raw from the bytes or
/// as a sequence of instructions likely to have their operands.
void make_scenario(BytesView entropy, Scenario& scenario);

/// Runs the scenario on both machines. Nothing if they agree on status (success, revert, abandoned or
/// failure), gas, output, logs, refund, accounts, touched and destroyed ones; otherwise what differs.
std::optional<std::string> difference(const Scenario& scenario);

}  // namespace valence::evm::reference
