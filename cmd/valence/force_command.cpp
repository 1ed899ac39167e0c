// `valence da force`: a signed transaction into the layer itself, past the sequencer.
#include <cstdio>

#include "cmd/valence/commands.hpp"
#include "cmd/valence/da_service.hpp"
#include "cmd/valence/dev_options.hpp"
#include "cmd/valence/failure.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "valence/base/hex.hpp"
#include "valence/derive/chain_namespace.hpp"
#include "valence/derive/forced_blob.hpp"

namespace valence::cmd {
namespace {

struct ForceOptions {
    std::string da;
    std::string token;
    std::string genesis_file;
    std::string transaction;
};

Result<void> run_force(const ForceOptions& options) {
    BOOST_OUTCOME_TRY(const auto text, read_file(options.genesis_file));
    node::NodeConfig config;
    BOOST_OUTCOME_TRY(config.genesis, chain::parse_genesis(text));
    const auto rules = config.genesis.rules;
    if (!rules.system || !rules.system->layer)
        return Error{OptionError::value, "--genesis " + options.genesis_file +
                                             ": the chain is not derived from a data-availability layer"};
    const auto encoded = base::from_hex(options.transaction);
    if (!encoded)
        return Error{
            OptionError::value,
            "the transaction is not in hexadecimal: write it signed, as eth_sendRawTransaction takes it"};
    // The genesis' hash takes its state.
    config.mining = node::ManualMining{};
    BOOST_OUTCOME_TRY(const auto node, node::Node::open(std::move(config)));
    BOOST_OUTCOME_TRY(const auto layer, layer_at(options.da, options.token));
    BOOST_OUTCOME_TRY(const auto head, layer->head());

    const auto blob = derive::encode_forced(rules.chain_id, *encoded);
    const auto opened = derive::open_forced(blob, rules, head.seconds());
    if (!opened)
        return Error{OptionError::value, "the transaction cannot be forced: " + opened.error().message()};
    const da::Blob posted{derive::forced_namespace(*node->chain().block_hash(0)), 0, blob, {}};
    BOOST_OUTCOME_TRY(const auto height, layer->submit(std::span{&posted, 1}));
    const auto hash = base::to_hex_prefixed(chain::transaction_hash(opened.value().transaction));
    fmt::print(
        "{}\nIn the layer's block {}. Blocks that refer to block {} or later owe it. If none has it,\n", hash,
        height, height + rules.system->layer->forced_delay);
    fmt::print("more was posted with it than has room: post it again.\n");
    return success();
}

}  // namespace

void add_force_command(CLI::App& da, int& exit_code) {
    auto* command = da.add_subcommand(
        "force", "Post a signed transaction that no sequencer can leave out: its hash, and when it is due");
    const auto options = std::make_shared<ForceOptions>();
    command->add_option("--da", options->da, "URL of the layer (celestia-node's API)")->required();
    command->add_option("--da-token", options->token, "Bearer token for it");
    command->add_option("--genesis", options->genesis_file, "The chain's genesis file")->required();
    command
        ->add_option("transaction", options->transaction,
                     "The signed transaction, in hexadecimal (cast mktx gives one)")
        ->required();
    command->callback([options, &exit_code] { exit_code = exit_status(run_force(*options)); });
}

}  // namespace valence::cmd
