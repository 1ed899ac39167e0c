// Any bytes as proofs: parsing and verifying never fault, what parses encodes again, and nothing holds
// against roots that were not made for it.
#include "valence/da/extended/bad_encoding.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace valence;
    static const auto roots = [] {
        std::vector<da::Share> shares(4, da::padding_share(da::kTailPaddingNamespace));
        return da::roots_of(da::ExtendedSquare::extend(shares).value()).value();
    }();
    const BytesView bytes{data, size};
    const auto proof = da::parse_proof(bytes);
    if (proof) {
        VALENCE_CHECK(da::parse_proof(da::encode_proof(proof.value())).value() == proof.value());
        const auto name = da::user_namespace(Bytes{7, 7}).value();
        const Bytes leaf{1, 2, 3};
        const std::vector<BytesView> leaves{leaf};
        const auto hash = da::hash_leaf(name, leaf);
        VALENCE_CHECK(!da::verify_namespace(proof.value(), name, leaves, roots.rows[0]));
        VALENCE_CHECK(!da::verify_leaves(proof.value(), {&hash, 1}, roots.rows[0]));
        VALENCE_CHECK(!da::verify_subtrees(proof.value(), {&hash, 1}, 2, roots.rows[0], 4));
    }
    const auto sample = da::parse_sample(bytes);
    if (sample) static_cast<void>(da::verify_sample(sample.value(), roots));
    const auto bad = da::parse_bad_encoding(bytes);
    if (bad) VALENCE_CHECK(!da::verify_bad_encoding(bad.value(), roots));
    return 0;
}
