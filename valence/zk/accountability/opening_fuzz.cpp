// Any bytes as the opening of a small table, as such, or laid over the honest one: only the honest one is
// accepted.
#include <algorithm>

#include "valence/zk/prover/commitment/opening.hpp"
#include "valence/zk/verifier/opening.hpp"

namespace {

using namespace valence;
using namespace valence::zk;
using E = Extension2;

/// The sum of 256 ones.
struct Statement {
    std::vector<std::int8_t> values = std::vector<std::int8_t>(256, 1);
    CommittedTable table{TableShape{8, 3, 2}, std::span<const std::int8_t>(values)};
    OpeningParameters parameters = opening_parameters(kProfile100, std::vector{table.shape()}).value();
    Bytes honest;

    Statement() {
        // No work, which the fuzzer could not do.
        parameters.grinding_bits = 0;
        Transcript transcript("fuzz");
        ProofWriter proof;
        ProverChannel channel{transcript, proof};
        OpeningInput<E> ones{&table, {}};
        ones.functional.dense.assign(values.size(), E(std::uint64_t{1}));
        const std::vector<OpeningInput<E>> inputs{ones};
        prove_opening<E>(parameters, inputs, E(std::uint64_t{256}), channel);
        honest = proof.take();
    }

    bool accepts(BytesView proof) const {
        Transcript transcript("fuzz");
        ProofReader reader(proof);
        VerifierChannel channel{transcript, reader};
        const std::vector<Hash> roots{table.root()};
        const std::vector<FunctionalAtPoint<E>> ones{[](std::span<const E>) { return E(std::uint64_t{1}); }};
        return verify_opening<E>(parameters, roots, ones, E(std::uint64_t{256}), channel) && reader.finish();
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Statement statement;
    const BytesView input(data, size);
    VALENCE_CHECK(statement.accepts(input) == base::equal(input, statement.honest));
    if (size < 2) return 0;

    Bytes laid_over = statement.honest;
    const std::size_t start = (std::size_t{data[0]} << 8 | data[1]) % laid_over.size();
    for (std::size_t i = 2; i < std::min(size, laid_over.size() - start); ++i)
        laid_over[start + i] ^= data[i];
    VALENCE_CHECK(statement.accepts(laid_over) == (laid_over == statement.honest));
    return 0;
}
