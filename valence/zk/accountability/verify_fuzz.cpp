// Any bytes as a proof of a small model, as such, or laid over an honest one, whose statement the input may
// change too: only the honest proof of the true statement is accepted. Work keeps a fuzzer from what lies
// behind the opening's first queries when it changes what is sent before (opening_fuzz does without).
#include <algorithm>

#include "valence/ml/testing/random_graph.hpp"
#include "valence/ml/testing/small_graphs.hpp"
#include "valence/zk/prover/prove.hpp"
#include "valence/zk/verifier/verify.hpp"

namespace {

using namespace valence;
using namespace valence::zk;

/// One run of a model.
struct Run {
    ProvingModel model;
    std::vector<ml::Values> inputs;
    Proved proved;

    bool accepts(const std::vector<ml::Values>& outputs, BytesView context, BytesView proof) const {
        return verify(model.provable(), {model.provable().id, inputs, outputs, context}, proof).has_value();
    }
};

Run run_of(const ml::Graph& graph) {
    auto model = ProvingModel::commit(std::make_shared<const ml::Graph>(graph)).value();
    auto inputs = ml::testing::random_inputs(graph, 1);
    auto proved = prove(model, inputs, {}).value();
    return {std::move(model), std::move(inputs), std::move(proved)};
}

/// A layer with weights, and a division, whose flags are its own.
const std::vector<Run>& runs() {
    static const std::vector<Run> made = [] {
        const ml::Tensor three{ml::ElementType::activation, ml::Shape{3}, 8};
        std::vector<Run> all;
        all.push_back(run_of(ml::testing::linear_graph()));
        all.push_back(run_of(ml::testing::one_node(ml::Division{4}, {three, three}, three)));
        return all;
    }();
    return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView input(data, size);
    for (const Run& run : runs())
        VALENCE_CHECK(run.accepts(run.proved.outputs, {}, input) == base::equal(input, run.proved.proof));
    if (size < 4) return 0;

    const Run& run = runs()[data[0] % runs().size()];
    auto outputs = run.proved.outputs;
    std::int64_t& element = outputs[0].data[data[1] % outputs[0].data.size()];
    element = static_cast<std::int16_t>(element ^ (data[0] >> 1));
    Bytes laid_over = run.proved.proof;
    const std::size_t start = (std::size_t{data[2]} << 8 | data[3]) % laid_over.size();
    for (std::size_t i = 4; i < std::min(size, 4 + laid_over.size() - start); ++i)
        laid_over[start + i - 4] ^= data[i];
    const BytesView context = input.first(data[1] < 64 ? 1 : 0);
    VALENCE_CHECK(run.accepts(outputs, context, laid_over) ==
                  (outputs == run.proved.outputs && context.empty() && laid_over == run.proved.proof));
    return 0;
}
