#include "valence/zk/protocol/proof_format.hpp"

#include "valence/crypto/blake3.hpp"
#include "valence/zk/protocol/circuit/compile.hpp"
#include "valence/zk/protocol/proof/proof_error.hpp"

namespace valence::zk {

Hash model_digest(const Hash& verifying_key, const ml::Graph& graph,
                  std::span<const std::optional<Hash>> weight_roots) {
    crypto::Blake3 hash;
    hash.update(verifying_key.bytes);
    const auto is_public = public_weights(graph);
    for (std::size_t id = 0; id < is_public.size(); ++id) {
        if (is_public[id]) hash.update(graph.weights[id].data);
    }
    for (const auto& root : weight_roots) {
        const std::uint8_t present = root ? 1 : 0;
        hash.update(BytesView(&present, 1));
        if (root) hash.update(root->bytes);
    }
    return hash.digest();
}

std::vector<TableShape> opened_tables(const Circuit& circuit) {
    std::vector<TableShape> shapes{witness_shape(circuit.witness_variables)};
    for (const auto& variables : circuit.weight_variables) {
        if (variables) shapes.push_back(weight_shape(*variables));
    }
    return shapes;
}

Result<SecurityProfile> profile_of(std::uint8_t byte) {
    if (byte == profile_byte(kProfile100)) return kProfile100;
    if (byte == profile_byte(kProfile128)) return kProfile128;
    return Error{ProofError::bad_parameters, "profile " + std::to_string(byte)};
}

std::uint8_t profile_byte(const SecurityProfile& profile) {
    return static_cast<std::uint8_t>(profile.target_bits);
}

}  // namespace valence::zk
