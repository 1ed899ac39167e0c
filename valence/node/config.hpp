// NodeConfig: everything a node is told when it starts.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "valence/base/base.hpp"
#include "valence/chain/genesis.hpp"
#include "valence/chain/system/da_headers.hpp"
#include "valence/compute/model_store/model_peer.hpp"
#include "valence/compute/model_store/store_options.hpp"
#include "valence/node/clock.hpp"
#include "valence/node/dev_accounts.hpp"
#include "valence/outcome/model_source.hpp"
#include "valence/sequencer/execution_watcher.hpp"
#include "valence/sequencer/inference/job_desk.hpp"
#include "valence/sequencer/inference/parking_limits.hpp"
#include "valence/sequencer/mempool.hpp"
#include "valence/state/state_database.hpp"

namespace valence::node {

/// A block as soon as a transaction can go into one.
struct Automine {
    bool operator==(const Automine&) const = default;
};
/// A block every so often, empty or not.
struct IntervalMining {
    std::chrono::milliseconds every{250};
    bool operator==(const IntervalMining&) const = default;
};
/// A block when asked for one.
struct ManualMining {
    bool operator==(const ManualMining&) const = default;
};
using MiningMode = std::variant<Automine, IntervalMining, ManualMining>;

/// What a block survives once it was answered for.
enum class Durability : std::uint8_t {
    /// Death of the process: written to the write-ahead log.
    process,
    /// Loss of power: the log is synced too.
    power,
};

struct NodeConfig {
    /// The rules too are in it.
    chain::Genesis genesis;
    /// Where the chain lives; in memory only when absent.
    std::optional<std::filesystem::path> folder;
    Durability durability = Durability::process;
    /// Number of blocks behind the head whose state can still be read and unwound to; nothing keeps all
    /// (archive).
    std::uint64_t history_depth = 65'536;
    MiningMode mining = Automine{};
    /// Who receives the tips.
    Address coinbase;
    /// Of the blocks built here; the genesis' when absent.
    std::optional<std::uint64_t> gas_limit;
    /// What the beacons of the blocks built here are signed with: the secret of the genesis' beacon key.
    /// Without it blocks can be built only where that is the development key.
    std::optional<crypto::bls::SecretKey> beacon_key;
    sequencer::MempoolLimits pool;
    /// Of transactions that wait for outcomes.
    sequencer::ParkingLimits parking;
    /// Whose keys the node holds and signs with on request.
    std::vector<DevAccount> dev_accounts;
    /// The node's own store of models. Where `folder` is given and this one's folder is not, it is the
    /// subfolder `models`.
    compute::StoreOptions model_store;
    /// Sees what is executed into blocks built here; may be null.
    std::shared_ptr<sequencer::ExecutionWatcher> watcher;
    /// What is known of the layer that the genesis names, to refer to and to check blocks with as they come;
    /// whoever reads the layer tells it (da/deriver.hpp). Null: this node cannot ask the layer.
    std::shared_ptr<const chain::DaHeaders> layer;
    /// Who is asked for models that the store does not have, in turn.
    std::vector<std::shared_ptr<compute::ModelPeer>> model_peers;
    /// Where models come from; the node's own store, and the peers, when null.
    std::shared_ptr<outcome::ModelSource> models;
    /// Who computes what transactions ask models; this process itself, REPLAY only, when null.
    std::shared_ptr<sequencer::JobDesk> jobs;
    /// The system's when null.
    std::shared_ptr<Clock> clock;
};

}  // namespace valence::node
