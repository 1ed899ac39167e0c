// What a chain on data availability costs: how far its batches compress, and how fast blocks are packed,
// taken out of the layer's blobs again, and audited.
//
//   valence-bench-da-chain [--transactions N] [--per-block N]
//
// Blocks hold ERC-20 transfers of many senders, signed, and one inference each. Clock and processor time of
// all threads; on a machine shared with others only the latter says what the work costs.
#include <chrono>
#include <ctime>

#include "bench/node/workload.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "valence/da/layer/embedded_layer.hpp"
#include "valence/da/sampling/sampling.hpp"
#include "valence/derive/chain_namespace.hpp"
#include "valence/derive/derive.hpp"
#include "valence/node/da/audit.hpp"
#include "valence/node/da/batch_poster.hpp"

namespace valence::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Spent {
    double clock = 0;
    double processor = 0;
};

double processor_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <typename Work>
Spent spend(Work&& work) {
    const auto begun = Clock::now();
    const auto before = processor_seconds();
    work();
    return {std::chrono::duration<double>(Clock::now() - begun).count(), processor_seconds() - before};
}

struct Amount {
    double bytes = 0;
    double blocks = 0;
    double transactions = 0;
};

void print_rates(std::string_view what, const Amount& amount, const Spent& spent) {
    const auto rates = [&](double seconds) {
        return fmt::format("{:8.3f} s {:8.1f} MB/s {:8.0f} blocks/s {:9.0f} transactions/s", seconds,
                           1e-6 * amount.bytes / seconds, amount.blocks / seconds,
                           amount.transactions / seconds);
    };
    fmt::print("{:<34} clock {}\n{:<34}   CPU {}\n", what, rates(spent.clock), "", rates(spent.processor));
}

template <typename Value>
Value need(Result<Value> result) {
    if (!result) {
        fmt::print(stderr, "error: {}\n", result.error().message());
        std::exit(1);
    }
    return std::move(result).value();
}

node::NodeConfig config_of(const Workload& workload) {
    node::NodeConfig config;
    config.genesis = workload.genesis();
    config.models = workload.models();
    config.mining = node::ManualMining{};
    return config;
}

/// A chain of full blocks.
std::unique_ptr<node::Node> build(const Workload& workload, std::size_t transactions, std::size_t per_block) {
    auto node = need(node::Node::open(config_of(workload)));
    const auto encoded = workload.sign(transactions);
    const auto asking = workload.sign_inferences(transactions / per_block);
    for (std::size_t begin = 0; begin < encoded.size(); begin += per_block) {
        std::vector<sequencer::PoolTransaction> list{
            need(sequencer::decode_pool_transaction(asking[begin / per_block]))};
        for (std::size_t i = begin; i < std::min(begin + per_block, encoded.size()); ++i)
            list.push_back(need(sequencer::decode_pool_transaction(encoded[i])));
        for (const auto& answer : node->submit(std::move(list)))
            if (!answer) need(Result<Hash>{answer.error()});
        need(node->mine());
    }
    return node;
}

void proofs(da::EmbeddedLayer& layer, const Hash& genesis_hash) {
    const auto name = derive::chain_namespace(genesis_hash);
    const auto head = need(layer.head()).height;
    std::uint64_t height = head;
    while (height > 1 && need(layer.blobs(height, name)).empty())
        --height;
    const auto header = need(layer.header(height));
    const auto blob = need(layer.blobs(height, name)).front();
    const auto proof = need(layer.prove(height, name, blob.commitment));
    constexpr int kTimes = 2'000;
    const auto verified = spend([&] {
        for (int i = 0; i < kTimes; ++i)
            need(da::verify_commitment_proof(proof, header.data_hash));
    });
    fmt::print("{:<34} {:.0f} /s of CPU, of a blob of {} bytes in a square of width {}\n",
               "commitment proofs verified", kTimes / verified.processor, blob.blob.data.size(),
               header.roots.width() / 2);
    da::ChainSampling options;
    options.shares = 32;
    da::SampledChain sampled;
    const auto drawn = spend([&] { sampled = need(da::sample_chain(layer, name, options)); });
    fmt::print("{:<34} {:.0f} shares/s of CPU ({} of {} blocks), confidence {:.4f} % each\n",
               "sampled, layer in this process", static_cast<double>(sampled.shares) / drawn.processor,
               sampled.shares, sampled.blocks, 100 * sampled.confidence);
}

void run(std::size_t transactions, std::size_t per_block) {
    const Workload workload(100, transactions / per_block + 1);
    const auto node = build(workload, transactions, per_block);
    const auto blocks = node->chain().head_number();
    da::EmbeddedOptions layer_options;
    layer_options.empty_every.reset();
    const auto layer = need(da::EmbeddedLayer::open(std::move(layer_options)));
    node::PostStatus posted;
    const auto posting = spend([&] {
        const auto poster =
            need(node::BatchPoster::start(*node, *layer, {chain::development_beacon_key(), {}}));
        if (!poster->wait_for(blocks, std::chrono::minutes{10})) std::exit(1);
        posted = poster->status();
    });
    const auto ratio = static_cast<double>(posted.plain_bytes) / static_cast<double>(posted.bytes);
    fmt::print("{} blocks of {} transactions: {} bytes in {} batches of {} bytes, compressed {:.2f} times\n",
               blocks, per_block + 1, posted.plain_bytes, posted.batches, posted.bytes, ratio);
    fmt::print("{:<34} {:.1f} bytes, before {:.1f}\n", "a transaction",
               static_cast<double>(posted.bytes) / static_cast<double>(transactions),
               static_cast<double>(posted.plain_bytes) / static_cast<double>(transactions));
    // Rates in bytes of blocks, as they are executed.
    const Amount amount{static_cast<double>(posted.plain_bytes), static_cast<double>(blocks),
                        static_cast<double>(transactions)};
    print_rates("packed, signed, squares made", amount, posting);

    const auto genesis_hash = *node->chain().block_hash(0);
    const auto name = derive::chain_namespace(genesis_hash);
    const auto key = *crypto::bls::Verifier::of(chain::development_beacon_key().public_key());
    std::size_t unpacked = 0;
    const auto deriving = spend([&] {
        derive::Assembler assembler;
        for (std::uint64_t height = 1; height <= need(layer->head()).height; ++height) {
            for (const auto& one : need(layer->blobs(height, name))) {
                const auto batch =
                    need(assembler.add(need(derive::open_piece(one.blob.data, genesis_hash, key))));
                if (batch) unpacked += need(derive::decode_blocks(batch->bytes)).size();
            }
        }
    });
    VALENCE_CHECK(unpacked == blocks);
    print_rates("taken out of blobs again", amount, deriving);

    const auto fresh = need(node::Node::open(config_of(workload)));
    node::AuditReport report;
    const auto auditing = spend([&] { report = need(node::audit(*fresh, *layer, {})); });
    VALENCE_CHECK(report.is_verified() && report.head_hash == node->chain().head().block->hash);
    print_rates("audited, everything executed", amount, auditing);
    proofs(*layer, genesis_hash);
}

}  // namespace
}  // namespace valence::bench

int main(int argc, char** argv) {
    CLI::App app{"What a chain on data availability costs."};
    std::size_t transactions = 20'000;
    std::size_t per_block = 200;
    app.add_option("--transactions", transactions, "ERC-20 transfers")->capture_default_str();
    app.add_option("--per-block", per_block, "Transfers in a block")
        ->check(CLI::Range(1, 5'000))
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    valence::bench::run(transactions, per_block);
}
