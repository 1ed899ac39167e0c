#include "valence/zk/protocol/files/key_file.hpp"

#include "valence/ml/model/verifying_key.hpp"
#include "valence/zk/protocol/circuit/compile.hpp"
#include "valence/zk/protocol/circuit/public_weights.hpp"
#include "valence/zk/protocol/proof/proof_error.hpp"

namespace valence::zk {
namespace {

constexpr std::uint8_t kMagic[] = {'v', 'k', 'e', 'y', 0, 0, 0};
constexpr std::uint8_t kVersion = 1;

/// As ModelError's messages name places, so here: which part of the file.
Error in_part(const Error& error, const char* part) {
    return {error.code, std::string("key file, ") + part +
                            (error.context.empty() ? std::string() : ": " + error.context)};
}

Result<std::optional<Hash>> take_root(ProofReader& from) {
    BOOST_OUTCOME_TRY(const BytesView present, from.take_bytes(1));
    if (present[0] > 1) return Error{ProofError::not_canonical, "neither a root nor none"};
    if (present[0] == 0) return std::optional<Hash>();
    BOOST_OUTCOME_TRY(const Hash root, from.take_digest());
    return std::optional<Hash>(root);
}

}  // namespace

bool is_key_file(BytesView bytes) {
    return bytes.size() >= sizeof kMagic && base::equal(bytes.first(sizeof kMagic), kMagic);
}

Bytes encode_key_file(const ProvableModel& model, BytesView verifying_key) {
    ProofWriter writer;
    writer.put_bytes(kMagic);
    writer.put_bytes(BytesView(&kVersion, 1));
    writer.put_number(verifying_key.size());
    writer.put_bytes(verifying_key);
    const auto is_public = public_weights(*model.graph);
    for (std::size_t id = 0; id < is_public.size(); ++id) {
        if (is_public[id]) writer.put_bytes(model.graph->weights[id].data);
    }
    for (const auto& root : model.weight_roots) {
        const std::uint8_t present = root ? 1 : 0;
        writer.put_bytes(BytesView(&present, 1));
        if (root) writer.put(*root);
    }
    return writer.take();
}

Result<ProvableModel> decode_key_file(BytesView bytes) {
    if (!is_key_file(bytes)) return Error{ProofError::unknown_format, "not a key's file"};
    ProofReader reader(bytes);
    const auto read = [&]() -> Result<ProvableModel> {
        BOOST_OUTCOME_TRY(reader.take_bytes(sizeof kMagic));
        BOOST_OUTCOME_TRY(const BytesView version, reader.take_bytes(1));
        if (version[0] != kVersion)
            return Error{ProofError::unknown_format, "version " + std::to_string(version[0])};
        BOOST_OUTCOME_TRY(const std::uint64_t size, reader.take_number());
        BOOST_OUTCOME_TRY(const BytesView encoded, reader.take_bytes(size));
        BOOST_OUTCOME_TRY(ml::VerifyingKey key, ml::decode_verifying_key(encoded));
        const auto is_public = public_weights(key.graph);
        for (std::size_t id = 0; id < is_public.size(); ++id) {
            if (!is_public[id]) continue;
            ml::Weight& weight = key.graph.weights[id];
            BOOST_OUTCOME_TRY(const BytesView data,
                              reader.take_bytes(weight.shape.elements() * ml::width(weight.type)));
            weight.data = base::to_bytes(data);
        }
        BOOST_OUTCOME_TRY(check_public_weights(key.graph));
        ProvableModel model;
        for (auto& root : model.weight_roots) {
            BOOST_OUTCOME_TRY(root, take_root(reader));
        }
        BOOST_OUTCOME_TRY(reader.finish());
        const Hash name(ml::model_id(encoded).bytes);
        model.digest = model_digest(name, key.graph, model.weight_roots);
        model.graph = std::make_shared<const ml::Graph>(std::move(key.graph));
        return model;
    };
    auto model = read();
    if (!model) return in_part(model.error(), ("before byte " + std::to_string(reader.position())).c_str());
    return model;
}

}  // namespace valence::zk
