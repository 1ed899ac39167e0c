#include "valence/compute/model_store/model_peer.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "valence/compute/model_store/model_store.hpp"
#include "valence/compute/model_store/store_error.hpp"

namespace valence::compute {
namespace {

namespace json = boost::json;

std::string_view text_of(const json::value& value) {
    const auto* text = value.if_string();
    return text == nullptr ? std::string_view{} : std::string_view{text->data(), text->size()};
}

Error unreadable(std::string what) { return Error{StoreError::bad_manifest, std::move(what)}; }

/// {"length": "0x…", "chunks": ["0x…", …], …}
Result<Manifest> manifest_from(const json::value& value) {
    const auto* object = value.if_object();
    if (object == nullptr) return unreadable("no object");
    const auto* length = object->if_contains("length");
    const auto* chunks = object->if_contains("chunks");
    if (length == nullptr || chunks == nullptr || !chunks->is_array())
        return unreadable("fields are missing");
    const auto number = U256::from_hex(text_of(*length));
    if (!number || number->bit_width() > 64) return unreadable("its length is no quantity");
    Manifest manifest{number->low_u64(), {}};
    for (const auto& chunk : chunks->get_array()) {
        const auto hash = base::fixed_from_hex<Hash>(text_of(chunk));
        if (!hash) return unreadable("a chunk's hash is none");
        manifest.chunks.push_back(*hash);
    }
    return manifest;
}

}  // namespace

Result<Manifest> StorePeer::manifest(const ModelId& id) {
    const auto record = store_.find(id);
    if (!record) return Error{StoreError::missing, base::to_hex_prefixed(id)};
    return record->manifest;
}

Result<Bytes> StorePeer::chunk(const ModelId& id, std::uint64_t index) { return store_.chunk(id, index); }

Result<Manifest> RpcPeer::manifest(const ModelId& id) {
    BOOST_OUTCOME_TRY(const auto answer, client_.call("valence_getModelManifest",
                                                      fmt::format(R"(["{}"])", base::to_hex_prefixed(id))));
    if (answer.is_null()) return Error{StoreError::missing, base::to_hex_prefixed(id)};
    return manifest_from(answer);
}

Result<Bytes> RpcPeer::chunk(const ModelId& id, std::uint64_t index) {
    BOOST_OUTCOME_TRY(const auto answer,
                      client_.call("valence_getModelChunk",
                                   fmt::format(R"(["{}","{:#x}"])", base::to_hex_prefixed(id), index)));
    auto bytes = base::from_hex(text_of(answer));
    if (!bytes) return Error{StoreError::wrong_chunk, "no data"};
    return std::move(*bytes);
}

}  // namespace valence::compute
