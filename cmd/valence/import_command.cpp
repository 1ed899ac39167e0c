// `valence import`: validates blocks from a file (their RLP one after the other, as geth exports them) and
// stores them in a data folder.
#include <cstdio>

#include "cmd/valence/commands.hpp"
#include "cmd/valence/dev_options.hpp"
#include "cmd/valence/failure.hpp"
#include "cmd/valence/signals.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "valence/codec/rlp.hpp"
#include "valence/node/node.hpp"

namespace valence::cmd {
namespace {

struct ImportOptions {
    std::string genesis;
    std::string folder;
    std::vector<std::string> files;
    bool archive = false;
    bool sync = false;
};

Result<std::uint64_t> import_file(node::Node& node, const std::string& path) {
    BOOST_OUTCOME_TRY(const auto content, read_file(path));
    auto rest = base::as_bytes(content);
    std::uint64_t count = 0;
    while (!rest.empty()) {
        const auto where = [&](const Error& error) {
            const auto* const comma = error.context.empty() ? "" : ", ";
            return Error{error.code,
                         fmt::format("block {} of {}{}{}", count + 1, path, comma, error.context)};
        };
        const auto item = codec::rlp_first(rest);
        if (!item) return where(item.error());
        auto block = chain::decode_block(item.value().encoded);
        if (!block) return where(block.error());
        const auto done = node.import_block(std::move(block).value());
        if (!done) return where(done.error());
        rest = rest.subspan(item.value().encoded.size());
        ++count;
    }
    return count;
}

Result<void> run_import(const ImportOptions& options) {
    allow_many_files();
    node::NodeConfig config;
    BOOST_OUTCOME_TRY(const auto text, read_file(options.genesis));
    BOOST_OUTCOME_TRY(config.genesis, chain::parse_genesis(text));
    config.folder = options.folder;
    config.mining = node::ManualMining{};
    config.history_depth = options.archive ? state::kKeepAll : config.history_depth;
    config.durability = options.sync ? node::Durability::power : node::Durability::process;
    BOOST_OUTCOME_TRY(const auto node, node::Node::open(std::move(config)));
    BOOST_OUTCOME_TRYV(keep_genesis(options.folder, text));
    for (const auto& file : options.files) {
        BOOST_OUTCOME_TRY(const auto count, import_file(*node, file));
        std::printf("%s: %llu blocks\n", file.c_str(), static_cast<unsigned long long>(count));
    }
    const auto head = node->chain().head().block;
    std::printf("head: block %llu, %s\n", static_cast<unsigned long long>(head->number()),
                base::to_hex_prefixed(head->hash).c_str());
    return success();
}

}  // namespace

void add_import_command(CLI::App& app, int& exit_code) {
    auto* command =
        app.add_subcommand("import", "Validate blocks from files and store them in a state folder");
    const auto options = std::make_shared<ImportOptions>();
    command->add_option("--genesis", options->genesis, "Genesis file of the chain")->required();
    command->add_option("--state,--data", options->folder, "Folder of the chain, made when missing")
        ->required();
    command->add_flag("--archive", options->archive, "Keep the state of all blocks");
    command->add_flag("--sync", options->sync, "Sync each block to the disk: survives a power cut");
    command->add_option("FILE", options->files, "Blocks as RLP, one after the other")->required();
    command->callback([options, &exit_code] { exit_code = exit_status(run_import(*options)); });
}

}  // namespace valence::cmd
