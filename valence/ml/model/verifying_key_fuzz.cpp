// Any bytes: a verifying key from a stranger decodes or is refused, within bounded memory and time. What
// decodes is the one encoding of its key, has passed validate_structure(), and can be priced and described. A
// key made around any graph section with the right digests decodes exactly if the graph's structure is valid;
// and whatever its weights, validate() accepts no graph that the structure is refused for.
#include "valence/ml/functions/build_time.hpp"
#include "valence/ml/graph/cost.hpp"
#include "valence/ml/graph/validate.hpp"
#include "valence/ml/model/graph_section.hpp"
#include "valence/ml/model/verifying_key.hpp"

namespace {

using namespace valence;

void check(const ml::VerifyingKey& key, BytesView bytes) {
    VALENCE_CHECK(base::equal(ml::encode_verifying_key(key), bytes));
    VALENCE_CHECK(ml::validate_structure(key.graph).has_value());
    const ml::GraphCost cost = ml::cost_of(key.graph);
    VALENCE_CHECK(cost.nodes.size() == key.graph.main.nodes.size());
    VALENCE_CHECK(ml::cost_of(key.graph).total == cost.total);
}

/// Weights of the types and shapes the graph names, filled with `fill`, where they are small enough.
bool fill_weights(ml::Graph& graph, BytesView fill) {
    std::uint64_t total = 0;
    for (const ml::Weight& weight : graph.weights)
        total += weight.shape.elements() * ml::width(weight.type);
    if (total > 1 << 16 || fill.empty()) return false;
    std::size_t at = 0;
    for (ml::Weight& weight : graph.weights) {
        weight.data.resize(weight.shape.elements() * ml::width(weight.type));
        for (std::uint8_t& byte : weight.data)
            byte = fill[at++ % fill.size()];
    }
    return true;
}

void fuzz_graph(BytesView section) {
    auto graph = ml::decode_graph_section(section);
    if (graph.has_error()) return;
    ml::VerifyingKey key;
    key.graph = graph.value();
    const auto tables = ml::tables_of(key.graph);
    // Under sanitizers a slow table takes seconds, and shows nothing of keys.
    std::uint64_t microseconds = 0;
    for (const ml::Table& table : tables)
        microseconds += ml::build_microseconds(table.function);
    if (microseconds > 5000) return;
    bool valid = true;
    for (const ml::Table& table : tables) {
        valid = valid && ml::is_valid(table);
        key.tables.push_back(valid ? ml::digest(table) : Hash{});
    }
    const Bytes bytes = ml::encode_verifying_key(key);
    const auto decoded = ml::decode_verifying_key(bytes);
    const bool structure = ml::validate_structure(key.graph).has_value();
    VALENCE_CHECK(decoded.has_value() == structure);
    if (structure) check(decoded.value(), bytes);

    for (const BytesView fill :
         {section, BytesView{section}.first(std::min<std::size_t>(section.size(), 1))}) {
        ml::Graph filled = key.graph;
        if (!fill_weights(filled, fill)) continue;
        const bool whole = ml::validate(filled).has_value();
        VALENCE_CHECK(!whole || structure);
        if (whole) VALENCE_CHECK(ml::cost_of(filled).total == ml::cost_of(key.graph).total);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView input{data, size};
    if (const auto key = ml::decode_verifying_key(input); key.has_value()) check(key.value(), input);
    fuzz_graph(input);
    return 0;
}
