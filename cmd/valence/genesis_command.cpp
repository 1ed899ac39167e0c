// `valence genesis`: prints the genesis file that `valence dev` starts from, to be changed and given to
// --genesis.
#include <cstdio>

#include "cmd/valence/commands.hpp"
#include "cmd/valence/dev_options.hpp"
#include "cmd/valence/failure.hpp"
#include "cmd/valence/genesis_json.hpp"
#include <CLI/CLI.hpp>

namespace valence::cmd {

void add_genesis_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("genesis", "Print the genesis file that `valence dev` starts from");
    const auto options = std::make_shared<DevOptions>();
    const auto timestamp = std::make_shared<std::uint64_t>(0);
    command->add_option("--chain-id", options->chain_id, "Chain id")
        ->check(CLI::Range(std::uint64_t{1}, kMostChainId))
        ->capture_default_str();
    command->add_option("-a,--accounts", options->accounts, "Number of funded accounts")
        ->capture_default_str()
        ->check(CLI::Range(0, 10'000));
    command->add_option("--balance", options->balance, "Ether of each")->capture_default_str();
    command->add_option("-m,--mnemonic", options->mnemonic, "Where the accounts' keys come from");
    command->add_option("--gas-limit", options->gas_limit, "Gas of a block (1,000,000,000)");
    command->add_option("--base-fee", options->base_fee, "First base fee, in wei (1,000,000,000)");
    command->add_option("--beacon-key", options->beacon_key_file,
                        "File of the key that will sign blocks' randomness (valence beacon-key)");
    command->add_option("--timestamp", *timestamp, "Of block 0, in seconds since the epoch")
        ->capture_default_str();
    command->callback([options, timestamp, &exit_code] {
        const auto genesis = dev_genesis(*options, *timestamp);
        if (!genesis) {
            exit_code = complain(genesis.error());
            return;
        }
        std::fputs(genesis_json(genesis.value()).c_str(), stdout);
    });
}

}  // namespace valence::cmd
