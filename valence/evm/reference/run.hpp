// One frame of the reference machine: run.cpp has its loop and what all instructions use, the files beside it
// the instructions by family.
#pragma once

#include "valence/evm/reference/machine.hpp"

namespace valence::evm::reference {

/// EIP-7702.
inline bool is_delegation(BytesView code) {
    return code.size() == 23 && code[0] == 0xef && code[1] == 0x01 && code[2] == 0x00;
}

/// How a frame ends, thrown to leave nested steps.
struct Stop {
    Status status;
    Bytes output;
};

[[noreturn]] inline void stop(Status status) { throw Stop{status, {}}; }

inline Gas word_count(const U256& bytes) { return static_cast<Gas>((bytes.low_u64() + 31) / 32); }

class Run {
public:
    Run(Machine& machine, const Message& message, BytesView code, BytesView calldata);

    CallResult to_end();

private:
    // ---- Each throws Stop when it cannot go on; nothing of it leaves `to_end`.
    void step();
    void require(Revision since) const;
    void require_writable() const;
    U256 pop();
    void push(const U256& value);
    void pay(Gas gas);
    /// Pays for memory up to offset + size and makes it there.
    void reach(const U256& offset, const U256& size);
    /// The bytes of a range that has been reached.
    Bytes range(const U256& offset, const U256& size) const;
    void copy_in(const U256& to, BytesView source, const U256& from, const U256& size);
    void jump(const U256& to);
    /// The price of touching an account: `before_berlin`, later 2600 or 100.
    void pay_access(const Address& account, Gas before_berlin);

    // run_arithmetic.cpp
    void arithmetic(std::uint8_t op);
    // run_context.cpp
    void context(std::uint8_t op);
    void look_up(std::uint8_t op);
    void account(std::uint8_t op);
    void copy(std::uint8_t op);
    // run_storage.cpp
    void flow(std::uint8_t op);
    void load_slot();
    void store_slot();
    void log(unsigned topics);
    // run_calls.cpp
    void system(std::uint8_t op);
    void call(std::uint8_t op);
    void create(std::uint8_t op);
    void self_destruct();

    Machine& machine_;
    Host& host_;
    Revision revision_;
    const Message& message_;
    BytesView code_;
    BytesView calldata_;
    std::vector<bool> jump_destinations_;
    std::vector<U256> stack_;
    Bytes memory_;
    Bytes return_data_;
    Gas gas_;
    std::size_t pc_ = 0;
};

}  // namespace valence::evm::reference
