// `valence audit`: derives a chain from data availability alone and verifies all of it.
#include <cstdio>

#include "cmd/valence/commands.hpp"
#include "cmd/valence/da_service.hpp"
#include "cmd/valence/dev_options.hpp"
#include "cmd/valence/progress_bar.hpp"
#include "cmd/valence/signals.hpp"
#include "cmd/valence/terminal.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "valence/base/hex.hpp"
#include "valence/node/da/audit.hpp"

namespace valence::cmd {
namespace {

/// Discrepancies that are printed one by one.
constexpr std::size_t kMostPrinted = 100;

struct AuditCommandOptions {
    std::string da;
    std::string token;
    std::string genesis_file;
    std::uint64_t from = 1;
};

void print_fact(std::string_view name, const std::string& value) { fmt::print("  {:<14} {}\n", name, value); }

void print_report(const node::AuditReport& report, double seconds, const Painter& paint) {
    print_fact("layer", fmt::format("{} blocks read, {} of batches", grouped(report.heights),
                                    bytes_text(report.bytes)));
    print_fact("blocks", grouped(report.blocks));
    print_fact("transactions", grouped(report.transactions));
    for (const auto& [mode, count] : report.outcomes)
        print_fact("outcomes", fmt::format("{} {}", grouped(count), outcome::mode_name(mode)));
    print_fact("evidence", fmt::format("{} verified", grouped(report.evidence)));
    print_fact("head",
               fmt::format("block {}, {}", grouped(report.head), base::to_hex_prefixed(report.head_hash)));
    print_fact("state root", base::to_hex_prefixed(report.state_root));
    print_fact("time", fmt::format("{:.2f} s", seconds));
    if (report.foreign_blobs > 0)
        print_fact("foreign", fmt::format("{} blobs of others, ignored", grouped(report.foreign_blobs)));
    for (std::size_t i = 0; i < std::min(report.discrepancies.size(), kMostPrinted); ++i) {
        const auto& finding = report.discrepancies[i];
        const auto block = finding.number ? fmt::format("block {}, ", *finding.number) : std::string{};
        fmt::print("  {} {}layer's block {}, blob {}: {}\n",
                   paint(Colour::red, derive::finding_name(finding.kind)), block, finding.place.height,
                   finding.place.blob, finding.text);
    }
    if (report.is_verified()) {
        fmt::print("{}\n", paint(Colour::green, "VERIFIED"));
    } else {
        fmt::print("{}: {} discrepancies\n", paint(Colour::red, "NOT VERIFIED"),
                   grouped(std::uint64_t{report.discrepancies.size()}));
    }
}

/// Whether everything was verified.
Result<bool> run(const AuditCommandOptions& options) {
    allow_many_files();
    const Painter paint(terminal_has_colour() ? Painter::Use::coloured : Painter::Use::plain);
    BOOST_OUTCOME_TRY(const auto layer, layer_at(options.da, options.token));
    BOOST_OUTCOME_TRY(const auto text, read_file(options.genesis_file));
    node::NodeConfig config;
    BOOST_OUTCOME_TRY(config.genesis, chain::parse_genesis(text));
    config.mining = node::ManualMining{};
    BOOST_OUTCOME_TRY(const auto node, node::Node::open(std::move(config)));

    const auto begun = std::chrono::steady_clock::now();
    node::AuditOptions audit_options;
    audit_options.from = options.from;
    std::uint64_t shown = 0;
    const bool has_bar = terminal_has_colour();
    audit_options.progress = [&](std::uint64_t height, std::uint64_t newest) {
        const auto percent = 100 * height / std::max<std::uint64_t>(newest, 1);
        if (!has_bar || percent == shown) return;
        shown = percent;
        fmt::print(stderr, "\r  auditing [{:<50}] {:>3} %", std::string(percent / 2, '='), percent);
        if (height == newest) fmt::print(stderr, "\n");
    };
    BOOST_OUTCOME_TRY(const auto report, node::audit(*node, *layer, audit_options));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    print_report(report, took.count(), paint);
    return report.is_verified();
}

}  // namespace

void add_audit_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand(
        "audit",
        "Derive a chain from data availability alone, and verify every block and all evidence in it");
    const auto options = std::make_shared<AuditCommandOptions>();
    command->add_option("--da", options->da, "URL of the layer (celestia-node's API)")->required();
    command->add_option("--token", options->token, "Bearer token for it");
    command->add_option("--genesis", options->genesis_file, "The chain's genesis file")->required();
    command->add_option("--from", options->from, "First block that is counted; those before are verified too")
        ->capture_default_str();
    command->callback([options, &exit_code] {
        const auto done = run(*options);
        if (done && done.value()) return;
        if (!done) std::fprintf(stderr, "error: %s\n", done.error().message().c_str());
        exit_code = 1;
    });
}

}  // namespace valence::cmd
