#include "cmd/valence/function_names.hpp"

#include <map>

#include "cmd/valence/terminal.hpp"

#include "valence/chain/genesis_contracts.hpp"
#include "valence/chain/inference/inference_rules.hpp"
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
    // Ours
    "set(uint64,bytes32,uint64)",
    "register(bytes,string,string,uint16,uint16)",
    "register(address,string,uint16,uint8,bytes)",
    "open(bytes32)",
    "addVersion(string,bytes32)",
    "setModes(bytes32,uint16)",
    "setRoyalty(bytes32,uint16)",
    "applyChanges(bytes32)",
    "request(bytes32,uint8,int256[],uint64,uint64)",
    "requestSigned(bytes32,address,int256[],uint64,uint64)",
    "schedule(address,bytes,uint64,uint64,uint64)",
    "cancel(uint256)",
    "deliver(uint256)",
    "drop(uint256)",
    "infer(bytes32,uint8,int256[])",
    "inferSigned(bytes32,address,int256[])",
};

/// What the inference precompile and the contracts of genesis revert with.
constexpr std::string_view kErrors[] = {
    "UnknownModel(bytes32)",
    "ModelNotOpen(bytes32,uint64)",
    "ModeNotAllowed(bytes32,uint8)",
    "UnknownMode(uint8)",
    "ModeUnsupported(uint8)",
    "OperatorRequired()",
    "WrongInputLength(uint256,uint256)",
    "UnknownInput(string)",
    "MissingInput(string)",
    "WrongShape(string,uint32[],uint32[])",
    "NoModeFits(uint16)",
    "TooManyInferences(uint256)",
    "InferenceUnavailable(bytes32,uint8)",
    "MalformedCall()",
    "NotPayable()",
    "DelegateCallRefused()",
    "StaticCallRefused()",
    "OnlyRegistry()",
    "OnlyScheduler()",
    "InvalidModel(string)",
    "UnknownModelId(bytes32)",
    "ModelExists(bytes32,address)",
    "OnlyOwner(address,address)",
    "InvalidModes(uint16)",
    "InvalidName(string)",
    "AlreadyOpen(uint64)",
    "NotYet(uint64)",
    "OnlyOperator(address,address)",
    "Underpaid(uint256,uint256)",
    "DeadlinePassed(uint64)",
    "DeadlineTooFar(uint64)",
    "GasTooHigh(uint64)",
    "ForbiddenCall()",
};

Bytes selector_of(std::string_view signature) {
    const auto hash = crypto::keccak256(base::as_bytes(signature));
    return {hash.begin(), hash.begin() + 4};
}

std::map<Bytes, std::string> make_names() {
    std::map<Bytes, std::string> names;
    for (const auto signature : kSignatures)
        names.emplace(selector_of(signature), signature.substr(0, signature.find('(')));
    return names;
}

std::map<Bytes, std::string_view> make_errors() {
    std::map<Bytes, std::string_view> errors;
    for (const auto signature : kErrors)
        errors.emplace(selector_of(signature), signature);
    return errors;
}

/// One argument's word; what lies elsewhere (strings, lists) is left out.
std::string argument(std::string_view type, const Hash& word) {
    if (type.ends_with(']') || type == "string") return "…";
    if (type == "address") return checksummed(base::from_right_aligned<Address>(word));
    return type == "bytes32" ? base::to_hex_prefixed(word) : U256::from_hash(word).to_decimal();
}

}  // namespace

std::optional<std::string> known_revert(BytesView output) {
    static const auto errors = make_errors();
    if (output.size() < 4) return std::nullopt;
    const auto found = errors.find(base::to_bytes(output.first(4)));
    if (found == errors.end()) return std::nullopt;
    const auto open = found->second.find('(');
    std::string text(found->second.substr(0, open + 1));
    auto types = found->second.substr(open + 1, found->second.size() - open - 2);
    auto words = output.subspan(4);
    for (bool first = true; !types.empty() && words.size() >= Hash::kSize; first = false) {
        const auto type = types.substr(0, std::min(types.find(','), types.size()));
        text +=
            (first ? "" : ", ") + argument(type, base::from_right_aligned<Hash>(words.first(Hash::kSize)));
        types.remove_prefix(std::min(type.size() + 1, types.size()));
        words = words.subspan(Hash::kSize);
    }
    return text + ")";
}

std::string contract_name(const Address& address) {
    if (address == chain::kModelRegistry) return "ModelRegistry";
    if (address == chain::kNodeRegistry) return "NodeRegistry";
    if (address == chain::kScheduler) return "Scheduler";
    if (address == chain::kDaInfo) return "DaInfo";
    return checksummed(address);
}

std::string function_name(BytesView selector) {
    static const auto names = make_names();
    const auto found = names.find(base::to_bytes(selector));
    return found != names.end() ? found->second : base::to_hex_prefixed(selector);
}

}  // namespace valence::cmd
