// The subcommands. Each adds itself to the program and, when it was chosen, sets the exit code.
#pragma once

namespace CLI {
class App;
}

namespace valence::cmd {

/// `valence dev`: a chain in one process, for developing contracts.
void add_dev_command(CLI::App& app, int& exit_code);
/// `valence full`: follows a chain and verifies all of it.
void add_full_command(CLI::App& app, int& exit_code);
/// `valence import`: blocks from a file of RLP into a data folder.
void add_import_command(CLI::App& app, int& exit_code);
/// `valence genesis`: the genesis file that `valence dev` would start from.
void add_genesis_command(CLI::App& app, int& exit_code);
/// `valence beacon-key`: the key behind the blocks' randomness.
void add_beacon_key_command(CLI::App& app, int& exit_code);
/// `valence model`: models from their ONNX files to the network's integers.
void add_model_command(CLI::App& app, int& exit_code);
/// `valence model push`: a model into the network; `model` is the command of models.
void add_model_push_command(CLI::App& model, int& exit_code);
/// `valence prove`: a proof of one run of a model, into a file.
void add_prove_command(CLI::App& app, int& exit_code);
/// `valence verify`: whether a proof's file holds.
void add_verify_command(CLI::App& app, int& exit_code);
/// `valence snapshot`: the state of a chain in a file.
void add_snapshot_command(CLI::App& app, int& exit_code);
/// `valence da`: the embedded data-availability layer alone.
void add_da_command(CLI::App& app, int& exit_code);
/// `valence da force`: a transaction past the sequencer; `da` is the command of the layer.
void add_force_command(CLI::App& da, int& exit_code);
/// `valence audit`: a chain from data availability alone, verified.
void add_audit_command(CLI::App& app, int& exit_code);
/// `valence sim`: networks in virtual time.
void add_sim_command(CLI::App& app, int& exit_code);

}  // namespace valence::cmd
