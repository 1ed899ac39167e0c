// `valence snapshot`: a block and the state after it in one file, from which full nodes start.
#include <cstdio>

#include "cmd/valence/commands.hpp"
#include "cmd/valence/failure.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "valence/base/hex.hpp"
#include "valence/node/snapshot/export_snapshot.hpp"
#include "valence/node/snapshot/import_snapshot.hpp"

namespace valence::cmd {
namespace {

struct SnapshotOptions {
    std::string folder;
    std::string file;
    std::optional<std::uint64_t> number;
};

Result<void> export_file(const SnapshotOptions& options) {
    BOOST_OUTCOME_TRY(const auto done, node::export_snapshot(options.folder, options.file, options.number));
    fmt::print("{}: block {}, {}, {} accounts, {} slots, {} bytes\n", options.file, done.number,
               base::to_hex_prefixed(done.hash), done.accounts, done.slots, done.bytes);
    return success();
}

Result<void> show(const SnapshotOptions& options) {
    BOOST_OUTCOME_TRY(const auto info, node::read_snapshot_info(options.file));
    fmt::print("block {}, {}\ngenesis {}\n", info.number, base::to_hex_prefixed(info.hash),
               base::to_hex_prefixed(info.genesis_hash));
    return success();
}

}  // namespace

void add_snapshot_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("snapshot", "Files from which full nodes start");
    command->require_subcommand(1);
    const auto options = std::make_shared<SnapshotOptions>();
    auto* write = command->add_subcommand("export", "Write the state of a folder's chain into a file");
    write->add_option("--state,--data", options->folder, "Folder of a node that is not running")->required();
    write->add_option("--block", options->number, "Number of the block; the newest when absent");
    write->add_option("FILE", options->file, "The file to be written")->required();
    write->callback([options, &exit_code] { exit_code = exit_status(export_file(*options)); });
    auto* info = command->add_subcommand("info", "Say what a file holds, unchecked");
    info->add_option("FILE", options->file, "The file")->required();
    info->callback([options, &exit_code] { exit_code = exit_status(show(*options)); });
}

}  // namespace valence::cmd
