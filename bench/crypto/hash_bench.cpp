// Hashes at the sizes Ethereum feeds them: a storage key (64), a trie leaf (~136), a full branch node (532).
#include <benchmark/benchmark.h>

#include "valence/crypto/crypto.hpp"

namespace valence::crypto {
namespace {

void keccak(benchmark::State& state) {
    Bytes input(static_cast<std::size_t>(state.range(0)), 0x5a);
    for (auto _ : state) {
        const auto digest = keccak256(input);
        input[0] = digest[0];
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(keccak)->Arg(32)->Arg(64)->Arg(136)->Arg(532)->Arg(24'576);

}  // namespace
}  // namespace valence::crypto
