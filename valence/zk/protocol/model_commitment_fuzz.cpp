// Any bytes as the commitment of a model, or as a whole verifying key: accepted or refused, and what is
// accepted is the one encoding of what it says.
#include "valence/ml/testing/random_graph.hpp"
#include "valence/zk/protocol/circuit/public_weights.hpp"
#include "valence/zk/protocol/model_commitment.hpp"

namespace {

using namespace valence;

void check(const ml::VerifyingKey& key) {
    const auto model = zk::provable_model(key);
    if (!model) return;
    VALENCE_CHECK(zk::encode_commitment(*model.value().graph, model.value().tables) == key.commitment);
    VALENCE_CHECK(model.value().id == ml::model_id(ml::encode_verifying_key(key)));
}

/// One with public weights.
const ml::VerifyingKey& some_key() {
    static const ml::VerifyingKey key = [] {
        for (std::uint64_t seed = 0;; ++seed) {
            const ml::Graph graph = ml::testing::random_graph(seed, {.nodes = 6, .elements = 60, .only = -1});
            const auto is_public = zk::public_weights(graph);
            if (std::count(is_public.begin(), is_public.end(), true) > 1) return ml::verifying_key(graph);
        }
    }();
    return key;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView input{data, size};
    if (const auto key = ml::decode_verifying_key(input); key.has_value()) check(key.value());
    ml::VerifyingKey key = some_key();
    key.commitment = base::to_bytes(input);
    check(key);
    return 0;
}
