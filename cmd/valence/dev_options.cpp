#include "cmd/valence/dev_options.hpp"

#include <cerrno>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cmd/valence/beacon_key.hpp"
#include "cmd/valence/genesis_json.hpp"

#include "valence/chain/beacon.hpp"
#include "valence/chain/genesis_contracts.hpp"

namespace valence::cmd {
namespace {

/// In the state folder, beside the chain's own.
constexpr std::string_view kGenesisFile = "genesis.json";

/// Contracts that tools expect to find on any chain.
struct Predeploy {
    Address address;
    std::string_view code;
};
constexpr Predeploy kPredeploys[] = {
    // Hashes of the last 8,191 blocks (EIP-2935).
    {"0x0000f90827f1c53a10cb7a02335b175320002935"_address,
     "0x3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff8143031"
     "1604257"
     "611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500"},
    // Deploys with CREATE2 what follows a salt in its calldata; forge's scripts use it.
    {"0x4e59b44847b379578588920ca78fbf26c0b4956c"_address,
     "0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f580151"
     "56039578182"
     "fd5b8082525050506014600cf3"},
};

/// Why the system would not, in its own words.
std::string reason(int error) { return error == 0 ? "" : ": " + std::generic_category().message(error); }

class OptionCategory : public std::error_category {
public:
    const char* name() const noexcept override { return "option"; }
    std::string message(int code) const override {
        return static_cast<OptionError>(code) == OptionError::file ? "cannot use file" : "cannot use value";
    }
};

/// A number of milliseconds, or with a unit: 250, 250ms, 2s. At most a day.
std::optional<std::chrono::milliseconds> duration_from(const std::string& text) {
    std::uint64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    const bool seconds = unit == "s";
    if (error != std::errc{} || !(unit.empty() || unit == "ms" || seconds) || number > 86'400'000)
        return std::nullopt;
    return std::chrono::milliseconds(seconds ? number * 1'000 : number);
}

Result<node::MiningMode> mining_mode(const DevOptions& options) {
    if (options.no_mining) return node::MiningMode{node::ManualMining{}};
    if (options.block_time.empty()) return node::MiningMode{node::Automine{}};
    BOOST_OUTCOME_TRY(const auto every, parse_duration("--block-time", options.block_time));
    if (every.count() == 0)
        return Error{OptionError::value, "--block-time 0: more than 0, or --no-mining for blocks on request"};
    return node::MiningMode{node::IntervalMining{every}};
}

std::uint64_t seconds_now() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(now).count());
}

Result<chain::Genesis> genesis_from_file(const std::string& path) {
    BOOST_OUTCOME_TRY(const auto text, read_file(path));
    auto genesis = chain::parse_genesis(text);
    if (!genesis) return Error{OptionError::file, path + ": " + genesis.error().message()};
    return genesis;
}

Result<chain::Genesis> choose_genesis(const DevOptions& options, const NewLayer& new_layer) {
    if (!options.genesis_file.empty()) return genesis_from_file(options.genesis_file);
    if (!options.state_folder.empty()) {
        const auto kept = std::filesystem::path(options.state_folder) / kGenesisFile;
        std::error_code none;
        if (std::filesystem::exists(kept, none)) {
            auto genesis = genesis_from_file(kept.string());
            const bool wants_other = options.chain_id != DevOptions{}.chain_id;
            if (genesis && wants_other && genesis.value().rules.chain_id != options.chain_id) {
                return Error{OptionError::value, "--chain-id " + std::to_string(options.chain_id) +
                                                     ": the chain in " + options.state_folder + " has id " +
                                                     std::to_string(genesis.value().rules.chain_id)};
            }
            return genesis;
        }
    }
    BOOST_OUTCOME_TRY(auto layer, new_layer());
    BOOST_OUTCOME_TRY(auto genesis, dev_genesis(options, seconds_now()));
    if (layer && genesis.gas_limit < chain::least_gas_limit({genesis.rules.system->delivery_gas, layer}))
        return Error{OptionError::value, "--gas-limit: no room for forced transactions"};
    genesis.rules.system->layer = std::move(layer);
    return genesis;
}

}  // namespace

std::error_code make_error_code(OptionError error) {
    static const OptionCategory category;
    return {static_cast<int>(error), category};
}

Result<std::chrono::milliseconds> parse_duration(const std::string& option, const std::string& text) {
    if (const auto duration = duration_from(text)) return *duration;
    return Error{OptionError::value, option + " " + text + ": write milliseconds, or 250ms, or 2s"};
}

Result<std::string> read_file(const std::string& path) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    const int failure = file.is_open() ? 0 : errno;
    std::ostringstream content;
    // Inserting from a stream turns a failure to read (a folder opens like a file) into a bad state, where
    // iterators throw. An empty file inserts nothing, which is no failure of reading.
    if (file.is_open() && file.peek() != std::ifstream::traits_type::eof()) content << file.rdbuf();
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored))
        return Error{OptionError::file, path + " cannot be read: it is a folder"};
    if (!file.is_open() || file.bad())
        return Error{OptionError::file, path + " cannot be read" + reason(failure)};
    return std::move(content).str();
}

Result<void> write_file(const std::string& path, BytesView bytes) {
    errno = 0;
    std::ofstream stream(path, std::ios::binary);
    stream.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (stream.flush()) return success();
    return Error{OptionError::file, path + " cannot be written" + reason(errno)};
}

Result<void> keep_genesis(const std::string& folder, const std::string& json) {
    const auto path = std::filesystem::path(folder) / kGenesisFile;
    std::error_code failure;
    if (std::filesystem::exists(path, failure)) return success();
    std::filesystem::create_directories(folder, failure);
    if (failure) return Error{OptionError::file, folder + " cannot be made: " + failure.message()};
    // Written aside and then named: half a file would keep every later start from the chain.
    auto aside = path;
    aside += ".new";
    errno = 0;
    std::ofstream file(aside, std::ios::binary | std::ios::trunc);
    file << json;
    file.close();
    if (file) std::filesystem::rename(aside, path, failure);
    if (!file || failure) {
        const auto why = failure ? ": " + failure.message() : reason(errno);
        std::error_code ignored;
        std::filesystem::remove(aside, ignored);
        return Error{OptionError::file, path.string() + " cannot be written" + why};
    }
    return success();
}

Result<chain::Genesis> dev_genesis(const DevOptions& options, std::uint64_t timestamp) {
    chain::Genesis genesis;
    genesis.rules = chain::valence_rules(options.chain_id);
    if (!options.beacon_key_file.empty()) {
        BOOST_OUTCOME_TRY(const auto key, read_beacon_key(options.beacon_key_file));
        genesis.rules.beacon_key = key.public_key();
    }
    if (options.base_fee) {
        genesis.base_fee = *options.base_fee;
        genesis.rules.min_base_fee = std::min(genesis.rules.min_base_fee, U256{*options.base_fee});
    }
    genesis.timestamp = timestamp;
    genesis.gas_limit = options.gas_limit.value_or(kDevGasLimit);
    genesis.extra_data = Bytes(genesis.rules.extra_data_size.value_or(0), 0);
    for (const auto& predeploy : kPredeploys) {
        auto& account = genesis.accounts[predeploy.address];
        account.nonce = 1;
        account.code = base::from_hex(predeploy.code).value();
    }
    // Solidity calls no address without code; this one's never runs.
    for (const auto precompile : {0xF4, 0xF5, 0xF6, 0xF7, 0xF8}) {
        auto& account = genesis.accounts[base::address_from_number(static_cast<std::uint64_t>(precompile))];
        account.nonce = 1;
        account.code = {0xfe};
    }
    BOOST_OUTCOME_TRY(const auto accounts, node::derive_dev_accounts(options.mnemonic, options.accounts));
    // The first dev account governs.
    const Address governance = accounts.empty() ? Address{} : accounts.front().address;
    for (auto& [address, account] : chain::genesis_contract_accounts({governance, 0}))
        genesis.accounts.insert_or_assign(address, std::move(account));
    for (const auto& account : accounts) {
        genesis.accounts[account.address].balance = U256{options.balance} * U256{1'000'000'000'000'000'000};
    }
    return genesis;
}

Result<rpc::ServerConfig> server_config(const DevOptions& options) {
    rpc::ServerConfig config;
    config.host = options.host;
    config.port = options.port;
    config.mode = rpc::Mode::dev;
    config.client_version = "valence/v" VALENCE_VERSION "/linux/c++20";
    config.allowed_hosts.insert(config.allowed_hosts.end(), options.allowed_hosts.begin(),
                                options.allowed_hosts.end());
    if (!options.allowed_origins.empty()) config.cors_origins = options.allowed_origins;
    BOOST_OUTCOME_TRY(config.limits.evm_time, parse_duration("--rpc-evm-timeout", options.evm_timeout));
    return config;
}

Result<node::NodeConfig> dev_config(const DevOptions& options, const NewLayer& new_layer) {
    node::NodeConfig config;
    BOOST_OUTCOME_TRY(config.dev_accounts, node::derive_dev_accounts(options.mnemonic, options.accounts));
    BOOST_OUTCOME_TRY(config.mining, mining_mode(options));
    BOOST_OUTCOME_TRY(config.genesis, choose_genesis(options, new_layer));
    if (!options.beacon_key_file.empty()) {
        BOOST_OUTCOME_TRY(config.beacon_key, read_beacon_key(options.beacon_key_file));
    } else if (const auto& named = config.genesis.rules.beacon_key;
               named && *named != chain::development_beacon_key().public_key()) {
        return Error{OptionError::value,
                     "--beacon-key is missing: the genesis names " + base::to_hex_prefixed(*named)};
    }
    config.gas_limit = options.gas_limit;
    if (!options.state_folder.empty()) {
        config.folder = options.state_folder;
        if (options.genesis_file.empty()) {
            BOOST_OUTCOME_TRYV(keep_genesis(options.state_folder, genesis_json(config.genesis)));
        } else {
            BOOST_OUTCOME_TRY(const auto text, read_file(options.genesis_file));
            BOOST_OUTCOME_TRYV(keep_genesis(options.state_folder, text));
        }
    }
    if (!options.model_folder.empty()) config.model_store.folder = options.model_folder;
    config.model_store.disk_bytes = options.model_disk << 30;
    config.model_store.memory_bytes = options.model_memory << 30;
    // Decoding a model takes its weights, and what is made of them.
    config.model_store.decoding_bytes = 2 * config.model_store.memory_bytes;
    config.durability = options.sync ? node::Durability::power : node::Durability::process;
    config.history_depth = options.archive ? state::kKeepAll : options.history;
    return config;
}

}  // namespace valence::cmd
