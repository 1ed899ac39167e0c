// Calls and creations of the reference machine; run.cpp has what goes on within a frame.
#include "valence/evm/reference/machine.hpp"

#include "valence/crypto/keccak.hpp"
#include "valence/evm/precompiles/precompiles.hpp"
#include "valence/evm/reference/run.hpp"

namespace valence::evm::reference {
namespace {

/// RLP of [address, nonce], hashed (Yellow Paper, section 7).
Address address_of_create(const Address& sender, std::uint64_t nonce) {
    Bytes list{0x94};
    base::append(list, sender.bytes);
    if (nonce == 0) {
        list.push_back(0x80);
    } else if (nonce < 0x80) {
        list.push_back(static_cast<std::uint8_t>(nonce));
    } else {
        Bytes digits;
        for (auto rest = nonce; rest != 0; rest >>= 8)
            digits.insert(digits.begin(), static_cast<std::uint8_t>(rest));
        list.push_back(static_cast<std::uint8_t>(0x80 + digits.size()));
        base::append(list, digits);
    }
    list.insert(list.begin(), static_cast<std::uint8_t>(0xc0 + list.size()));
    return base::from_right_aligned<Address>(crypto::keccak256(list).bytes);
}

/// EIP-1014.
Address address_of_create2(const Address& sender, const U256& salt, BytesView init_code) {
    Bytes text{0xff};
    base::append(text, sender.bytes);
    base::append(text, salt.to_hash().bytes);
    base::append(text, crypto::keccak256(init_code).bytes);
    return base::from_right_aligned<Address>(crypto::keccak256(text).bytes);
}

bool keeps_gas(Status status) { return status == Status::success || status == Status::revert; }

}  // namespace

Machine::Machine(Revision revision, const BlockContext& block, const TransactionContext& transaction,
                 Host& host, Limits limits)
    : revision_(revision), block_(block), transaction_(transaction), host_(host), limits_(limits) {}

CallResult Machine::execute(const Message& message) {
    const auto before = host_.checkpoint();
    auto result = is_create(message.kind) ? create(message) : call(message);
    if (result.status == Status::abandoned) {
        host_.revert_to(before);
        return {Status::abandoned, 0, {}, {}};
    }
    return result;
}

CallResult Machine::call(const Message& message) {
    if (message.depth > 1024) return {Status::call_depth_exceeded, message.gas, {}, {}};
    const bool has_value = !message.value.is_zero() && message.kind != CallKind::delegate_call;
    if (has_value && host_.balance(message.sender) < message.value) {
        return {Status::insufficient_balance, message.gas, {}, {}};
    }
    const auto before = host_.checkpoint();
    if (message.kind == CallKind::call) {
        if (revision_ < Revision::spurious_dragon && !host_.exists(message.recipient)) {
            host_.create_account(message.recipient);
        }
        if (has_value) host_.transfer(message.sender, message.recipient, message.value);
        host_.touch(message.recipient);
    }

    CallResult result;
    const auto is_precompile = [this](const Address& a) {
        return host_.has_precompile(a) ||
               (find_precompile(a, revision_) != nullptr && host_.allows_builtin_precompile(a));
    };
    if (is_precompile(message.code_address)) {
        auto answer = host_.has_precompile(message.code_address)
                          ? host_.run_precompile(message)
                          : find_precompile(message.code_address, revision_)
                                ->run(message.input, message.gas, revision_);
        result = {answer.status, answer.gas_left, std::move(answer.output), {}};
    } else {
        auto code = base::to_bytes(host_.code(message.code_address).bytes);
        if (revision_ >= Revision::prague && is_delegation(code)) {
            const auto target = base::from_right_aligned<Address>(code);
            host_.access_account(target);
            code = is_precompile(target) ? Bytes{} : base::to_bytes(host_.code(target).bytes);
        }
        result = interpret(message, code, message.input);
    }
    if (!keeps_gas(result.status)) result = {result.status, 0, {}, {}};
    if (result.status != Status::success) host_.revert_to(before);
    return result;
}

CallResult Machine::create(Message message) {
    if (message.depth > 1024) return {Status::call_depth_exceeded, message.gas, {}, {}};
    if (host_.balance(message.sender) < message.value)
        return {Status::insufficient_balance, message.gas, {}, {}};
    const auto nonce = host_.nonce(message.sender);
    if (nonce == ~std::uint64_t{0}) return {Status::nonce_overflow, message.gas, {}, {}};
    host_.set_nonce(message.sender, nonce + 1);

    const auto address = message.kind == CallKind::create
                             ? address_of_create(message.sender, nonce)
                             : address_of_create2(message.sender, message.salt, message.input);
    if (revision_ >= Revision::berlin) host_.access_account(address);
    if (host_.nonce(address) != 0 || !host_.code(address).bytes.empty() || host_.has_storage(address)) {
        return {Status::address_collision, 0, {}, {}};
    }

    const auto before = host_.checkpoint();
    host_.create_account(address);
    if (revision_ >= Revision::spurious_dragon) host_.set_nonce(address, 1);
    if (!message.value.is_zero()) host_.transfer(message.sender, address, message.value);
    host_.touch(address);
    message.recipient = address;
    message.code_address = address;
    const auto init_code = base::to_bytes(message.input);
    auto result = interpret(message, init_code, {});

    if (result.status == Status::success) {
        const auto& code = result.output;
        if (revision_ >= Revision::spurious_dragon && code.size() > limits_.code_size) {
            result.status = Status::code_too_large;
        } else if (revision_ >= Revision::london && !code.empty() && code[0] == 0xef) {
            result.status = Status::code_starts_with_ef;
        } else {
            const auto price = static_cast<Gas>(200 * code.size());
            if (result.gas_left >= price) {
                result.gas_left -= price;
                if (!code.empty()) host_.set_code(address, code);
            } else if (revision_ >= Revision::homestead) {
                result.status = Status::out_of_gas;
            } else {
                result.output.clear();
            }
        }
    }
    if (result.status == Status::success) {
        result.created = address;
    } else {
        host_.revert_to(before);
        if (!keeps_gas(result.status)) result = {result.status, 0, {}, {}};
    }
    return result;
}

CallResult Machine::interpret(const Message& message, BytesView code, BytesView calldata) {
    return Run{*this, message, code, calldata}.to_end();
}

}  // namespace valence::evm::reference
