// web3_*, net_* and rpc_modules: what client this is and what it serves.
#include <set>

#include <boost/json.hpp>

#include "valence/crypto/keccak.hpp"
#include "valence/rpc/context.hpp"
#include "valence/rpc/method_table.hpp"
#include "valence/rpc/methods/handlers.hpp"

namespace valence::rpc {

Answer<void> web3_client_version(Call& call) {
    call.result.string(call.context.client_version);
    return success();
}

Answer<void> web3_sha3(Call& call) {
    BOOST_OUTCOME_TRY(const auto data, call.parameters.data(0));
    call.result.data(crypto::keccak256(data));
    return success();
}

/// The network id is the chain id, in decimal.
Answer<void> net_version(Call& call) {
    call.result.string(std::to_string(call.context.node.chain_id()));
    return success();
}

Answer<void> net_listening(Call& call) {
    call.result.boolean(true);
    return success();
}

Answer<void> net_peer_count(Call& call) {
    call.result.quantity(std::uint64_t{0});
    return success();
}

Answer<void> rpc_modules(Call& call) {
    std::set<std::string_view> names;
    for (const auto& method : methods()) {
        if (method.availability == Availability::dev_only && call.context.mode != Mode::dev) continue;
        names.insert(method.name.substr(0, method.name.find('_')));
    }
    call.result.begin_object();
    for (const auto name : names)
        call.result.key(name).string("1.0");
    call.result.end_object();
    return success();
}

}  // namespace valence::rpc
