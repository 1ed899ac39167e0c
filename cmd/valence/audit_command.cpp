// `valence audit`: derives a chain from data availability alone and verifies all of it, or samples whether it
// is available.
#include <cstdio>

#include "cmd/valence/commands.hpp"
#include "cmd/valence/da_service.hpp"
#include "cmd/valence/dev_options.hpp"
#include "cmd/valence/failure.hpp"
#include "cmd/valence/progress_bar.hpp"
#include "cmd/valence/signals.hpp"
#include "cmd/valence/terminal.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "valence/base/hex.hpp"
#include "valence/da/sampling/sampling.hpp"
#include "valence/derive/chain_namespace.hpp"
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
    bool sample = false;
    bool sample_first = false;
    std::size_t samples = 32;
};

void print_fact(std::string_view name, const std::string& value) { fmt::print("  {:<14} {}\n", name, value); }

/// A line that is drawn again on a terminal, and nothing elsewhere.
class Percentage {
public:
    explicit Percentage(std::string what) : what_(std::move(what)), is_shown_(terminal_has_colour()) {}
    ~Percentage() {
        if (shown_) fmt::print(stderr, "\r\x1b[K");
        std::fflush(stderr);
    }
    Percentage(const Percentage&) = delete;
    Percentage& operator=(const Percentage&) = delete;

    void show(std::uint64_t done, std::uint64_t all) {
        const auto percent = 100 * done / std::max<std::uint64_t>(all, 1);
        if (!is_shown_ || shown_ == percent) return;
        shown_ = percent;
        fmt::print(stderr, "\r  {} [{:<50}] {:>3} %  block {} of {}\x1b[K", what_,
                   std::string(percent / 2, '='), percent, grouped(done), grouped(all));
        std::fflush(stderr);
    }

private:
    std::string what_;
    bool is_shown_;
    std::optional<std::uint64_t> shown_;
};

double seconds_since(std::chrono::steady_clock::time_point begun) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

void print_report(const node::AuditReport& report, double seconds, const Painter& paint) {
    print_fact("layer", fmt::format("{} blocks read, {} in {} batches", grouped(report.heights),
                                    bytes_text(report.bytes), grouped(report.batches)));
    print_fact("blocks", grouped(report.blocks));
    print_fact("transactions", grouped(report.transactions));
    for (const auto& [mode, count] : report.outcomes)
        print_fact("outcomes", fmt::format("{} {}", grouped(count), outcome::mode_name(mode)));
    print_fact("evidence", fmt::format("{} verified", grouped(report.evidence)));
    print_fact("head",
               fmt::format("block {}, {}", grouped(report.head), base::to_hex_prefixed(report.head_hash)));
    print_fact("state root", base::to_hex_prefixed(report.state_root));
    print_fact("time", fmt::format("{:.2f} s, {}/s of batches, {:.0f} blocks/s", seconds,
                                   bytes_text(static_cast<std::uint64_t>(static_cast<double>(report.bytes) /
                                                                         std::max(seconds, 1e-3))),
                                   static_cast<double>(report.head) / std::max(seconds, 1e-3)));
    if (report.fallback_blocks > 0)
        print_fact("fallback", fmt::format("{} blocks without a sequencer", grouped(report.fallback_blocks)));
    if (report.late_blocks > 0)
        print_fact("late", fmt::format("{} blocks came too late", grouped(report.late_blocks)));
    if (report.foreign_blobs > 0)
        print_fact("foreign", fmt::format("{} blobs of others, ignored", grouped(report.foreign_blobs)));
    for (const auto height : report.repaired)
        print_fact("repaired", fmt::format("the layer's block {}, of which shares are kept back", height));
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

void print_sampling(const da::SampledChain& sampled, double seconds, const Painter& paint) {
    print_fact("layer",
               fmt::format("{} headers read, each linked to the one before", grouped(sampled.headers)));
    print_fact("sampled",
               fmt::format("{} shares of the {} blocks that may hold data of the chain, in {:.2f} s",
                           grouped(sampled.shares), grouped(sampled.blocks), seconds));
    if (sampled.blocks > 0)
        print_fact("confidence", fmt::format("{:.6f} % for each block", 100 * sampled.confidence));
    for (const auto& [height, why] : sampled.wrong_headers)
        fmt::print("  {} layer's block {}: {}\n", paint(Colour::red, "wrong header"), height, why.message());
    for (const auto& block : sampled.withheld) {
        for (const auto& [cell, why] : block.withheld) {
            fmt::print("  {} layer's block {}, row {}, column {}: {}\n", paint(Colour::red, "withheld"),
                       block.height, cell.row, cell.column, why.message());
        }
    }
    if (!sampled.is_available()) {
        fmt::print("{}\n", paint(Colour::red, "NOT AVAILABLE"));
    } else {
        fmt::print("{}\n", paint(Colour::green, "AVAILABLE"));
    }
}

/// What a user who sees nothing of the chain should look at.
Error no_such_chain(const Hash& genesis_hash, std::uint64_t heights) {
    return {
        OptionError::value,
        fmt::format("nothing of this chain (genesis {}) is in the layer's {} blocks: is it the genesis file "
                    "of another chain, or another layer?",
                    base::to_hex_prefixed(genesis_hash), grouped(heights))};
}

/// The first of the layer's blocks that may hold anything of the chain. Error: other_layer when the genesis
/// names another.
Result<std::uint64_t> first_height(const node::Node& node, da::Layer& layer) {
    const auto& system = node.config().genesis.rules.system;
    if (!system || !system->layer) return 1;
    const auto& start = system->layer->start;
    BOOST_OUTCOME_TRY(const auto header, layer.header(start.height));
    if (header.hash() == start.hash) return start.height;
    return Error{node::NodeError::other_layer,
                 fmt::format("its block {} is {}", start.height, base::to_hex_prefixed(header.hash()))};
}

/// Whether all of it is available.
Result<bool> sample(const AuditCommandOptions& options, da::Layer& layer, const Hash& genesis_hash,
                    std::uint64_t from, const Painter& paint) {
    const auto begun = std::chrono::steady_clock::now();
    da::SampledChain sampled;
    {
        Percentage shown("sampling");
        da::ChainSampling sampling;
        sampling.from = from;
        sampling.shares = options.samples;
        sampling.progress = [&](std::uint64_t done, std::uint64_t all) { shown.show(done, all); };
        BOOST_OUTCOME_TRY(sampled, da::sample_chain(layer, derive::chain_namespace(genesis_hash), sampling));
    }
    if (!sampled.shown && sampled.is_available()) return no_such_chain(genesis_hash, sampled.headers);
    print_sampling(sampled, seconds_since(begun), paint);
    return sampled.is_available();
}

/// Whether everything was verified.
Result<bool> verify(const AuditCommandOptions& options, da::Layer& layer, node::Node& node,
                    const Painter& paint) {
    const auto begun = std::chrono::steady_clock::now();
    node::AuditReport report;
    {
        Percentage shown("auditing");
        node::AuditOptions audit_options;
        audit_options.from = options.from;
        audit_options.progress = [&](std::uint64_t done, std::uint64_t all) { shown.show(done, all); };
        BOOST_OUTCOME_TRY(report, node::audit(node, layer, audit_options));
    }
    if (!report.has_found_chain())
        return no_such_chain(node.chain().block_hash(0).value_or(Hash{}), report.heights);
    if (options.from > report.head)
        return Error{OptionError::value, fmt::format("--from {}: the chain's newest block on the layer is {}",
                                                     options.from, report.head)};
    print_report(report, seconds_since(begun), paint);
    return report.is_verified();
}

Result<bool> run_audit(const AuditCommandOptions& options) {
    allow_many_files();
    const Painter paint(terminal_has_colour() ? Painter::Use::coloured : Painter::Use::plain);
    if (options.genesis_file.empty()) {
        return Error{OptionError::value,
                     "--genesis FILE is missing: the chain's genesis file, which its nodes answer to "
                     "valence_getGenesis"};
    }
    BOOST_OUTCOME_TRY(const auto text, read_file(options.genesis_file));
    node::NodeConfig config;
    auto genesis = chain::parse_genesis(text);
    if (!genesis) {
        return Error{OptionError::value,
                     "--genesis " + options.genesis_file + ": " + genesis.error().message()};
    }
    config.genesis = std::move(genesis).value();
    config.mining = node::ManualMining{};
    BOOST_OUTCOME_TRY(const auto node, node::Node::open(std::move(config)));
    BOOST_OUTCOME_TRY(const auto layer, layer_at(options.da, options.token));
    if (options.sample || options.sample_first) {
        const auto genesis_hash = node->chain().block_hash(0).value_or(Hash{});
        BOOST_OUTCOME_TRY(const auto from, first_height(*node, *layer));
        BOOST_OUTCOME_TRY(const auto available, sample(options, *layer, genesis_hash, from, paint));
        if (options.sample || !available) return available;
    }
    return verify(options, *layer, *node, paint);
}

}  // namespace

void add_audit_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand(
        "audit",
        "Derive a chain from data availability alone, and verify every block and all evidence in it");
    const auto options = std::make_shared<AuditCommandOptions>();
    command->add_option("--da", options->da, "URL of the layer (celestia-node's API)")->required();
    command->add_option("--da-token,--token", options->token, "Bearer token for it");
    command->add_option("--genesis", options->genesis_file, "The chain's genesis file");
    command->add_option("--from", options->from, "First block that is counted; those before are verified too")
        ->capture_default_str();
    auto* alone =
        command->add_flag("--sample", options->sample,
                          "Draw shares instead of downloading everything: how sure one can be that all "
                          "is available; nothing is executed");
    command->add_flag("--sample-first", options->sample_first, "Draw shares, then verify everything")
        ->excludes(alone);
    command->add_option("--samples", options->samples, "Shares drawn of each of the layer's blocks")
        ->check(CLI::Range(1, 1'024))
        ->capture_default_str();
    command->callback([options, &exit_code] {
        const auto done = run_audit(*options);
        if (!done) exit_code = complain(done.error());
        if (done && !done.value()) exit_code = kFailed;
    });
}

}  // namespace valence::cmd
