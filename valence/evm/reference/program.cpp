#include "valence/evm/reference/program.hpp"

#include "valence/evm/opcodes.hpp"

namespace valence::evm::reference {
namespace {

/// Writes code whose instructions mostly find their operands.
class Writer {
public:
    Writer(Entropy& entropy, Revision revision) : entropy_(entropy), revision_(revision) {}

    Bytes write() {
        const auto count = 1 + entropy_.below(60);
        for (std::size_t i = 0; i < count && !entropy_.empty(); ++i)
            instruction();
        return std::move(code_);
    }

private:
    void op(Op o) { code_.push_back(static_cast<std::uint8_t>(o)); }

    void push(BytesView value) {
        code_.push_back(static_cast<std::uint8_t>(0x5f + value.size()));
        base::append(code_, value);
        ++depth_;
    }

    void push_small(std::size_t limit) {
        const auto v = entropy_.below(limit);
        const std::array<std::uint8_t, 2> two{static_cast<std::uint8_t>(v >> 8),
                                              static_cast<std::uint8_t>(v)};
        push(two);
    }

    /// A word near what makes arithmetic interesting: small, all ones, a power of two, or anything.
    void push_word() {
        const auto kind = entropy_.byte();
        if (kind < 80) return push_small(260);
        if (kind < 120) {
            Bytes ones(1 + entropy_.below(32), 0xff);
            ones.back() = entropy_.byte();
            return push(ones);
        }
        if (kind < 160) {
            Bytes power(1 + entropy_.below(32), 0);
            power.front() = static_cast<std::uint8_t>(1 << (entropy_.byte() & 7));
            return push(power);
        }
        auto any = entropy_.take(1 + entropy_.below(32));
        if (any.empty()) any.push_back(0);
        push(any);
    }

    void push_address() {
        const auto kind = entropy_.byte();
        if (kind < 150) return push(kContracts[kind % 3].bytes);
        if (kind < 170) return push(kEcho.bytes);
        if (kind < 174) return push(kAbandon.bytes);
        if (kind < 190) return push(kAbsent.bytes);
        if (kind < 200) return push(kSender.bytes);
        const std::array<std::uint8_t, 1> precompile{static_cast<std::uint8_t>(1 + kind % 5)};
        push(precompile);
    }

    void call(Op o) {
        const bool has_value = o == Op::call || o == Op::callcode;
        push_small(100);  // output size
        push_small(200);
        push_small(100);  // input size
        push_small(200);
        if (has_value) push_small(entropy_.byte() < 128 ? 1 : 300);
        push_address();
        if (entropy_.byte() < 100) {
            push_small(30'000);
        } else {
            op(Op::gas);
            ++depth_;
        }
        op(o);
        depth_ -= has_value ? 6 : 5;
    }

    void instruction() {
        const auto kind = entropy_.byte();
        if (kind < 60) return push_word();
        if (kind < 70)
            return call(std::array{Op::call, Op::callcode, Op::delegatecall, Op::staticcall}[kind % 4]);
        if (kind < 76) {
            // A contract made of this code's own head.
            if (kind % 2 == 0) push_small(3);
            push_small(60);
            push_small(4);
            push_small(2);
            op(kind % 2 == 0 ? Op::create2 : Op::create);
            depth_ -= kind % 2 == 0 ? 3 : 2;
            return;
        }
        if (kind < 84) {  // memory from code, to be returned, created or hashed
            push_small(64);
            push_small(32);
            push_small(96);
            op(Op::codecopy);
            depth_ -= 3;
            return;
        }
        if (kind < 96) {  // a conditional jump to a place seen before, or over what comes next
            destinations_.push_back(code_.size());
            op(Op::jumpdest);
            push_word();
            const auto to =
                kind < 90 ? destinations_[entropy_.below(destinations_.size())] : code_.size() + 4;
            const std::array<std::uint8_t, 2> two{static_cast<std::uint8_t>(to >> 8),
                                                  static_cast<std::uint8_t>(to)};
            push(two);
            op(Op::jumpi);
            if (kind != 84) op(Op::jumpdest);
            depth_ -= 2;
            return;
        }
        if (kind < 110) {  // storage, few keys and values
            push_small(3);
            push_small(3);
            op(entropy_.byte() < 180 || revision_ < Revision::cancun ? Op::sstore : Op::tstore);
            depth_ -= 2;
            return;
        }
        // Rarely what is undefined, or ends the frame, or lacks operands: it would keep the rest from
        // running.
        const auto o = entropy_.byte();
        const auto& facts = kOpcodes[o];
        const bool ends =
            o == 0x00 || o == 0xf3 || o == 0xfd || o == 0xfe || o == 0xff || o == 0x56 || o == 0x57;
        if ((!is_defined(o, revision_) || ends) && kind < 254) return;
        while (depth_ < facts.in && kind < 254)
            push_small(entropy_.byte() < 200 ? 64 : 5000);
        // Where an operand addresses memory, whatever lies there would be too far away.
        if (touches_memory(static_cast<Op>(o)) && kind < 250) {
            for (unsigned i = 0; i < facts.in; ++i)
                push_small(100);
        }
        code_.push_back(o);
        for (unsigned i = 0; i < facts.immediate; ++i)
            code_.push_back(entropy_.byte());
        depth_ = std::max(0, depth_ - facts.in) + facts.out;
    }

    static bool touches_memory(Op o) {
        return o == Op::mload || o == Op::mstore || o == Op::mstore8 || o == Op::mcopy ||
               o == Op::keccak256 || o == Op::calldatacopy || o == Op::codecopy || o == Op::returndatacopy ||
               o == Op::extcodecopy || (o >= Op::log0 && o <= Op::log4);
    }

    Entropy& entropy_;
    Revision revision_;
    std::vector<std::size_t> destinations_;
    Bytes code_;
    int depth_ = 0;
};

}  // namespace

Bytes make_code(Entropy& entropy, Revision revision) {
    const auto kind = entropy.byte();
    if (kind < 20) return entropy.take(entropy.below(200));
    if (kind < 30) {  // EIP-7702
        Bytes delegation{0xef, 0x01, 0x00};
        base::append(delegation,
                     kind < 27 ? kContracts[kind % 3].bytes : base::address_from_number(kind % 3).bytes);
        return delegation;
    }
    return Writer{entropy, revision}.write();
}

}  // namespace valence::evm::reference
