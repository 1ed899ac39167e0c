// Code for tests, written as instructions rather than hexadecimal.
#pragma once

#include "valence/evm/opcodes.hpp"

namespace valence::evm::testing {

class Code {
public:
    Code& op(Op o) {
        bytes_.push_back(static_cast<std::uint8_t>(o));
        return *this;
    }
    /// The shortest PUSH of the value, PUSH1 for 0.
    Code& push(const U256& value) {
        auto digits = value.to_minimal_be();
        if (digits.empty()) digits.push_back(0);
        return push_bytes(digits);
    }
    Code& push(const Address& address) { return push_bytes(address.bytes); }
    Code& push_bytes(BytesView bytes) {
        bytes_.push_back(static_cast<std::uint8_t>(0x5f + bytes.size()));
        base::append(bytes_, bytes);
        return *this;
    }
    Code& append(const Code& other) {
        base::append(bytes_, other.bytes_);
        return *this;
    }
    Code& raw(BytesView bytes) {
        base::append(bytes_, bytes);
        return *this;
    }
    /// Returns the word on top.
    Code& return_top() { return push(0).op(Op::mstore).push(32).push(0).op(Op::return_); }

    std::size_t size() const { return bytes_.size(); }
    operator BytesView() const { return bytes_; }  // NOLINT: code is bytes
    const Bytes& bytes() const { return bytes_; }

private:
    Bytes bytes_;
};

/// CALL and its kin: pushes the arguments, gas 0xffffff, no value, no data in or out.
inline Code call(Op op, const Address& to, const U256& value = {}) {
    Code code;
    code.push(0).push(0).push(0).push(0);
    if (op == Op::call || op == Op::callcode) code.push(value);
    code.push(to).push(0xffffff).op(op);
    return code;
}

}  // namespace valence::evm::testing
