#include "valence/zk/prover/commitment/opening.hpp"

#include "valence/zk/protocol/commitment/opening_steps.hpp"
#include "valence/zk/prover/commitment/opening_prover.hpp"
#include "valence/zk/prover/commitment/row_rounds.hpp"

namespace valence::zk {

template <typename E>
E apply(const CommittedTable& table, const TableFunctional<E>& functional) {
    const OpeningInput<E> input{&table, functional};
    // As if it joined late: all its sum is in the message of the round before.
    return RowRounds<E>(input, table.shape().log_rows + 1).message(0).zero;
}

template <typename E>
void prove_opening(const OpeningParameters& parameters, std::span<const OpeningInput<E>> inputs,
                   const E& claim, ProverChannel& channel) {
    VALENCE_CHECK(inputs.size() == parameters.tables.size());
    std::vector<Hash> roots;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        VALENCE_CHECK(inputs[i].table->shape() == parameters.tables[i].shape);
        roots.push_back(inputs[i].table->root());
    }
    absorb_opening_statement<E>(channel.transcript, parameters, roots, claim);
    OpeningProver<E>(parameters, inputs, channel).prove();
}

template Extension2 apply(const CommittedTable&, const TableFunctional<Extension2>&);
template Extension3 apply(const CommittedTable&, const TableFunctional<Extension3>&);
template void prove_opening(const OpeningParameters&, std::span<const OpeningInput<Extension2>>,
                            const Extension2&, ProverChannel&);
template void prove_opening(const OpeningParameters&, std::span<const OpeningInput<Extension3>>,
                            const Extension3&, ProverChannel&);

}  // namespace valence::zk
