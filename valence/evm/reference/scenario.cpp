#include "valence/evm/reference/scenario.hpp"

#include "valence/evm/analysis.hpp"
#include "valence/evm/opcodes.hpp"
#include "valence/evm/reference/machine.hpp"

namespace valence::evm::reference {
namespace {

/// Reads bytes; zeros when there are no more.
class Entropy {
public:
    explicit Entropy(BytesView bytes) : rest_(bytes) {}

    std::uint8_t byte() {
        if (rest_.empty()) return 0;
        const auto b = rest_.front();
        rest_ = rest_.subspan(1);
        return b;
    }
    std::size_t below(std::size_t limit) { return (byte() | static_cast<std::size_t>(byte()) << 8) % limit; }
    bool empty() const { return rest_.empty(); }
    Bytes take(std::size_t n) {
        n = std::min(n, rest_.size());
        Bytes out = base::to_bytes(rest_.first(n));
        rest_ = rest_.subspan(n);
        return out;
    }

private:
    BytesView rest_;
};

constexpr Address kSender = "0x00000000000000000000000000000000000000ff"_address;
constexpr Address kContracts[] = {
    "0x1000000000000000000000000000000000000001"_address,
    "0x1000000000000000000000000000000000000002"_address,
    "0x1000000000000000000000000000000000000003"_address,
};
/// Answered by the host: the first echoes, the second abandons the run.
constexpr Address kEcho = "0x2000000000000000000000000000000000000001"_address;
constexpr Address kAbandon = "0x2000000000000000000000000000000000000002"_address;
constexpr Address kAbsent = "0x3000000000000000000000000000000000000001"_address;

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

struct Outcome {
    CallResult result;
    std::map<Address, testing::TestAccount> accounts;
    std::set<Address> destroyed;
    std::set<Address> touched;
    std::vector<Log> logs;
    Gas refund = 0;
};

template <typename Machine>
Outcome run(const Scenario& scenario) {
    testing::MemoryHost host;
    for (const auto& [address, account] : scenario.accounts) {
        host.put(address, account.balance, account.code, account.nonce);
        for (const auto& [key, value] : account.storage)
            host.put_storage(address, key, value);
    }
    host.precompiles[kEcho] = [](const Message& m) {
        if (m.gas < 100) return PrecompileResult{Status::out_of_gas, 0, {}};
        const auto status = m.input.empty() ? Status::revert : Status::success;
        return PrecompileResult{status, m.gas - 100, base::to_bytes(m.input)};
    };
    host.precompiles[kAbandon] = [](const Message&) { return PrecompileResult{Status::abandoned, 0, {}}; };
    host.begin_transaction();
    host.access_account(scenario.message.sender);
    Outcome out;
    out.result =
        Machine{scenario.revision, scenario.block, scenario.transaction, host}.execute(scenario.message);
    out.accounts = host.accounts();
    out.destroyed = host.destroyed();
    out.touched = host.touched();
    out.logs = host.logs();
    out.refund = host.refund();
    return out;
}

/// Which failure it was may differ where an instruction fails in two ways; that it failed may not.
Status kind_of(Status status) {
    switch (status) {
        case Status::success:
        case Status::revert:
        case Status::abandoned:
            return status;
        default:
            return Status::out_of_gas;
    }
}

}  // namespace

void make_scenario(BytesView bytes, Scenario& scenario) {
    Entropy entropy{bytes};
    const auto fork = entropy.byte();
    // The forks in use are worth more runs than the old ones.
    scenario.revision = fork < 150
                            ? static_cast<Revision>(fork % kRevisionCount)
                            : static_cast<Revision>(static_cast<unsigned>(Revision::london) + fork % 6);
    scenario.block.number = 1000;
    scenario.block.timestamp = 1'700'000'000;
    scenario.block.coinbase = "0x00000000000000000000000000000000000000cc"_address;
    scenario.block.gas_limit = 30'000'000;
    scenario.block.prev_randao = 77;
    scenario.block.base_fee = 7;
    scenario.block.blob_base_fee = 3;
    scenario.transaction.origin = kSender;
    scenario.transaction.gas_price = 10;
    scenario.transaction.blob_hashes = {
        Hash{}, "0x0100000000000000000000000000000000000000000000000000000000000001"_hash};

    const auto gas = entropy.byte();
    scenario.message.gas =
        gas < 60 ? static_cast<Gas>(entropy.below(5000)) : static_cast<Gas>(entropy.below(60'000)) * 3;
    scenario.message.sender = kSender;
    scenario.message.value = entropy.byte() < 200 ? 0 : 5;
    scenario.accounts[kSender] = {1000, 3, {}, {}, {}};
    const auto kind = entropy.byte();
    scenario.input = entropy.take(entropy.below(70));
    for (const auto& contract : kContracts) {
        auto& account = scenario.accounts[contract];
        account.balance = entropy.byte();
        account.nonce = 1;
        account.code = make_code(entropy, scenario.revision);
        const auto slots = entropy.byte();
        if ((slots & 1) != 0) account.storage[0] = 1;
        if ((slots & 2) != 0) account.storage[1] = 2;
    }
    if (kind < 40) {
        scenario.message.kind = CallKind::create;
        scenario.input = scenario.accounts[kContracts[0]].code;
    } else {
        scenario.message.is_static = kind > 245 && scenario.message.value.is_zero();
        scenario.message.recipient = kContracts[0];
        scenario.message.code_address = kContracts[0];
    }
    scenario.message.input = scenario.input;
}

namespace {

std::optional<std::string> compare(const Outcome& fast, const Outcome& slow) {
    if (kind_of(fast.result.status) != kind_of(slow.result.status)) {
        return "status " + std::to_string(static_cast<int>(fast.result.status)) + ", reference " +
               std::to_string(static_cast<int>(slow.result.status));
    }
    if (fast.result.gas_left != slow.result.gas_left) {
        return "gas left " + std::to_string(fast.result.gas_left) + ", reference " +
               std::to_string(slow.result.gas_left);
    }
    if (fast.result.output != slow.result.output) {
        return "output " + base::to_hex(fast.result.output) + ", reference " +
               base::to_hex(slow.result.output);
    }
    if (fast.result.created != slow.result.created) return "address of the creation";
    if (fast.logs != slow.logs) return "logs";
    if (fast.refund != slow.refund) return "refund";
    if (fast.accounts != slow.accounts) return "accounts";
    if (fast.touched != slow.touched) return "touched accounts";
    if (fast.destroyed != slow.destroyed) return "destroyed accounts";
    return std::nullopt;
}

}  // namespace

std::optional<std::string> difference(const Scenario& scenario) {
    const auto slow = run<Machine>(scenario);
    // Code runs plain at first and fused when it comes from the cache.
    AnalysisCache::of_this_thread().clear();
    for (const char* const code : {"plain", "fused"}) {
        if (const auto found = compare(run<Vm>(scenario), slow)) return *found + ", with code " + code;
    }
    return std::nullopt;
}

}  // namespace valence::evm::reference
