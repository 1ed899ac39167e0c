#include "valence/evm/reference/scenario.hpp"

#include "valence/evm/analysis.hpp"
#include "valence/evm/reference/machine.hpp"
#include "valence/evm/reference/program.hpp"

namespace valence::evm::reference {
namespace {

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
