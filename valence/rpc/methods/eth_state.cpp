// eth_*: accounts, code, storage and proofs in the state after a block.
#include <boost/json.hpp>

#include "valence/rpc/context.hpp"
#include "valence/rpc/lookup.hpp"
#include "valence/rpc/methods/handlers.hpp"

namespace valence::rpc {

namespace json = boost::json;

namespace {

Answer<FoundState> state_parameter(const Call& call, std::size_t index) {
    BOOST_OUTCOME_TRY(const auto id, call.parameters.block_or(index, BlockTag::latest));
    return find_state(call.context.node, id);
}

state::Account account_in(const FoundState& found, const Address& address) {
    return found.state->account(address).value_or(state::Account{});
}

Bytes code_of(const FoundState& found, const state::Account& account) {
    if (account.code_hash == state::kEmptyCodeHash) return {};
    const auto code = found.state->code(account.code_hash);
    return code ? *code : Bytes{};
}

/// A slot as callers name it; errors are -32602 with the reason alone, as geth has it here.
Answer<StorageKey> storage_key(const json::value& value) {
    if (!value.is_string()) return invalid_params("storage key is not a string");
    const auto& text = value.get_string();
    auto key = decode_storage_key({text.data(), text.size()});
    if (key.has_error()) return invalid_params(key.error().message());
    return key.value();
}

/// geth answers proofs for sealed blocks only; of a pending one, the proof in the head's state is given.
std::uint64_t proof_block(const FoundState& found) {
    return found.sealing == Sealing::pending ? found.block->number() - 1 : found.block->number();
}

}  // namespace

Answer<void> eth_get_balance(Call& call) {
    BOOST_OUTCOME_TRY(const auto address, call.parameters.address(0));
    BOOST_OUTCOME_TRY(const auto found, state_parameter(call, 1));
    call.result.quantity(account_in(found, address).balance);
    return success();
}

Answer<void> eth_get_transaction_count(Call& call) {
    BOOST_OUTCOME_TRY(const auto address, call.parameters.address(0));
    BOOST_OUTCOME_TRY(const auto id, call.parameters.block_or(1, BlockTag::latest));
    // The pool knows the next nonce without building a block.
    if (const auto* tag = std::get_if<BlockTag>(&id); tag != nullptr && *tag == BlockTag::pending) {
        call.result.quantity(call.context.node.next_nonce(address));
        return success();
    }
    BOOST_OUTCOME_TRY(const auto found, find_state(call.context.node, id));
    call.result.quantity(account_in(found, address).nonce);
    return success();
}

Answer<void> eth_get_code(Call& call) {
    BOOST_OUTCOME_TRY(const auto address, call.parameters.address(0));
    BOOST_OUTCOME_TRY(const auto found, state_parameter(call, 1));
    call.result.data(code_of(found, account_in(found, address)));
    return success();
}

Answer<void> eth_get_storage_at(Call& call) {
    BOOST_OUTCOME_TRY(const auto address, call.parameters.address(0));
    BOOST_OUTCOME_TRY(const auto* slot, call.parameters.require(1));
    BOOST_OUTCOME_TRY(const auto key, storage_key(*slot));
    BOOST_OUTCOME_TRY(const auto found, state_parameter(call, 2));
    call.result.word(found.state->storage(address, key.key));
    return success();
}

/// Many slots of many accounts: {address: [slot, …], …}.
Answer<void> eth_get_storage_values(Call& call) {
    BOOST_OUTCOME_TRY(const auto* request, call.parameters.require(0));
    const auto* accounts = request->if_object();
    if (accounts == nullptr) {
        return invalid_argument(
            0, DecodeError{std::string(kind_name(*request)), "map[common.Address][]common.Hash"}.message());
    }
    BOOST_OUTCOME_TRY(const auto found, state_parameter(call, 1));
    std::size_t slots = 0;
    auto& out = call.result;
    out.begin_object();
    for (const auto& [name, keys] : *accounts) {
        const auto address = decode_address(json::value(name));
        if (address.has_error()) return invalid_argument(0, address.error().message());
        const auto* list = keys.if_array();
        if (list == nullptr) {
            return invalid_argument(0, DecodeError{std::string(kind_name(keys)), "[]common.Hash"}.message());
        }
        slots += list->size();
        if (slots > call.context.limits.storage_slots) {
            return RpcError{code::kLimitExceeded,
                            "too many slots (max " + std::to_string(call.context.limits.storage_slots) + ")"};
        }
        out.key(base::to_hex_prefixed(address.value().bytes)).begin_array();
        for (const auto& item : *list) {
            const auto key = decode_hash(item);
            if (key.has_error()) return invalid_argument(0, key.error().message());
            out.word(found.state->storage(address.value(), U256::from_hash(key.value())));
        }
        out.end_array();
    }
    out.end_object();
    if (slots == 0) return invalid_params("empty request");
    return success();
}

/// EIP-1186.
Answer<void> eth_get_proof(Call& call) {
    BOOST_OUTCOME_TRY(const auto address, call.parameters.address(0));
    BOOST_OUTCOME_TRY(const auto* list, call.parameters.require(1));
    if (!list->is_array()) {
        return invalid_argument(1, DecodeError{std::string(kind_name(*list)), "[]string"}.message());
    }
    if (list->get_array().size() > call.context.limits.storage_slots) {
        return invalid_params("too many storage keys requested (max " +
                              std::to_string(call.context.limits.storage_slots) + ")");
    }
    std::vector<StorageKey> keys;
    std::vector<U256> slots;
    for (const auto& item : list->get_array()) {
        BOOST_OUTCOME_TRY(const auto key, storage_key(item));
        keys.push_back(key);
        slots.push_back(key.key);
    }
    BOOST_OUTCOME_TRY(const auto found, state_parameter(call, 2));
    const auto proof = call.context.node.chain().proof_at(proof_block(found), address, slots);
    if (proof.has_error()) return from_error(proof.error());
    const auto account = proof.value().account.value_or(state::Account{});

    auto& out = call.result;
    const auto write_nodes = [&](const std::vector<Bytes>& nodes) {
        out.begin_array();
        for (const auto& node : nodes)
            out.data(node);
        out.end_array();
    };
    out.begin_object();
    out.key("address").data(address);
    out.key("accountProof");
    write_nodes(proof.value().proof);
    out.key("balance").quantity(account.balance);
    out.key("codeHash").data(account.code_hash);
    out.key("nonce").quantity(account.nonce);
    out.key("storageHash").data(proof.value().storage_root);
    out.key("storageProof").begin_array();
    for (std::size_t i = 0; i < keys.size(); ++i) {
        out.begin_object();
        // A key given as a whole word comes back as one, any other as a quantity.
        if (keys[i].bytes == 32) {
            out.key("key").word(keys[i].key);
        } else {
            out.key("key").quantity(keys[i].key);
        }
        out.key("value").quantity(proof.value().slots[i].value);
        out.key("proof");
        write_nodes(proof.value().slots[i].proof);
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return success();
}

/// Balance, nonce, code hash and storage root; null for an account that does not exist.
Answer<void> eth_get_account(Call& call) {
    BOOST_OUTCOME_TRY(const auto address, call.parameters.address(0));
    BOOST_OUTCOME_TRY(const auto found, state_parameter(call, 1));
    const auto account = found.state->account(address);
    if (!account) {
        call.result.null();
        return success();
    }
    const auto proof = call.context.node.chain().proof_at(proof_block(found), address, {});
    if (proof.has_error()) return from_error(proof.error());
    auto& out = call.result;
    out.begin_object();
    out.key("balance").quantity(account->balance);
    out.key("codeHash").data(account->code_hash);
    out.key("nonce").quantity(account->nonce);
    out.key("storageRoot").data(proof.value().storage_root);
    out.end_object();
    return success();
}

/// Balance, nonce and code, which is what cast and wallets ask for together.
Answer<void> eth_get_account_info(Call& call) {
    BOOST_OUTCOME_TRY(const auto address, call.parameters.address(0));
    BOOST_OUTCOME_TRY(const auto found, state_parameter(call, 1));
    const auto account = account_in(found, address);
    auto& out = call.result;
    out.begin_object();
    out.key("balance").quantity(account.balance);
    out.key("nonce").quantity(account.nonce);
    out.key("code").data(code_of(found, account));
    out.end_object();
    return success();
}

}  // namespace valence::rpc
