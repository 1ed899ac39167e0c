// `valence beacon-key`: makes the key with which a sequencer signs its blocks' randomness.
#include <cstdio>

#include "cmd/valence/beacon_key.hpp"
#include "cmd/valence/commands.hpp"
#include "cmd/valence/failure.hpp"
#include <CLI/CLI.hpp>

#include "valence/base/hex.hpp"

namespace valence::cmd {

void add_beacon_key_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("beacon-key", "Make a sequencer's beacon key; prints the public key");
    const auto file = std::make_shared<std::string>();
    const auto show = std::make_shared<bool>(false);
    command->add_option("FILE", *file, "Where the secret goes")->required();
    command->add_flag("--show", *show, "Print the public key of a file that is there");
    command->callback([file, show, &exit_code] {
        const auto key = *show ? read_beacon_key(*file) : make_beacon_key(*file);
        if (key) {
            std::printf("%s\n", base::to_hex_prefixed(key.value().public_key()).c_str());
            return;
        }
        exit_code = complain(key.error());
    });
}

}  // namespace valence::cmd
