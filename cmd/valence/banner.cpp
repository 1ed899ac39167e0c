#include "cmd/valence/banner.hpp"

#include <fmt/format.h>

namespace valence::cmd {
namespace {

std::string mining_text(const node::MiningMode& mode) {
    if (const auto* interval = std::get_if<node::IntervalMining>(&mode)) {
        return fmt::format("a block every {} ms", interval->every.count());
    }
    return std::holds_alternative<node::Automine>(mode) ? "a block for every transaction, at once"
                                                        : "on request only (evm_mine)";
}

std::string storage_text(const node::NodeConfig& config) {
    if (!config.folder) return "in memory";
    const auto* survives =
        config.durability == node::Durability::power ? "synced to disk" : "write-ahead log";
    return fmt::format("{} ({})", config.folder->string(), survives);
}

std::string history_text(const node::NodeConfig& config) {
    if (config.history_depth == state::kKeepAll) return "all blocks";
    return grouped(config.history_depth) + " blocks";
}

}  // namespace

std::string banner(const node::Node& node, const Listening& listening, std::string_view mnemonic,
                   const std::vector<Address>& compute_nodes, const Painter& paint) {
    const auto& config = node.config();
    const auto head = node.chain().head();
    const auto next = node.next_block();
    std::string out = fmt::format("\n  {} {}\n\n", paint(Colour::bold, "Valence dev chain"),
                                  paint(Colour::dim, "v" VALENCE_VERSION));

    if (!config.dev_accounts.empty()) {
        out += fmt::format("  {}\n", paint(Colour::bold, "Accounts"));
        for (std::size_t i = 0; i < config.dev_accounts.size(); ++i) {
            const auto& held = config.dev_accounts[i];
            const auto account = head.state->account(held.address).value_or(state::Account{});
            out += fmt::format("  {:>3}  {}  {} ETH\n", i, paint(Colour::cyan, checksummed(held.address)),
                               in_units(account.balance, 18));
        }
        out += fmt::format("\n  {}\n", paint(Colour::bold, "Private keys"));
        for (std::size_t i = 0; i < config.dev_accounts.size(); ++i) {
            out += fmt::format("  {:>3}  {}\n", i, base::to_hex_prefixed(config.dev_accounts[i].private_key));
        }
        out += fmt::format(
            "       {}\n\n",
            paint(Colour::dim, "Everybody knows these keys: never use them where value is at stake."));
        out += fmt::format("  {}     {}\n", paint(Colour::bold, "Mnemonic"), mnemonic);
    }
    const auto line = [&](std::string_view name, std::string_view value) {
        out += fmt::format("  {}{:{}}{}\n", paint(Colour::bold, name), "", 13 - name.size(), value);
    };
    line("Chain id", std::to_string(node.chain_id()));
    line("Base fee", in_units(next.base_fee, 9) + " gwei");
    line("Gas limit", grouped(next.gas_limit));
    line("Mining", mining_text(node.mining()));
    line("State", storage_text(config));
    line("History", history_text(config));
    for (std::size_t i = 0; i < compute_nodes.size(); ++i)
        line(i == 0 ? "Compute" : "", checksummed(compute_nodes[i]));
    if (head.block->number() > 0) line("Head", fmt::format("block {}", grouped(head.block->number())));
    out += fmt::format("\n  {}  {}  {}\n\n", paint(Colour::bold, "Listening on"),
                       paint(Colour::green, fmt::format("http://{}:{}", listening.host, listening.port)),
                       paint(Colour::dim, fmt::format("ws://{}:{}", listening.host, listening.port)));
    return out;
}

}  // namespace valence::cmd
