// What hashing costs the proofs: BLAKE3 of one message and of many at once.
#include "bench/zk/measure.hpp"
#include <fmt/format.h>

#include "valence/crypto/blake3_batch.hpp"

namespace valence {
namespace {

using crypto::Blake3Messages;

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

}  // namespace
}  // namespace valence

int main() {
    using namespace valence;
    for (const std::size_t length : {64, 1024, 100'000})
        one_message(length);
    for (const std::size_t length : {64, 256, 512, 1024, 2048})
        many_messages(1, length);
    for (const std::size_t rows : {32, 128}) {
        for (const std::size_t piece : {8, 16, 24, 32})
            many_messages(rows, piece);
    }
}
