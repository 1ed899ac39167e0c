// A block, a transaction, a sender with money and a contract at kContract: what most tests of the machine
// start from.
#pragma once

#include <gtest/gtest.h>

#include "valence/evm/testing/assembler.hpp"
#include "valence/evm/testing/memory_host.hpp"
#include "valence/evm/vm.hpp"

namespace valence::evm::testing {

inline constexpr Address kSender = "0x00000000000000000000000000000000000000aa"_address;
inline constexpr Address kContract = "0x1000000000000000000000000000000000000001"_address;
inline constexpr Address kOther = "0x1000000000000000000000000000000000000002"_address;

class VmTest : public ::testing::Test {
protected:
    VmTest() {
        host.put(kSender, 1'000'000, {}, 1);
        block.number = 1000;
        block.gas_limit = 30'000'000;
        transaction.origin = kSender;
    }

    CallResult run(BytesView code, Revision revision = kLatestRevision, Gas gas = 1'000'000,
                   BytesView input = {}) {
        host.put(kContract, 0, base::to_bytes(code), 1);
        return call_contract(revision, gas, input);
    }

    CallResult call_contract(Revision revision = kLatestRevision, Gas gas = 1'000'000, BytesView input = {},
                             const U256& value = {}) {
        host.begin_transaction();
        Message message;
        message.gas = gas;
        message.sender = kSender;
        message.recipient = kContract;
        message.code_address = kContract;
        message.input = input;
        message.value = value;
        message.is_static = is_static;
        return Vm{revision, block, transaction, host, tracer}.execute(message);
    }

    /// Runs code that leaves a word on the stack, and answers the word.
    U256 top_after(Code code, Revision revision = kLatestRevision) {
        const auto result = run(code.return_top(), revision);
        EXPECT_EQ(result.status, Status::success);
        return U256::from_be(result.output);
    }

    Gas gas_of(const Code& code, Revision revision = kLatestRevision) {
        constexpr Gas kGas = 1'000'000;
        const auto result = run(code, revision, kGas);
        EXPECT_EQ(result.status, Status::success);
        return kGas - result.gas_left;
    }

    MemoryHost host;
    BlockContext block;
    TransactionContext transaction;
    Tracer* tracer = nullptr;
    bool is_static = false;
};

}  // namespace valence::evm::testing
