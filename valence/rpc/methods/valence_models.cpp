// valence_model, valence_models, valence_getModelManifest, valence_getModelChunk: the models this node keeps,
// and their files for other nodes.
#include <boost/json.hpp>

#include "valence/compute/model_store/store_error.hpp"
#include "valence/rpc/context.hpp"
#include "valence/rpc/methods/handlers.hpp"
#include "valence/rpc/methods/model_answers.hpp"

namespace valence::rpc {
namespace {

Answer<compute::ModelId> id_at(Call& call, std::size_t index) {
    BOOST_OUTCOME_TRY(const auto hash, call.parameters.hash(index));
    return compute::ModelId{hash.bytes};
}

/// What is known without reading the file; within an object.
void write_facts(JsonWriter& out, const compute::ModelStore& store, const compute::ModelRecord& record) {
    out.key("id").data(BytesView{record.id.bytes});
    out.key("fileBytes").quantity(record.manifest.length);
    out.key("multiplyAccumulates").quantity(record.multiply_accumulates);
    out.key("parameters").quantity(record.parameters);
    out.key("weightBytes").quantity(record.weight_bytes);
    out.key("inMemory").boolean(store.is_loaded(record.id));
    out.key("kept").boolean(store.is_kept(record.id));
}

void write_ports(JsonWriter& out, std::string_view name, const ml::Graph& graph,
                 const std::vector<ml::Port>& ports) {
    out.key(name).begin_array();
    for (const auto& port : ports) {
        const auto& tensor = graph.main.tensors[port.tensor];
        out.begin_object();
        out.key("name").string(port.name);
        out.key("unit").string(port.unit);
        out.key("type").string(tensor.type == ml::ElementType::index ? "index" : "activation");
        out.key("shape").begin_array();
        for (const auto extent : tensor.shape.extents())
            out.number(std::uint64_t{extent});
        out.end_array();
        out.end_object();
    }
    out.end_array();
}

}  // namespace

RpcError from_store_error(const Error& error) {
    using compute::StoreError;
    if (error.code == make_error_code(StoreError::too_many_uploads))
        return {code::kLimitExceeded, error.message()};
    for (const auto wrong : {StoreError::bad_manifest, StoreError::wrong_chunk})
        if (error.code == make_error_code(wrong)) return invalid_params(error.message());
    return from_error(error);
}

void write_model(Call& call, const compute::ModelRecord& record, const compute::ModelFront& front) {
    auto& out = call.result;
    out.begin_object();
    write_facts(out, call.context.node.model_store(), record);
    out.key("weightRoot").data(front.key.weight_root);
    const auto& graph = front.key.graph;
    write_ports(out, "inputs", graph, graph.inputs);
    write_ports(out, "outputs", graph, graph.outputs);
    out.key("verifyingKey").data(ml::encode_verifying_key(front.key));
    out.end_object();
}

Answer<void> valence_model(Call& call) {
    BOOST_OUTCOME_TRY(const auto id, id_at(call, 0));
    auto& store = call.context.node.model_store();
    const auto record = store.find(id);
    if (!record) {
        call.result.null();
        return success();
    }
    const auto front = store.front(id);
    if (!front) return from_store_error(front.error());
    write_model(call, *record, front.value());
    return success();
}

Answer<void> valence_models(Call& call) {
    const auto& store = call.context.node.model_store();
    call.result.begin_array();
    for (const auto& record : store.list()) {
        call.result.begin_object();
        write_facts(call.result, store, *record);
        call.result.end_object();
    }
    call.result.end_array();
    return success();
}

Answer<void> valence_get_model_manifest(Call& call) {
    BOOST_OUTCOME_TRY(const auto id, id_at(call, 0));
    auto& out = call.result;
    const auto record = call.context.node.model_store().find(id);
    if (!record) {
        out.null();
        return success();
    }
    out.begin_object();
    out.key("root").data(compute::manifest_root(record->manifest));
    out.key("length").quantity(record->manifest.length);
    out.key("chunks").begin_array();
    for (const auto& chunk : record->manifest.chunks)
        out.data(chunk);
    out.end_array();
    out.end_object();
    return success();
}

Answer<void> valence_get_model_chunk(Call& call) {
    BOOST_OUTCOME_TRY(const auto id, id_at(call, 0));
    BOOST_OUTCOME_TRY(const auto number, call.parameters.quantity(1));
    auto& store = call.context.node.model_store();
    if (!store.holds(id)) {
        call.result.null();
        return success();
    }
    const auto chunk = store.chunk(id, number);
    if (!chunk) return from_store_error(chunk.error());
    call.result.data(chunk.value());
    return success();
}

}  // namespace valence::rpc
