#include "cmd/valence/function_names.hpp"

#include <map>

#include "valence/crypto/keccak.hpp"

namespace valence::cmd {
namespace {

constexpr std::string_view kSignatures[] = {
    // ERC-20, ERC-2612
    "transfer(address,uint256)",
    "transferFrom(address,address,uint256)",
    "approve(address,uint256)",
    "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
    "mint(address,uint256)",
    "burn(uint256)",
    // Wrapped ether
    "deposit()",
    "withdraw(uint256)",
    // ERC-721, ERC-1155
    "safeTransferFrom(address,address,uint256)",
    "safeTransferFrom(address,address,uint256,bytes)",
    "safeTransferFrom(address,address,uint256,uint256,bytes)",
    "setApprovalForAll(address,bool)",
    // Ownership, proxies
    "transferOwnership(address)",
    "renounceOwnership()",
    "grantRole(bytes32,address)",
    "revokeRole(bytes32,address)",
    "initialize()",
    "initialize(address)",
    "upgradeTo(address)",
    "upgradeToAndCall(address,bytes)",
    "multicall(bytes[])",
    "execute(address,uint256,bytes)",
    // Uniswap v4's PoolManager
    "initialize((address,address,uint24,int24,address),uint160)",
    "unlock(bytes)",
    // Tutorials' contracts
    "setNumber(uint256)",
    "increment()",
};

std::map<Bytes, std::string> make_names() {
    std::map<Bytes, std::string> names;
    for (const auto signature : kSignatures) {
        const auto hash = crypto::keccak256(base::as_bytes(signature));
        names.emplace(Bytes(hash.begin(), hash.begin() + 4), signature.substr(0, signature.find('(')));
    }
    return names;
}

}  // namespace

std::string function_name(BytesView selector) {
    static const auto names = make_names();
    const auto found = names.find(base::to_bytes(selector));
    return found != names.end() ? found->second : base::to_hex_prefixed(selector);
}

}  // namespace valence::cmd
