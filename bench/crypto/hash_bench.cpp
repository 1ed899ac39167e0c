// Hashes at the sizes Ethereum feeds them: a storage key (64), a trie leaf (~136), a full branch node (532).
#include <benchmark/benchmark.h>

#include "valence/crypto/blake2b.hpp"
#include "valence/crypto/keccak.hpp"
#include "valence/crypto/ripemd160.hpp"
#include "valence/crypto/sha256.hpp"

namespace valence::crypto {
namespace {

template <auto hash>
void digest_of(benchmark::State& state) {
    Bytes input(static_cast<std::size_t>(state.range(0)), 0x5a);
    for (auto _ : state)
        input[0] = hash(input)[0];
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(digest_of<keccak256>)->Name("keccak256")->Arg(32)->Arg(64)->Arg(136)->Arg(532)->Arg(24'576);
BENCHMARK(digest_of<sha256>)->Name("sha256")->Arg(64)->Arg(532)->Arg(24'576);
BENCHMARK(digest_of<ripemd160>)->Name("ripemd160")->Arg(64);

void blake2b_rounds(benchmark::State& state) {
    Blake2bInput input{};
    for (auto _ : state)
        input.state = blake2b_compress(input, static_cast<std::uint32_t>(state.range(0)));
}
BENCHMARK(blake2b_rounds)->Name("blake2b F, rounds")->Arg(12)->Arg(100'000);

}  // namespace
}  // namespace valence::crypto
