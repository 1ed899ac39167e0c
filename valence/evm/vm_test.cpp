#include "valence/evm/vm.hpp"

#include "valence/evm/call_stack.hpp"
#include "valence/evm/testing/fixture.hpp"

namespace valence::evm {
namespace {

using testing::call;
using testing::Code;
using testing::kContract;
using testing::kOther;
using testing::kSender;
using Calls = testing::VmTest;
using Creations = testing::VmTest;
using Abandoned = testing::VmTest;
using Delegations = testing::VmTest;

const Address kHostPrecompile = "0x2000000000000000000000000000000000000001"_address;

/// Code that puts `code` at the start of memory.
Code store_in_memory(BytesView code) {
    Code out;
    for (std::size_t i = 0; i < code.size(); i += 32) {
        Bytes word(32, 0);
        std::copy_n(code.begin() + static_cast<std::ptrdiff_t>(i), std::min<std::size_t>(32, code.size() - i),
                    word.begin());
        out.push_bytes(word).push(i).op(Op::mstore);
    }
    return out;
}

/// Init code that deploys `size` bytes of zeros, or what `code` is.
Code init_code(BytesView code) { return store_in_memory(code).push(code.size()).push(0).op(Op::return_); }

CallResult create(testing::MemoryHost& host, BytesView init, Revision revision, Gas gas,
                  const U256& value = {}) {
    const BlockContext block;
    const TransactionContext transaction;
    Message message;
    message.kind = CallKind::create;
    message.sender = kSender;
    message.gas = gas;
    message.input = init;
    message.value = value;
    host.begin_transaction();
    return Vm{revision, block, transaction, host}.execute(message);
}

// ---- Calls

TEST_F(Calls, MoveValueAndAnswerOne) {
    host.put(kContract, 100, {}, 1);
    auto code = call(Op::call, kOther, 30).return_top();
    host.put(kContract, 100, code.bytes(), 1);
    EXPECT_EQ(U256::from_be(call_contract().output), U256{1});
    EXPECT_EQ(host.balance(kOther), U256{30});
    EXPECT_EQ(host.balance(kContract), U256{70});
}

TEST_F(Calls, WithoutTheMoneyAnswerZeroAndReturnTheGas) {
    const auto code = call(Op::call, kOther, 30).return_top();
    const auto result = run(code);
    EXPECT_EQ(U256::from_be(result.output), U256{});
    // Cold access, value, new account; the stipend comes back too.
    EXPECT_EQ(1'000'000 - result.gas_left, 7 * 3 + 2600 + 9000 + 25'000 - 2300 + 3 + 3 + 3 + 3 + 3);
}

TEST_F(Calls, RevertUndoesTheCalleeOnly) {
    const auto writes = Code{}.push(9).push(1).op(Op::sstore);
    host.put(kOther, 0, Code{writes}.push(0).push(0).op(Op::revert).bytes(), 1);
    const auto result = run(Code{writes}.append(call(Op::call, kOther)).return_top());
    EXPECT_EQ(U256::from_be(result.output), U256{});
    EXPECT_EQ(host.access_slot(kContract, 1).current, U256{9});
    EXPECT_EQ(host.access_slot(kOther, 1).current, U256{});
}

TEST_F(Calls, DelegateCallKeepsSenderValueAndStorage) {
    host.put(kOther, 0,
             Code{}.op(Op::callvalue).push(1).op(Op::sstore).op(Op::caller).push(2).op(Op::sstore).bytes(),
             1);
    host.put(kContract, 0, call(Op::delegatecall, kOther).bytes(), 1);
    ASSERT_EQ(call_contract(kLatestRevision, 1'000'000, {}, 77).status, Status::success);
    EXPECT_EQ(host.access_slot(kContract, 1).current, U256{77});
    EXPECT_EQ(host.access_slot(kContract, 2).current, U256::from_address(kSender));
}

TEST_F(Calls, StaticCallForbidsWritesBelow) {
    host.put(kOther, 0, Code{}.push(1).push(1).op(Op::sstore).bytes(), 1);
    EXPECT_EQ(top_after(call(Op::staticcall, kOther)), U256{0});
}

TEST_F(Calls, ReturnDataIsTheLastCallees) {
    host.put(kOther, 0, Code{}.push(0x42).return_top().bytes(), 1);
    const auto code = call(Op::call, kOther).op(Op::returndatasize);
    EXPECT_EQ(top_after(code), U256{32});
    const auto copied =
        call(Op::call, kOther).push(32).push(0).push(0).op(Op::returndatacopy).push(0).op(Op::mload);
    EXPECT_EQ(top_after(copied), U256{0x42});
}

TEST_F(Calls, RecurseTo1024WithoutTheNativeStack) {
    // Each frame counts itself in slot 0 and calls itself.
    const auto count = Code{}.push(0).op(Op::sload).push(1).op(Op::add).push(0).op(Op::sstore);
    const auto arguments = Code{}.push(0).push(0).push(0).push(0).push(0).push(kContract);
    // Before EIP-150 all gas could be handed on.
    const auto all_gas = Code{count}.append(arguments).push(30'000).op(Op::gas).op(Op::sub).op(Op::call);
    ASSERT_EQ(run(all_gas, Revision::homestead, 100'000'000).status, Status::success);
    EXPECT_EQ(host.access_slot(kContract, 0).current, U256{1025});
    // Since then 63/64 at a time.
    host.put_storage(kContract, 0, 0);
    const auto most_gas = Code{count}.append(arguments).op(Op::gas).op(Op::call);
    ASSERT_EQ(run(most_gas, kLatestRevision, Gas{1} << 62).status, Status::success);
    EXPECT_EQ(host.access_slot(kContract, 0).current, U256{1025});
}

TEST_F(Calls, ReachPrecompiles) {
    // IDENTITY of 4 bytes.
    const auto code = Code{}
                          .push(0xdeadbeef)
                          .push(0)
                          .op(Op::mstore)
                          .push(4)
                          .push(64)
                          .push(4)
                          .push(28)
                          .push(0)
                          .push(4)
                          .push(1000)
                          .op(Op::call)
                          .op(Op::pop)
                          .push(64)
                          .op(Op::mload);
    EXPECT_EQ(top_after(code), U256{0xdeadbeef} << 224);
}

TEST_F(Calls, HostPrecompilesComeFirst) {
    host.precompiles[base::address_from_number(4)] = [](const Message& m) {
        return PrecompileResult{Status::success, m.gas, {0x55}};
    };
    const auto code =
        Code{}.push(1).push(0).push(0).push(0).push(0).push(4).push(1000).op(Op::call).op(Op::pop).push(0).op(
            Op::mload);
    EXPECT_EQ(top_after(code), U256{0x55} << 248);
}

// ---- Creations

TEST_F(Creations, AddressComesFromSenderAndNonce) {
    // The examples everybody uses: EIP-1014's, and Vitalik's account's first contracts.
    const auto sender = "0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0"_address;
    EXPECT_EQ(create_address(sender, 0), "0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d"_address);
    EXPECT_EQ(create_address(sender, 1), "0x343c43a37d37dff08ae8c4a11544c718abb4fcf8"_address);
    EXPECT_EQ(create2_address({}, 0, Bytes{0}), "0x4d1a2e2bb4f88f0250f26ffff098b0b30b26bf38"_address);
}

TEST_F(Creations, DeployCodeAndIncrementTheNonce) {
    const Bytes code{0x60, 0x01};
    const auto result = create(host, init_code(code), kLatestRevision, 1'000'000, 5);
    ASSERT_EQ(result.status, Status::success);
    EXPECT_EQ(result.created, create_address(kSender, 1));
    EXPECT_EQ(base::to_bytes(host.code(result.created).bytes), code);
    EXPECT_EQ(host.nonce(result.created), 1U);
    EXPECT_EQ(host.nonce(kSender), 2U);
    EXPECT_EQ(host.balance(result.created), U256{5});
    EXPECT_TRUE(host.created_in_transaction(result.created));
}

TEST_F(Creations, FailOnCollision) {
    const auto address = create_address(kSender, 1);
    host.put(address, 0, {}, 1);
    EXPECT_EQ(create(host, {}, kLatestRevision, 100'000).status, Status::address_collision);
    EXPECT_EQ(host.nonce(kSender), 2U);
    // EIP-7610: storage alone is enough.
    const auto next = create_address(kSender, 2);
    host.put(next, 0, {}, 0);
    host.put_storage(next, 1, 1);
    EXPECT_EQ(create(host, {}, kLatestRevision, 100'000).status, Status::address_collision);
    // Money alone is not.
    host.put(create_address(kSender, 3), 7, {}, 0);
    EXPECT_EQ(create(host, {}, kLatestRevision, 100'000).status, Status::success);
}

TEST_F(Creations, PayForTheirCode) {
    const Bytes code(10, 0x00);
    const auto init = init_code(code);
    const Gas run_gas = 3 + 3 + 3 + 3 + 3 + 3;
    EXPECT_EQ(create(host, init, kLatestRevision, run_gas + 2000).status, Status::success);
    EXPECT_EQ(create(host, init, kLatestRevision, run_gas + 1999).status, Status::out_of_gas);
    EXPECT_EQ(create(host, init, Revision::homestead, run_gas + 1999).status, Status::out_of_gas);
    // In Frontier they succeeded without it and kept the gas.
    const auto frontier = create(host, init, Revision::frontier, run_gas + 1999);
    EXPECT_EQ(frontier.status, Status::success);
    EXPECT_EQ(frontier.gas_left, 1999);
    EXPECT_TRUE(host.code(frontier.created).bytes.empty());
}

TEST_F(Creations, LimitTheCodeSinceItsFork) {
    const auto sized = [](std::uint64_t size) { return Code{}.push(size).push(0).op(Op::return_); };
    EXPECT_EQ(create(host, sized(24'576), kLatestRevision, 10'000'000).status, Status::success);
    EXPECT_EQ(create(host, sized(24'577), kLatestRevision, 10'000'000).status, Status::code_too_large);
    EXPECT_EQ(create(host, sized(24'577), Revision::homestead, 10'000'000).status, Status::success);
    const Bytes ef{0xef};
    EXPECT_EQ(create(host, init_code(ef), Revision::london, 100'000).status, Status::code_starts_with_ef);
    EXPECT_EQ(create(host, init_code(ef), Revision::berlin, 100'000).status, Status::success);
    const auto large = Code{}.push(49'153).push(0).push(0).op(Op::create);
    EXPECT_EQ(run(large, Revision::shanghai).status, Status::init_code_too_large);
    EXPECT_EQ(run(large, Revision::paris).status, Status::success);
}

TEST_F(Creations, InCodeAnswerTheAddressAndLeaveNoReturnData) {
    const auto init = init_code(Bytes{0x00});
    const auto create2 =
        Code{}.append(store_in_memory(init)).push(7).push(init.size()).push(0).push(0).op(Op::create2);
    EXPECT_EQ(top_after(create2), U256::from_address(create2_address(kContract, 7, init)));
    EXPECT_EQ(top_after(Code{create2}.op(Op::returndatasize)), U256{0});
    // A revert's data is returned.
    const auto reverting = Code{}.push(9).push(0).op(Op::revert);
    const auto fails =
        Code{}.append(store_in_memory(reverting)).push(reverting.size()).push(0).push(0).op(Op::create);
    EXPECT_EQ(top_after(fails), U256{0});
    EXPECT_EQ(top_after(Code{fails}.op(Op::returndatasize)), U256{9});
}

TEST_F(Creations, SelfDestructKeepsOlderContractsSinceCancun) {
    const auto code = Code{}.push(kOther).op(Op::selfdestruct);
    host.put(kContract, 50, code.bytes(), 1);
    call_contract(Revision::shanghai);
    EXPECT_TRUE(host.destroyed().contains(kContract));
    EXPECT_EQ(host.balance(kOther), U256{50});
    host.put(kContract, 50, code.bytes(), 1);
    call_contract(Revision::cancun);
    EXPECT_FALSE(host.destroyed().contains(kContract));
    EXPECT_EQ(host.balance(kOther), U256{100});
    EXPECT_EQ(host.balance(kContract), U256{0});
}

// ---- EIP-7702

TEST_F(Delegations, RunTheTargetsCodeOnTheAccountsState) {
    Bytes delegation{0xef, 0x01, 0x00};
    base::append(delegation, kOther.bytes);
    host.put(kOther, 0, Code{}.push(3).push(4).op(Op::sstore).bytes(), 1);
    ASSERT_EQ(run(delegation, Revision::prague).status, Status::success);
    EXPECT_EQ(host.access_slot(kContract, 4).current, U256{3});
    // Before Prague the designator is code, and 0xef no instruction.
    EXPECT_EQ(run(delegation, Revision::cancun).status, Status::undefined_instruction);
}

TEST_F(Delegations, CostACallTheAccessToTheTarget) {
    const auto account = "0x4000000000000000000000000000000000000001"_address;
    Bytes delegation{0xef, 0x01, 0x00};
    base::append(delegation, kOther.bytes);
    host.put(account, 0, delegation, 1);
    host.put(kOther, 0, Bytes{0x00}, 1);
    const auto once = call(Op::call, account);
    EXPECT_EQ(gas_of(once, Revision::prague), 7 * 3 + 2600 + 2600);
    EXPECT_EQ(gas_of(Code{once}.append(once), Revision::prague), 14 * 3 + 2600 + 2600 + 100 + 100);
    EXPECT_EQ(top_after(Code{}.push(account).op(Op::extcodesize), Revision::prague), U256{23});
}

TEST_F(Delegations, ToAPrecompileRunNothing) {
    Bytes delegation{0xef, 0x01, 0x00};
    base::append(delegation, base::address_from_number(4).bytes);
    const Bytes input{1, 2, 3};
    const auto result = run(delegation, Revision::prague, 10'000, input);
    EXPECT_EQ(result.status, Status::success);
    EXPECT_TRUE(result.output.empty());
    EXPECT_EQ(result.gas_left, 10'000);
}

// ---- Status::abandoned

/// The host's precompile abandons; `kOther` calls it.
void abandon_from(testing::MemoryHost& host) {
    host.precompiles[kHostPrecompile] = [](const Message&) {
        return PrecompileResult{Status::abandoned, 0, {1, 2}};
    };
    host.put(kOther, 0, call(Op::call, kHostPrecompile).push(1).push(1).op(Op::sstore).bytes(), 1);
}

TEST_F(Abandoned, UnwindsEveryFrameWithoutATrace) {
    abandon_from(host);
    // Writes before; would write and log after, whatever the call answered.
    const auto code = Code{}
                          .push(5)
                          .push(5)
                          .op(Op::sstore)
                          .append(call(Op::call, kOther, 1))
                          .push(6)
                          .push(6)
                          .op(Op::sstore)
                          .push(0)
                          .push(0)
                          .op(Op::log0);
    host.put(kContract, 10, code.bytes(), 1);
    const auto before = host.accounts();
    const auto result = call_contract(kLatestRevision, 1'000'000, {}, 3);
    EXPECT_EQ(result.status, Status::abandoned);
    EXPECT_EQ(result.gas_left, 0);
    EXPECT_TRUE(result.output.empty());
    EXPECT_EQ(host.accounts(), before);
    EXPECT_TRUE(host.logs().empty());
    EXPECT_EQ(host.refund(), 0);
    EXPECT_EQ(host.journal_size(), 0U);
}

TEST_F(Abandoned, UnwindsCreationsToo) {
    abandon_from(host);
    const auto init = call(Op::call, kOther);
    const auto code = Code{}
                          .append(store_in_memory(init))
                          .push(init.size())
                          .push(0)
                          .push(0)
                          .op(Op::create)
                          .push(6)
                          .push(6)
                          .op(Op::sstore);
    host.put(kContract, 0, code.bytes(), 1);
    const auto before = host.accounts();
    EXPECT_EQ(call_contract().status, Status::abandoned);
    EXPECT_EQ(host.accounts(), before);
    // And the transaction's own creation, with the nonce it took.
    EXPECT_EQ(create(host, init, kLatestRevision, 1'000'000).status, Status::abandoned);
    EXPECT_EQ(host.accounts(), before);
}

TEST_F(Abandoned, TheTransactionsOwnCallMayBeThePrecompiles) {
    abandon_from(host);
    Message message;
    message.sender = kSender;
    message.recipient = kHostPrecompile;
    message.code_address = kHostPrecompile;
    message.gas = 1000;
    message.value = 4;
    host.begin_transaction();
    const auto before = host.accounts();
    EXPECT_EQ((Vm{kLatestRevision, block, transaction, host}.execute(message).status), Status::abandoned);
    EXPECT_EQ(host.accounts(), before);
}

TEST_F(Abandoned, AMachineRunsOnAfterwards) {
    abandon_from(host);
    host.put(kContract, 0, call(Op::call, kOther).bytes(), 1);
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(call_contract().status, Status::abandoned);
    EXPECT_EQ(top_after(Code{}.push(2).push(2).op(Op::add)), U256{4});
}

}  // namespace
}  // namespace valence::evm
