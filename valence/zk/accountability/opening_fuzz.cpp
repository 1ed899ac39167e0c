// Changes to honest openings of tables of ones, and any bytes as one: only the honest one is accepted.
// Without work, which a fuzzer could not do; half of them under a transcript that takes nothing in.
//
//     input       mode (1 byte: the transcript by its lowest bit, the statement by the others), changes
//     change      kind (1): below 6 as in edits.hpp; else the rest of the input is the proof
#include "valence/zk/accountability/edits.hpp"
#include "valence/zk/prover/commitment/opening.hpp"
#include "valence/zk/verifier/opening.hpp"

namespace {

using namespace valence;
using namespace valence::zk;
using testing::Choices;
using testing::NothingIn;
using testing::Tapped;
using E = Extension2;

/// The sum of a table of ones.
struct Statement {
    std::vector<std::int8_t> values;
    E sum;
    CommittedTable table;
    OpeningParameters parameters;
    Bytes honest[2];

    explicit Statement(const TableShape& shape)
        : values(std::size_t{1} << shape.variables, 1),
          sum(std::uint64_t{values.size()}),
          table(shape, std::span<const std::int8_t>(values)),
          parameters(opening_parameters(kProfile100, std::vector{shape}).value()) {
        parameters.grinding_bits = 0;
        honest[0] = prove();
        NothingIn nothing;
        const Tapped tapped(nothing);
        honest[1] = prove();
    }

    Bytes prove() const {
        Transcript transcript("fuzz");
        ProofWriter proof;
        ProverChannel channel{transcript, proof};
        OpeningInput<E> ones{&table, {}};
        ones.functional.dense.assign(values.size(), E(std::uint64_t{1}));
        const std::vector<OpeningInput<E>> inputs{ones};
        prove_opening<E>(parameters, inputs, sum, channel);
        return proof.take();
    }
    bool accepts(BytesView proof) const {
        Transcript transcript("fuzz");
        ProofReader reader(proof);
        VerifierChannel channel{transcript, reader};
        const std::vector<Hash> roots{table.root()};
        const std::vector<FunctionalAtPoint<E>> ones{[](std::span<const E>) { return E(std::uint64_t{1}); }};
        return verify_opening<E>(parameters, roots, ones, sum, channel) && reader.finish();
    }
};

/// All in clear; with a level of recursion.
const std::vector<std::unique_ptr<Statement>>& statements() {
    static const auto made = [] {
        std::vector<std::unique_ptr<Statement>> all;
        all.push_back(std::make_unique<Statement>(TableShape{8, 3, 2}));
        all.push_back(std::make_unique<Statement>(TableShape{15, 3, 2}));
        VALENCE_CHECK(all[0]->parameters.levels.empty() && !all[1]->parameters.levels.empty());
        return all;
    }();
    return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Choices choices({data, size});
    const std::uint8_t mode = choices.byte();
    const Statement& statement = *statements()[mode / 2 % statements().size()];
    const Bytes& honest = statement.honest[mode % 2];
    Bytes proof = honest;
    while (!choices.ended()) {
        if (choices.rest().front() < 6) {
            testing::edit(proof, choices);
            continue;
        }
        proof = base::to_bytes(choices.rest().subspan(1));
        break;
    }
    NothingIn nothing;
    std::optional<Tapped> tapped;
    if (mode % 2 == 1) tapped.emplace(nothing);
    VALENCE_CHECK(statement.accepts(proof) == (proof == honest));
    return 0;
}
