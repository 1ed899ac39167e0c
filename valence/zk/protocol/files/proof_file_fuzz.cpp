// Any bytes: a proof's file from a stranger decodes or is refused, and what decodes is the one encoding of
// what it says.
#include "valence/zk/protocol/files/proof_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace valence;
    const BytesView input{data, size};
    const auto file = zk::decode_proof_file(input);
    if (!file.has_value()) return 0;
    VALENCE_CHECK(zk::is_proof_file(input));
    VALENCE_CHECK(base::equal(zk::encode_proof_file(file.value()).value(), input));
    return 0;
}
