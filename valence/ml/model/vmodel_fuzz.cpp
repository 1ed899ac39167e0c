// Any bytes: a model file or verifying key decodes or is refused, within bounded memory, whole or in pieces;
// what decodes is a valid graph that encodes to the same bytes, and computes without leaving a range (the
// sanitizers look for overflow).
#include "valence/ml/graph/cost.hpp"
#include "valence/ml/graph/validate.hpp"
#include "valence/ml/model/verifying_key.hpp"
#include "valence/ml/model/vmodel.hpp"
#include "valence/ml/reference/evaluate.hpp"
#include "valence/ml/testing/random_graph.hpp"

namespace {

using namespace valence;

/// Makes the header fit the rest of the bytes: lengths by the first bytes of the input, digests computed, so
/// that inputs get past them.
Bytes repaired(BytesView input) {
    if (input.size() < 4) return {};
    const std::size_t graph = std::min<std::size_t>(input[0] | std::size_t{input[1]} << 8, input.size() - 4);
    const std::size_t names = std::min<std::size_t>(input[2], input.size() - 4 - graph);
    const BytesView sections = input.subspan(4, graph + names);
    Bytes weights = base::to_bytes(input.subspan(4 + graph + names));
    weights.resize(weights.size() / 64 * 64);

    ml::ChunkHasher hasher;
    hasher.update(weights);
    const ml::ChunkTree tree{hasher.finish(), weights.size()};
    Bytes file{'v', 'm', 'o', 'd', 'e', 'l', 0, ml::kModelVersion};
    for (const std::uint64_t size : {std::uint64_t{graph}, std::uint64_t{names}, tree.length()})
        for (int i = 0; i < 8; ++i)
            file.push_back(static_cast<std::uint8_t>(size >> (8 * i)));
    base::append(file, tree.root());
    for (const Hash& leaf : tree.leaves())
        base::append(file, leaf);
    base::append(file, sections);
    file.resize((file.size() + 63) / 64 * 64);
    base::append(file, weights);
    return file;
}

/// Runs a graph that is small enough.
void compute(const ml::Graph& graph) {
    const ml::Cost cost = ml::cost_of(graph).total;
    if (cost.multiply_accumulates + cost.lookups + cost.bytes > 1 << 16) return;
    const auto outputs = ml::evaluate(graph, ml::testing::random_inputs(graph, 1));
    for (const ml::Values& output : outputs.value()) {
        const bool index = output.type == ml::ElementType::index;
        for (const std::int64_t element : output.data)
            VALENCE_CHECK(element >= (index ? INT32_MIN : INT16_MIN) &&
                          element <= (index ? INT32_MAX : INT16_MAX));
    }
}

void fuzz_file(BytesView file) {
    constexpr std::uint64_t kMemory = 64 << 20;
    ml::ModelReader whole{kMemory};
    auto result = [&]() -> Result<ml::Graph> {
        BOOST_OUTCOME_TRY(whole.push(file));
        return whole.finish();
    }();
    ml::ModelReader pieces{kMemory};
    auto again = [&]() -> Result<ml::Graph> {
        for (std::size_t at = 0; at < file.size(); at += 13) {
            BOOST_OUTCOME_TRY(pieces.push(file.subspan(at, std::min<std::size_t>(13, file.size() - at))));
        }
        return pieces.finish();
    }();
    VALENCE_CHECK(result.has_value() == again.has_value());
    if (!result.has_value()) return;
    VALENCE_CHECK(ml::validate(result.value()).has_value());
    VALENCE_CHECK(base::equal(ml::encode_model(result.value()), file));
    compute(result.value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView input{data, size};
    fuzz_file(input);
    fuzz_file(repaired(input));
    if (const auto key = ml::decode_verifying_key(input); key.has_value())
        VALENCE_CHECK(base::equal(ml::encode_verifying_key(key.value()), input));
    return 0;
}
