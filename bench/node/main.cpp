// valence-bench-node: presigned ERC-20 transfers of ten senders through pool, builder and commit, in one
// process and without RPC. Signatures are recovered beforehand and timed apart: the RPC server does it on its
// own threads.
//
//   valence-bench-node [--transactions N] [--batch N] [--parked N] [--state DIR] [--sync]
//
// Prints for each way of mining how many transactions a second reach durable blocks with all roots, and the
// same while transactions of others wait for answers of models that never come: what parking itself takes
// from the rest.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>

#include "bench/node/workload.hpp"
#include <CLI/CLI.hpp>

namespace valence::bench {
namespace {

using Stopwatch = std::chrono::steady_clock;

/// Seconds on the clock, and seconds of the processor in all threads: on a machine shared with others only
/// the latter say what the work costs.
struct Spent {
    double clock = 0;
    double processor = 0;
};

class Meter {
public:
    Spent spent() const {
        return {std::chrono::duration<double>(Stopwatch::now() - start_).count(),
                processor_now() - processor_};
    }

private:
    static double processor_now() {
        timespec now{};
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
        return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
    }

    Stopwatch::time_point start_ = Stopwatch::now();
    double processor_ = processor_now();
};

struct Options {
    std::size_t transactions = 20'000;
    std::size_t batch = 100;
    std::size_t parked = 1'000;
    std::string folder;
    bool sync = false;
};

void report(const char* what, std::size_t count, const Spent& spent) {
    const auto each = [&](double seconds) { return 1e6 * seconds / static_cast<double>(count); };
    std::printf("%-36s %8zu  %9.3f s  %7.2f us each  %7.2f us of CPU each  %8.0f /s\n", what, count,
                spent.clock, each(spent.clock), each(spent.processor),
                static_cast<double>(count) / spent.clock);
}

std::vector<sequencer::PoolTransaction> decode(const std::vector<Bytes>& encoded) {
    std::vector<sequencer::PoolTransaction> out;
    for (const auto& bytes : encoded)
        out.push_back(sequencer::decode_pool_transaction(bytes).value());
    return out;
}

/// Submits all in batches; the number of those refused.
std::size_t submit(node::Node& node, std::vector<sequencer::PoolTransaction> all, std::size_t batch) {
    std::size_t refused = 0;
    for (std::size_t begin = 0; begin < all.size(); begin += batch) {
        const auto end = std::min(begin + batch, all.size());
        std::vector<sequencer::PoolTransaction> part(
            std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(begin)),
            std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(end)));
        for (const auto& answer : node.submit(std::move(part)))
            refused += answer ? 0 : 1;
    }
    return refused;
}

std::unique_ptr<node::Node> open(const Options& options, const Workload& workload, node::MiningMode mining) {
    if (!options.folder.empty()) std::filesystem::remove_all(options.folder);
    node::NodeConfig config;
    config.genesis = workload.genesis();
    config.mining = mining;
    if (!options.folder.empty()) config.folder = options.folder;
    config.durability = options.sync ? node::Durability::power : node::Durability::process;
    config.models = workload.models();
    config.jobs = std::make_shared<SilentDesk>();
    auto node = node::Node::open(std::move(config));
    if (node) return std::move(node).value();
    std::fprintf(stderr, "error: %s\n", node.error().message().c_str());
    std::exit(1);
}

/// Lets a block for each batch be made while `parked` inferences wait; answers how many transfers are
/// missing.
std::size_t automine(const Options& options, const Workload& workload,
                     const std::vector<sequencer::PoolTransaction>& transactions, std::size_t parked) {
    const auto node = open(options, workload, node::Automine{});
    auto waiting = decode(workload.sign_inferences(parked));
    auto missing = submit(*node, std::move(waiting), options.batch);
    missing += node->pool().counts().pending == parked ? 0 : 1;
    auto copy = transactions;
    const Meter start;
    missing += submit(*node, std::move(copy), options.batch);
    const auto what = parked == 0 ? std::string{"automine, a block for each batch"}
                                  : "  beside " + std::to_string(parked) + " parked inferences";
    report(what.c_str(), transactions.size(), start.spent());
    missing += node->pool().counts().pending - parked;
    std::printf("%-36s %8llu\n", "  blocks", static_cast<unsigned long long>(node->chain().head_number()));
    return missing;
}

int run(const Options& options) {
    const Workload workload(10, options.parked);
    const auto encoded = workload.sign(options.transactions);
    const Meter recovering;
    const auto transactions = decode(encoded);
    report("recover senders (one thread)", encoded.size(), recovering.spent());

    std::size_t missing = 0;
    {
        const auto node = open(options, workload, node::ManualMining{});
        auto copy = transactions;
        const Meter start;
        missing += submit(*node, std::move(copy), options.batch);
        report("admit to the pool", encoded.size(), start.spent());
        const Meter mining;
        std::size_t mined = 0;
        while (node->pool().counts().pending > 0) {
            const auto blocks = node->mine();
            if (!blocks) return 1;
            const auto& included = blocks.value().front()->block.transactions;
            mined += static_cast<std::size_t>(
                std::ranges::count_if(included, [](const auto& t) { return !t.is_system(); }));
        }
        report("build, roots, commit; large blocks", mined, mining.spent());
        missing += encoded.size() - mined;
        std::printf("%-36s %8llu\n", "  blocks",
                    static_cast<unsigned long long>(node->chain().head_number()));
    }
    // In turn, so that what else the machine does meets all alike.
    for (int round = 0; round < 3; ++round)
        for (const auto parked : {std::size_t{0}, options.parked / 16, options.parked})
            missing += automine(options, workload, transactions, parked);
    if (missing > 0) std::printf("%zu transactions were not included\n", missing);
    return missing > 0 ? 1 : 0;
}

}  // namespace
}  // namespace valence::bench

int main(int argc, char** argv) {
    CLI::App app{"Measures the node without RPC: ERC-20 transfers through pool, builder and commit."};
    valence::bench::Options options;
    app.add_option("--transactions", options.transactions, "How many")->capture_default_str();
    app.add_option("--batch", options.batch, "Submitted together")->capture_default_str();
    app.add_option("--parked", options.parked, "Inferences that wait meanwhile")->capture_default_str();
    app.add_option("--state", options.folder, "Folder of the chain, emptied first; in memory without it");
    app.add_flag("--sync", options.sync, "Sync each block to the disk");
    CLI11_PARSE(app, argc, argv);
    return valence::bench::run(options);
}
