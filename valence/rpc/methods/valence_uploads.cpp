// valence_modelUploadBegin, …Chunk, …Finish: models coming in.
#include <boost/json.hpp>

#include "valence/rpc/context.hpp"
#include "valence/rpc/methods/handlers.hpp"
#include "valence/rpc/methods/model_answers.hpp"
#include "valence/rpc/peer.hpp"
#include "valence/rpc/simulation/object_reader.hpp"

namespace valence::rpc {
namespace {

/// No request body has room for more.
constexpr std::size_t kMostChunks = 1 << 20;

Decoded<compute::Manifest> decode_manifest_object(const boost::json::value& value) {
    BOOST_OUTCOME_TRY(const auto object, simulation::ObjectReader::of(value, "Manifest"));
    std::optional<std::uint64_t> length;
    std::optional<std::vector<Hash>> chunks;
    BOOST_OUTCOME_TRY(object.read("length", length));
    BOOST_OUTCOME_TRY(object.read_list("chunks", chunks, kMostChunks, decode_hash));
    if (!length || !chunks) return DecodeError{"a manifest has length and chunks", {}};
    return compute::Manifest{*length, std::move(*chunks)};
}

void write_id(JsonWriter& out, const std::optional<compute::ModelId>& id) {
    out.key("modelId");
    id ? out.data(BytesView{id->bytes}) : out.null();
}

}  // namespace

Answer<void> valence_model_upload_begin(Call& call) {
    BOOST_OUTCOME_TRY(const auto manifest, call.parameters.decode(0, decode_manifest_object));
    const std::string uploader = call.peer == nullptr ? std::string() : call.peer->address;
    const auto status = call.context.node.model_store().begin(manifest, uploader);
    if (!status) return from_store_error(status.error());
    auto& out = call.result;
    out.begin_object();
    out.key("upload").data(status.value().upload);
    out.key("missing").begin_array();
    for (const auto chunk : status.value().missing)
        out.quantity(chunk);
    out.end_array();
    write_id(out, status.value().model);
    out.end_object();
    return success();
}

Answer<void> valence_model_upload_chunk(Call& call) {
    BOOST_OUTCOME_TRY(const auto upload, call.parameters.hash(0));
    BOOST_OUTCOME_TRY(const auto number, call.parameters.quantity(1));
    BOOST_OUTCOME_TRY(const auto bytes, call.parameters.data(2));
    const auto model = call.context.node.model_store().put(upload, number, bytes);
    if (!model) return from_store_error(model.error());
    call.result.begin_object();
    write_id(call.result, model.value());
    call.result.end_object();
    return success();
}

Answer<void> valence_model_upload_finish(Call& call) {
    BOOST_OUTCOME_TRY(const auto upload, call.parameters.hash(0));
    auto& store = call.context.node.model_store();
    const auto record = store.finish(upload);
    if (!record) return from_store_error(record.error());
    const auto front = store.front(record.value()->id);
    if (!front) return from_store_error(front.error());
    write_model(call, *record.value(), front.value());
    return success();
}

}  // namespace valence::rpc
