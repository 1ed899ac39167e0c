// What hashing costs the proofs: BLAKE3 of one message and of many at once, Merkle trees, grinding,
// transcript.
#include <optional>

#include "bench/zk/measure.hpp"
#include <fmt/format.h>
#include <tbb/global_control.h>

#include "valence/zk/protocol/merkle/merkle_opening.hpp"
#include "valence/zk/protocol/transcript/grinding.hpp"
#include "valence/zk/protocol/transcript/transcript.hpp"
#include "valence/zk/prover/merkle/merkle_tree.hpp"

namespace valence {
namespace {

using crypto::Blake3Messages;
using zk::Goldilocks;
using zk::ProofWriter;

void print_rate(std::string_view what, std::size_t bytes, double seconds) {
    fmt::print("{:<44} {:10.1f} ns {:8.2f} GB/s\n", what, 1e9 * seconds,
               1e-9 * static_cast<double>(bytes) / seconds);
}

void one_message(std::size_t length) {
    const Bytes message(length, 7);
    Hash digest;
    const auto seconds = bench::smallest_seconds([&] { digest = crypto::blake3(message); });
    print_rate(fmt::format("one message of {}", length), length, seconds);
}

/// The columns of a matrix whose rows are a power of two apart, as those of codewords are; one row: messages
/// one after the other. The matrix is larger than the caches and hashed part after part.
void many_messages(std::size_t rows, std::size_t piece) {
    constexpr std::size_t kBytes = std::size_t{64} << 20;
    constexpr std::size_t kPart = std::size_t{256} << 10;
    static const Bytes matrix(kBytes, 7);
    const Blake3Messages messages{matrix, rows, kBytes / rows, piece};
    std::vector<Hash> digests(kPart / messages.length());
    std::size_t part = 0;
    const auto seconds = bench::smallest_seconds([&] {
        crypto::blake3_batch(messages.from(part * digests.size()), {}, digests);
        part = (part + 1) % (kBytes / kPart);
    });
    print_rate(fmt::format("{} messages of {} × {}", digests.size(), rows, piece), kPart, seconds);
}

/// Columns of a codeword's matrix of 2^log_leaves columns: the tree, and opening and checking `queries` of
/// them.
void merkle(int log_leaves, std::size_t rows, std::size_t queries) {
    const std::vector<Goldilocks> matrix(rows << log_leaves, Goldilocks(5));
    const auto leaves = zk::columns_of<Goldilocks>(matrix, rows);
    std::optional<zk::MerkleTree> tree;
    const auto build = bench::smallest_seconds([&] { tree.emplace(leaves, log_leaves); });
    const auto positions =
        zk::opening_order(zk::Transcript("bench").positions("queries", queries, log_leaves));
    ProofWriter proof;
    const auto open = bench::smallest_seconds([&] {
        proof = {};
        tree->open(leaves, positions, proof);
    });
    const auto check = bench::smallest_seconds([&] {
        zk::ProofReader reader(proof.bytes());
        VALENCE_CHECK(
            zk::receive_merkle_opening(tree->root(), {log_leaves, leaves.length()}, positions, reader));
    });
    fmt::print(
        "2^{} leaves of {} bytes: tree {:.2f} ms, {} leaves: {:.1f} KiB, open {:.3f} ms, "
        "check "
        "{:.3f} ms\n",
        log_leaves, leaves.length(), 1e3 * build, positions.size(),
        static_cast<double>(proof.bytes().size()) / 1024, 1e3 * open, 1e3 * check);
}

/// The time a try, and for 2^bits of them, which is the average: the least nonce itself depends on luck.
void grinding(int bits) {
    constexpr int kSeeds = 16;
    double nonces = 0;
    double seconds = 0;
    for (std::uint8_t i = 0; i < kSeeds; ++i) {
        std::uint64_t nonce = 0;
        seconds += bench::smallest_seconds([&] { nonce = zk::least_nonce(Hash({i}), bits); }, 0.05);
        nonces += static_cast<double>(nonce + 1);
    }
    fmt::print("grinding {} bits: {:.1f} ns a try, {:.3f} ms on average\n", bits, 1e9 * seconds / nonces,
               1e3 * seconds / nonces * static_cast<double>(std::uint64_t{1} << bits));
}

void transcript_rounds() {
    zk::Transcript transcript("bench");
    zk::Extension2 value;
    const auto seconds = bench::smallest_seconds([&] {
        transcript.absorb("at 0", value);
        transcript.absorb("square", value);
        value = transcript.challenge<zk::Extension2>("r");
    });
    fmt::print("transcript: {:.0f} ns for a sumcheck round of two values and a challenge\n", 1e9 * seconds);
}

}  // namespace
}  // namespace valence

int main() {
    // Of one thread is measured: no other may help.
    const tbb::global_control one_thread(tbb::global_control::max_allowed_parallelism, 1);
    using namespace valence;
    for (const std::size_t length : {64, 1024, 100'000})
        one_message(length);
    for (const std::size_t length : {64, 256, 512, 1024, 2048})
        many_messages(1, length);
    for (const std::size_t rows : {32, 128}) {
        for (const std::size_t piece : {8, 16, 24, 32})
            many_messages(rows, piece);
    }
    merkle(12, 32, 150);
    merkle(16, 32, 150);
    merkle(16, 128, 150);
    for (const int bits : {10, 16})
        grinding(bits);
    transcript_rounds();
}
