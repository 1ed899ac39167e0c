// State tests as workloads: what the interpreter needs of the files of the Ethereum state-test format.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "valence/evm/evm.hpp"
#include "valence/evm/testing/memory_host.hpp"

namespace valence::bench {

/// One transaction of a file under one fork, ready to run.
struct Workload {
    /// "file/label", or "file/data-gas-value" without labels.
    std::string name;
    std::string fork;
    evm::Revision revision = evm::kLatestRevision;
    evm::BlockContext block;
    evm::TransactionContext transaction;
    Address sender;
    Address to;
    U256 value;
    Bytes input;
    evm::Gas gas_limit = 0;
    std::shared_ptr<evm::testing::MemoryHost> host;
};

/// The workloads of a file; with `only_fork` not empty, of that fork only. Creations are left out.
Result<std::vector<Workload>> load_workloads(const std::filesystem::path& file, const std::string& only_fork);

}  // namespace valence::bench
