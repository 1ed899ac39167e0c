// What data availability costs: extending squares of 2, 8 and 32 MiB and committing to them, beside the
// memory's speed in the same run and a straightforward implementation; sampling, proofs, repair.
//
//   valence-bench-da [--threads N]     1: CPU time of one thread, the least of several runs; more: wall time
#include <chrono>

#include "bench/da/plain_square.hpp"
#include "bench/zk/measure.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include "valence/crypto/sha256_batch.hpp"
#include "valence/da/extended/partial_square.hpp"
#include "valence/da/inclusion/commitment.hpp"
#include "valence/da/testing/random_data.hpp"

namespace valence {
namespace {

using da::Axis;
using da::ExtendedSquare;
using da::Share;

/// Of one call: with one thread its CPU time, with more the wall clock's; the least of several.
class Measure {
public:
    explicit Measure(int threads) : threads_(threads) {}

    template <typename Function>
    double seconds(Function&& function, int runs = 5) const {
        double best = std::numeric_limits<double>::infinity();
        for (int i = 0; i < runs; ++i) {
            const double start = now();
            function();
            best = std::min(best, now() - start);
        }
        return best;
    }

private:
    double now() const {
        if (threads_ == 1) return bench::thread_seconds();
        return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    }

    int threads_;
};

void print(std::string_view what, double bytes, double seconds) {
    fmt::print("  {:<44} {:9.2f} ms {:8.3f} GB/s\n", what, 1e3 * seconds, 1e-9 * bytes / seconds);
}

/// Bytes a second.
struct Bounds {
    double memory = 0;
    double hashing = 0;
};

/// What memory gives: bytes read and written by copying 256 MiB.
double memory_bandwidth(const Measure& measure) {
    constexpr std::size_t kBytes = std::size_t{256} << 20;
    constexpr std::size_t kPart = std::size_t{1} << 20;
    Bytes from(kBytes, 1);
    Bytes to(kBytes, 2);
    const auto copy = [&] {
        tbb::parallel_for(std::size_t{0}, kBytes / kPart,
                          [&](std::size_t i) { std::memcpy(&to[i * kPart], &from[i * kPart], kPart); });
    };
    const auto seconds = measure.seconds(copy);
    print("copying 256 MiB, read and written", 2.0 * kBytes, seconds);
    return 2.0 * kBytes / seconds;
}

/// Message bytes, with their padding, that SHA-256 takes, of leaves.
double hashing_rate(const Measure& measure) {
    constexpr std::size_t kLength = 9 * 64 - 9;
    constexpr std::size_t kMessages = 16;
    constexpr std::size_t kParts = 4096;
    const Bytes messages(kMessages * kLength, 1);
    const auto hash = [&] {
        tbb::parallel_for(std::size_t{0}, kParts, [&](std::size_t) {
            std::array<Hash, kMessages> digests;
            crypto::sha256_batch(messages, kLength, digests);
        });
    };
    constexpr auto kBytes = static_cast<double>(kParts * kMessages * 9 * 64);
    const auto seconds = measure.seconds(hash);
    print("hashing leaves, padding included", kBytes, seconds);
    return kBytes / seconds;
}

/// What extending and committing cannot be quicker than: memory is read and written nine times the square's
/// size (the square read, its extension written and read), every leaf has nine blocks to hash and every node
/// three.
void print_bounds(const Bounds& bounds, double bytes, std::size_t width) {
    print("bound by memory", bytes, 9 * bytes / bounds.memory);
    const auto leaves = static_cast<double>(4 * width * width);
    const auto nodes = static_cast<double>(2 * 2 * width * (2 * width - 1));
    print("bound by hashing", bytes, 64 * (9 * leaves + 3 * nodes) / bounds.hashing);
}

void square(const Measure& measure, const Bounds& bounds, std::size_t width) {
    da::testing::Random random{width};
    const auto shares = random.square(width);
    const auto bytes = static_cast<double>(shares.size() * da::kShareSize);
    fmt::print("square of {} MiB, {} × {} shares\n", shares.size() * da::kShareSize >> 20, width, width);
    std::optional<ExtendedSquare> extended;
    std::optional<da::SquareRoots> roots;
    Hash root;
    const auto encode = measure.seconds([&] { extended = ExtendedSquare::extend(shares).value(); });
    print("extend", bytes, encode);
    const auto commit = measure.seconds([&] {
        roots = da::roots_of(*extended).value();
        root = roots->data_root();
    });
    print("roots and data root", bytes, commit);
    print("extend and commit", bytes, encode + commit);
    print_bounds(bounds, bytes, width);

    std::vector<Share> plain;
    da::SquareRoots plain_roots;
    const auto plain_encode = measure.seconds([&] { plain = bench::plain_extend(shares); }, 1);
    const auto plain_commit = measure.seconds([&] { plain_roots = bench::plain_roots(plain); }, 1);
    VALENCE_CHECK(plain_roots.data_root() == root);
    print("straightforward: extend", bytes, plain_encode);
    print("straightforward: roots", bytes, plain_commit);
    print("straightforward: both", bytes, plain_encode + plain_commit);
    fmt::print("  {:<44} {:9.1f} ×\n", "faster by", (plain_encode + plain_commit) / (encode + commit));

    const da::Blob blob{
        random.name(), da::kShareVersionPlain, random.bytes(shares.size() * da::kSparseContent / 2), {}};
    print("commitment of a blob of half its size", static_cast<double>(blob.data.size()),
          measure.seconds([&] { root = da::blob_commitment(blob); }));
}

void repair(const Measure& measure, std::size_t width) {
    da::testing::Random random{width};
    const auto square = ExtendedSquare::extend(random.square(width)).value();
    const auto roots = da::roots_of(square).value();
    const auto bytes = static_cast<double>(width * width * da::kShareSize);
    fmt::print("repair, {} × {} shares\n", width, width);
    const auto from = [&](auto&& known) {
        da::PartialSquare partial{square.width()};
        for (std::size_t row = 0; row < square.width(); ++row) {
            for (std::size_t column = 0; column < square.width(); ++column) {
                if (known(row, column)) partial.put({row, column}, square.at({row, column}));
            }
        }
        return measure.seconds([&] { VALENCE_CHECK(da::repair(partial, roots).has_value()); }, 1);
    };
    print("from the last quadrant alone", bytes,
          from([&](auto r, auto c) { return r >= width && c >= width; }));
    print("from three quarters, drawn", bytes, from([&](auto, auto) { return random.below(4) != 0; }));
}

void proofs(std::size_t width) {
    da::testing::Random random{width};
    const auto square = ExtendedSquare::extend(random.square(width)).value();
    const auto roots = da::roots_of(square).value();
    std::vector<da::Sample> samples;
    for (std::size_t i = 0; i < 64; ++i) {
        const da::AxisIndex line{i % 2 == 0 ? Axis::row : Axis::column, random.below(2 * width)};
        samples.push_back(da::make_sample(square, square.tree(line).value(), line, random.below(2 * width)));
    }
    std::size_t next = 0;
    const auto verify = bench::smallest_seconds(
        [&] { VALENCE_CHECK(da::verify_sample(samples[next++ % samples.size()], roots)); });
    const auto rows = da::prove_rows(roots, 0, 3);
    const auto data_root = roots.data_root();
    fmt::print("proofs, {} × {} shares, one thread\n", width, width);
    fmt::print("  {:<44} {:9.0f} /s {:6.1f} MB/s of shares\n", "samples verified", 1 / verify,
               1e-6 * da::kShareSize / verify);
    fmt::print(
        "  {:<44} {:9.1f} µs\n", "a row's tree, for its 2k proofs",
        1e6 * bench::smallest_seconds([&] { VALENCE_CHECK(square.tree({Axis::row, 0}).has_value()); }));
    fmt::print("  {:<44} {:9.0f} /s\n", "proofs of four rows verified",
               1 / bench::smallest_seconds([&] { VALENCE_CHECK(da::verify_row_proof(rows, data_root)); }));
}

}  // namespace
}  // namespace valence

int main(int argc, char** argv) {
    CLI::App app{"What data availability costs."};
    int threads = 1;
    app.add_option("--threads", threads, "Threads to use; CPU time is reported for one, wall time for more")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    const tbb::global_control limit{tbb::global_control::max_allowed_parallelism,
                                    static_cast<std::size_t>(threads)};
    const valence::Measure measure{threads};
    fmt::print("bounds\n");
    const valence::Bounds bounds{valence::memory_bandwidth(measure), valence::hashing_rate(measure)};
    for (const std::size_t width : {64, 128, 256})
        valence::square(measure, bounds, width);
    valence::repair(measure, 64);
    valence::proofs(128);
}
