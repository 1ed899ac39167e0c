// What `valence dev` can be told, and the node and genesis that follow from it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "valence/node/config.hpp"
#include "valence/rpc/server.hpp"

namespace valence::cmd {

struct DevOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 8545;
    /// Names by which it may be called beside localhost and addresses; "*" for any.
    std::vector<std::string> allowed_hosts;
    /// Origins of web pages that may call; any when empty.
    std::vector<std::string> allowed_origins;
    /// "5s", "300ms"; "0s" for no limit.
    std::string evm_timeout = "5s";
    std::uint64_t chain_id = 1986;
    std::size_t accounts = 10;
    /// Ether of each account.
    std::uint64_t balance = 10'000;
    std::string mnemonic{node::kDevMnemonic};
    /// "250", "250ms" or "2s"; on demand when empty.
    std::string block_time;
    bool no_mining = false;
    std::string state_folder;
    bool sync = false;
    bool archive = false;
    std::uint64_t history = 65'536;
    std::optional<std::uint64_t> gas_limit;
    /// Wei per gas, of the first block.
    std::optional<std::uint64_t> base_fee;
    std::string genesis_file;
    /// The sequencer's beacon key; that of development when empty.
    std::string beacon_key_file;
    /// Where the files of models are kept; with the state, or as long as the process, when empty.
    std::string model_folder;
    /// GiB of models on the disk, and in memory.
    std::uint64_t model_disk = 64;
    std::uint64_t model_memory = 4;
    std::size_t compute_nodes = 2;
    std::size_t lying_compute_nodes = 0;
    /// "embedded", the URL of a layer, or empty: blocks are not posted.
    std::string da;
    std::string da_token;
    /// Of the embedded layer's API; 0 picks a free one.
    std::uint16_t da_port = 26'658;
    /// Blocks that may wait to be posted before no more are built.
    std::uint64_t da_most_lag = 4'096;
    /// Blocks of a layer elsewhere after which a submission whose answer was lost is not expected any more.
    std::uint64_t da_settling = 12;
    bool silent = false;
    std::string log_level = "info";
};

/// Tools keep chain ids in a JavaScript number.
inline constexpr std::uint64_t kMostChainId = (std::uint64_t{1} << 53) - 1;

/// Contracts' size and tests' gas never come near it; thousands of transactions fit into one block.
inline constexpr std::uint64_t kDevGasLimit = 1'000'000'000;

/// The layer that a new genesis names; nothing where it names none.
using NewLayer = std::function<Result<std::optional<chain::LayerRules>>()>;

/// The genesis of the options alone: our rules and funded accounts, at this time (seconds since the epoch).
Result<chain::Genesis> dev_genesis(const DevOptions& options, std::uint64_t timestamp);

/// The node's configuration. The genesis is that of --genesis, or that of the state folder if it has one, or
/// the dev genesis with the new layer, which is then left in the state folder as genesis.json.
Result<node::NodeConfig> dev_config(const DevOptions& options, const NewLayer& new_layer);

/// Where and for whom it listens, and the limits.
Result<rpc::ServerConfig> server_config(const DevOptions& options);

/// Leaves a genesis file in a state folder, as genesis.json, unless there is one: the next start takes it
/// from there.
Result<void> keep_genesis(const std::string& folder, const std::string& json);

/// "250", "250ms", "2s": what the option was given.
Result<std::chrono::milliseconds> parse_duration(const std::string& option, const std::string& text);

/// The whole file; an error that names it.
Result<std::string> read_file(const std::string& path);

/// Writes it anew; an error that names it.
Result<void> write_file(const std::string& path, BytesView bytes);

/// Contexts are whole sentences: they name the option or the file, and say what is wrong.
enum class OptionError {
    /// A file cannot be read or written.
    file = 1,
    /// A value makes no sense.
    value,
    /// What is wrong was said already.
    told,
};
std::error_code make_error_code(OptionError);

}  // namespace valence::cmd

template <>
struct std::is_error_code_enum<valence::cmd::OptionError> : std::true_type {};
