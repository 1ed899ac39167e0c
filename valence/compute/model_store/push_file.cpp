#include "valence/compute/model_store/push_file.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "valence/compute/model_store/store_error.hpp"
#include "valence/crypto/keccak.hpp"

namespace valence::compute {
namespace {

namespace json = boost::json;

std::string_view text_of(const json::value* value) {
    const auto* text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::string_view{} : std::string_view{text->data(), text->size()};
}

const json::value* field(const json::value& answer, std::string_view name) {
    const auto* object = answer.if_object();
    return object == nullptr ? nullptr : object->if_contains(name);
}

std::string manifest_json(const Manifest& manifest) {
    std::string text = fmt::format(R"([{{"length":"{:#x}","chunks":[)", manifest.length);
    for (std::size_t i = 0; i < manifest.chunks.size(); ++i)
        text += fmt::format(R"({}"{}")", i == 0 ? "" : ",", base::to_hex_prefixed(manifest.chunks[i]));
    return text + "]}]";
}

/// Numbers of chunks, each below `count`; nothing when the answer has something else there.
std::optional<std::vector<std::uint64_t>> missing_in(const json::value& answer, std::uint64_t count) {
    const auto* list = field(answer, "missing");
    if (list == nullptr || !list->is_array()) return std::nullopt;
    std::vector<std::uint64_t> numbers;
    for (const auto& item : list->get_array()) {
        const auto number = U256::from_hex(text_of(&item));
        if (!number || *number >= U256{count}) return std::nullopt;
        numbers.push_back(number->low_u64());
    }
    return numbers;
}

Result<PushedModel> pushed(const json::value& answer) {
    const auto id = base::fixed_from_hex<Hash>(text_of(field(answer, "id")));
    auto key = base::from_hex(text_of(field(answer, "verifyingKey")));
    if (!id || !key) return Error{client::ClientError::bad_answer, "no model"};
    return PushedModel{ModelId{id->bytes}, std::move(*key)};
}

}  // namespace

Result<Manifest> manifest_of(const File& file) {
    BOOST_OUTCOME_TRY(const auto size, file.size());
    if (size == 0) return Error{StoreError::io, "the file is empty"};
    Manifest manifest{size, {}};
    for (std::uint64_t i = 0; i < transport_chunks(size); ++i) {
        BOOST_OUTCOME_TRY(const auto chunk, file.read(i * kTransportChunk, manifest.chunk_bytes(i)));
        manifest.chunks.push_back(crypto::keccak256(chunk));
    }
    return manifest;
}

Result<PushedModel> push_file(client::JsonRpcClient& node, const File& file,
                              const std::function<void(const PushProgress&)>& progress) {
    BOOST_OUTCOME_TRY(const auto manifest, manifest_of(file));
    const std::string root = base::to_hex_prefixed(manifest_root(manifest));
    BOOST_OUTCOME_TRY(const auto begun, node.call("valence_modelUploadBegin", manifest_json(manifest)));
    const auto missing = missing_in(begun, manifest.chunks.size());
    if (!missing) return Error{client::ClientError::bad_answer, "no list of missing chunks"};
    PushProgress state{manifest.length, manifest.length, 0};
    for (const auto number : *missing)
        state.sent -= manifest.chunk_bytes(number);
    state.known = state.sent;
    progress(state);
    for (const auto number : *missing) {
        BOOST_OUTCOME_TRY(const auto chunk,
                          file.read(number * kTransportChunk, manifest.chunk_bytes(number)));
        BOOST_OUTCOME_TRY(
            node.call("valence_modelUploadChunk",
                      fmt::format(R"(["{}","{:#x}","{}"])", root, number, base::to_hex_prefixed(chunk))));
        state.sent += chunk.size();
        progress(state);
    }
    BOOST_OUTCOME_TRY(const auto model,
                      node.call("valence_modelUploadFinish", fmt::format(R"(["{}"])", root)));
    return pushed(model);
}

}  // namespace valence::compute
