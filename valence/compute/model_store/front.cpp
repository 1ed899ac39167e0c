#include "valence/compute/model_store/front.hpp"

#include "valence/compute/model_store/store_error.hpp"
#include "valence/ml/functions/table.hpp"
#include "valence/ml/graph/validate.hpp"
#include "valence/ml/model/graph_section.hpp"

namespace valence::compute {
namespace {

Error invalid(std::string why) { return Error{StoreError::invalid, std::move(why)}; }

}  // namespace

Result<ModelFront> decode_front(BytesView front) {
    ModelFront result;
    auto header = ml::decode_header(front);
    if (!header) return invalid(header.error().message());
    result.header = header.value();
    if (front.size() != front_bytes(result.header)) return invalid("the front ends early");

    std::vector<Hash> leaves;
    std::size_t at = ml::kHeaderSize;
    for (auto left = ml::chunk_count(result.header.weight_bytes); left > 0; --left, at += Hash::kSize)
        leaves.push_back(base::from_exact<Hash>(front.subspan(at, Hash::kSize)));
    if (ml::ChunkTree{std::move(leaves), result.header.weight_bytes}.root() != result.header.root)
        return invalid("the chunks' digests are not those of the root");

    auto graph = ml::decode_graph_section(front.subspan(at, result.header.graph_bytes));
    if (!graph) return invalid(graph.error().message());
    result.key.graph = std::move(graph).value();
    if (const auto valid = ml::validate_structure(result.key.graph); !valid)
        return invalid(valid.error().message());
    result.key.weight_root = result.header.root;
    at += result.header.graph_bytes;
    result.key.commitment = base::to_bytes(front.subspan(at, result.header.commitment_bytes));
    for (const ml::Table& table : ml::tables_of(result.key.graph))
        result.key.tables.push_back(ml::digest(table));
    result.id = ml::model_id(ml::encode_verifying_key(result.key));
    return result;
}

}  // namespace valence::compute
