#include "valence/derive/chain_namespace.hpp"

#include "valence/crypto/keccak.hpp"

namespace valence::derive {
namespace {

da::Namespace namespace_of(std::string_view domain, const Hash& genesis_hash) {
    const auto digest = crypto::Keccak256{}.update(base::as_bytes(domain)).update(genesis_hash).finish();
    auto name = da::user_namespace(BytesView{digest}.first(da::kUserIdSize));
    // One in 2^72 ids is the protocol's; no genesis will have it.
    VALENCE_CHECK(name.has_value());
    return name.value();
}

}  // namespace

da::Namespace chain_namespace(const Hash& genesis_hash) {
    return namespace_of("valence batches", genesis_hash);
}

da::Namespace forced_namespace(const Hash& genesis_hash) {
    return namespace_of("valence forced", genesis_hash);
}

}  // namespace valence::derive
