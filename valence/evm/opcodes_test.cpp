#include "valence/evm/opcodes.hpp"

#include "valence/evm/testing/fixture.hpp"

namespace valence::evm {
namespace {

using testing::Code;
using Instructions = testing::VmTest;

const U256 kMax = U256::max();
const U256 kMinimum = U256{1} << 255;

struct WordCase {
    Op op;
    /// Top of the stack first.
    std::vector<U256> in;
    U256 out;
};

// The examples of the Yellow Paper's definitions and of EIP-145, EIP-1283 and EIP-7939, and the corners.
const WordCase kWordCases[] = {
    {Op::add, {kMax, 2}, 1},
    {Op::sub, {0, 1}, kMax},
    {Op::mul, {kMax, kMax}, 1},
    {Op::div, {7, 2}, 3},
    {Op::div, {7, 0}, 0},
    {Op::div, {kMax, U256{1} << 200}, (U256{1} << 56) - U256{1}},
    {Op::sdiv, {kMinimum, kMax}, kMinimum},
    {Op::sdiv, {-U256{7}, 2}, -U256{3}},
    {Op::mod, {7, 0}, 0},
    {Op::mod, {kMax, U256{1} << 64}, ~0ULL},
    {Op::smod, {-U256{7}, 3}, -U256{1}},
    {Op::addmod, {kMax, kMax, 10}, 0},
    {Op::addmod, {1, 1, 0}, 0},
    {Op::mulmod, {kMax, kMax, 12}, 9},
    {Op::mulmod, {5, 5, 0}, 0},
    {Op::exp, {2, 255}, kMinimum},
    {Op::exp, {0, 0}, 1},
    {Op::signextend, {0, 0x80}, -U256{128}},
    {Op::signextend, {30, kMinimum}, 0},
    {Op::signextend, {31, kMinimum}, kMinimum},
    {Op::signextend, {kMax, 0x80}, 0x80},
    {Op::lt, {1, 2}, 1},
    {Op::lt, {kMax, 0}, 0},
    {Op::gt, {U256{1} << 64, 5}, 1},
    {Op::slt, {kMax, 0}, 1},
    {Op::sgt, {0, kMinimum}, 1},
    {Op::eq, {kMax, kMax}, 1},
    {Op::iszero, {0}, 1},
    {Op::iszero, {U256{1} << 192}, 0},
    {Op::and_, {0xf0f0, 0xff00}, 0xf000},
    {Op::or_, {0xf0, 0x0f}, 0xff},
    {Op::xor_, {0xff, 0x0f}, 0xf0},
    {Op::not_, {0}, kMax},
    {Op::byte, {31, 0x1234}, 0x34},
    {Op::byte, {0, kMinimum}, 0x80},
    {Op::byte, {32, kMax}, 0},
    {Op::shl, {1, kMinimum}, 0},
    {Op::shl, {255, 1}, kMinimum},
    {Op::shl, {256, kMax}, 0},
    {Op::shr, {255, kMinimum}, 1},
    {Op::shr, {U256{1} << 64, kMax}, 0},
    {Op::sar, {256, kMinimum}, kMax},
    {Op::sar, {1, kMinimum}, U256{3} << 254},
    {Op::sar, {254, (U256{1} << 255) - U256{1}}, 1},
    {Op::clz, {0}, 256},
    {Op::clz, {1}, 255},
    {Op::clz, {kMax}, 0},
};

TEST_F(Instructions, OnWordsGiveWhatTheYellowPaperSays) {
    for (const auto& c : kWordCases) {
        Code code;
        for (std::size_t i = c.in.size(); i-- > 0;)
            code.push(c.in[i]);
        EXPECT_EQ(top_after(code.op(c.op)), c.out) << info(c.op).name << " of " << c.in[0].to_hex();
    }
}

TEST_F(Instructions, PushReadsZerosPastTheEndOfTheCode) {
    // The last instruction; the jump over it returns what it would have pushed: nothing is left to check but
    // that it ends.
    for (std::uint8_t n = 1; n <= 32; ++n) {
        const Bytes code{static_cast<std::uint8_t>(0x5f + n), 0x01};
        EXPECT_EQ(run(code).status, Status::success);
    }
}

TEST_F(Instructions, PushTakesItsImmediateBigEndian) {
    for (std::uint8_t n = 1; n <= 32; ++n) {
        Bytes immediate(n);
        for (std::uint8_t i = 0; i < n; ++i)
            immediate[i] = static_cast<std::uint8_t>(i + 1);
        EXPECT_EQ(top_after(Code{}.push_bytes(immediate)), U256::from_be(immediate)) << int{n};
    }
}

TEST_F(Instructions, DupAndSwapReachSixteenDeep) {
    for (std::uint8_t n = 1; n <= 16; ++n) {
        Code code;
        for (std::uint64_t i = 0; i <= 16; ++i)
            code.push(100 + i);
        auto dup = code;
        EXPECT_EQ(top_after(dup.op(static_cast<Op>(0x7f + n))), U256{117U - n});
        EXPECT_EQ(top_after(code.op(static_cast<Op>(0x8f + n))), U256{116U - n});
    }
}

TEST_F(Instructions, CheckTheStackAgainstTheTable) {
    for (unsigned opcode = 0; opcode < 256; ++opcode) {
        const auto& facts = kOpcodes[opcode];
        if (!facts.defined()) continue;
        if (facts.in > 0) {
            Code code;
            for (unsigned i = 1; i < facts.in; ++i)
                code.push(0);
            EXPECT_EQ(run(code.op(static_cast<Op>(opcode))).status, Status::stack_underflow) << facts.name;
        }
        if (facts.out > facts.in) {
            Code code;
            for (int i = 0; i < 1024; ++i)
                code.push(1);
            EXPECT_EQ(run(code.op(static_cast<Op>(opcode))).status, Status::stack_overflow) << facts.name;
        }
    }
}

TEST_F(Instructions, AreUndefinedBeforeTheirFork) {
    for (unsigned opcode = 0; opcode < 256; ++opcode) {
        const auto& facts = kOpcodes[opcode];
        for (std::size_t r = 0; r < kRevisionCount; ++r) {
            const auto revision = static_cast<Revision>(r);
            Code code;
            for (unsigned i = 0; i < facts.in; ++i)
                code.push(0);
            const auto status = run(code.op(static_cast<Op>(opcode)), revision).status;
            EXPECT_EQ(status == Status::undefined_instruction,
                      !is_defined(static_cast<std::uint8_t>(opcode), revision))
                << opcode << " in fork " << r;
        }
    }
}

struct GasCase {
    Op op;
    Revision revision;
    Gas gas;
};

// Of an instruction whose operands are all 0, on a cold account or slot.
constexpr GasCase kGasCases[] = {
    {Op::balance, Revision::frontier, 20},
    {Op::balance, Revision::tangerine_whistle, 400},
    {Op::balance, Revision::istanbul, 700},
    {Op::balance, Revision::berlin, 2600},
    {Op::extcodesize, Revision::frontier, 20},
    {Op::extcodesize, Revision::tangerine_whistle, 700},
    {Op::extcodesize, Revision::berlin, 2600},
    {Op::extcodehash, Revision::constantinople, 400},
    {Op::extcodehash, Revision::istanbul, 700},
    {Op::extcodehash, Revision::berlin, 2600},
    {Op::sload, Revision::frontier, 50},
    {Op::sload, Revision::tangerine_whistle, 200},
    {Op::sload, Revision::istanbul, 800},
    {Op::sload, Revision::berlin, 2100},
    {Op::sstore, Revision::frontier, 5000},
    {Op::sstore, Revision::constantinople, 200},
    {Op::sstore, Revision::istanbul, 800},
    {Op::sstore, Revision::berlin, 2200},
    {Op::exp, Revision::frontier, 10},
    {Op::keccak256, Revision::frontier, 30},
    {Op::tload, Revision::cancun, 100},
    {Op::tstore, Revision::cancun, 100},
    {Op::log0, Revision::frontier, 375},
    {Op::log4, Revision::frontier, 1875},
    {Op::create, Revision::frontier, 32'000},
    {Op::create2, Revision::constantinople, 32'000},
    {Op::blockhash, Revision::frontier, 20},
    {Op::selfdestruct, Revision::frontier, 0},
    {Op::clz, Revision::osaka, 5},
};

TEST_F(Instructions, CostWhatTheirForkSays) {
    for (const auto& c : kGasCases) {
        Code code;
        for (unsigned i = 0; i < info(c.op).in; ++i)
            code.push(0);
        const auto pushes = 3 * Gas{info(c.op).in};
        EXPECT_EQ(gas_of(code.op(c.op), c.revision), pushes + c.gas)
            << info(c.op).name << " in fork " << static_cast<int>(c.revision);
    }
}

TEST_F(Instructions, SecondAccessIsWarmSinceBerlin) {
    const auto code =
        Code{}.push(5).op(Op::sload).push(5).op(Op::sload).push(7).op(Op::balance).push(7).op(Op::balance);
    EXPECT_EQ(gas_of(code, Revision::berlin), 4 * 3 + 2100 + 100 + 2600 + 100);
}

TEST_F(Instructions, MemoryCostsThreeAWordAndASquare) {
    EXPECT_EQ(gas_of(Code{}.push(0).op(Op::mload)), 3 + 3 + 3);
    EXPECT_EQ(gas_of(Code{}.push(1).op(Op::mload)), 3 + 3 + 6);
    EXPECT_EQ(gas_of(Code{}.push(32 * 1023).op(Op::mload)), 3 + 3 + 3 * 1024 + 1024 * 1024 / 512);
    EXPECT_EQ(run(Code{}.push(kMax).op(Op::mload)).status, Status::out_of_gas);
    EXPECT_EQ(run(Code{}.push(~0ULL).op(Op::mload)).status, Status::out_of_gas);
    EXPECT_EQ(run(Code{}.push(kMax).push(0).op(Op::return_)).status, Status::out_of_gas);
    EXPECT_EQ(run(Code{}.push(0).push(kMax).op(Op::return_)).status, Status::success);
}

TEST_F(Instructions, MemoryIsZeroWhenAFrameReusesIt) {
    const auto dirty = Code{}.push(kMax).push(8192).op(Op::mstore).push(kMax).push(0).op(Op::mstore);
    run(dirty);
    EXPECT_EQ(top_after(Code{}.push(8192).op(Op::mload)), U256{});
    EXPECT_EQ(top_after(Code{}.push(0).op(Op::mload)), U256{});
}

TEST_F(Instructions, JumpOnlyToDestinations) {
    EXPECT_EQ(run(Code{}.push(3).op(Op::jump).op(Op::jumpdest)).status, Status::success);
    EXPECT_EQ(run(Code{}.push(4).op(Op::jump).raw(Bytes{0x60, 0x5b})).status, Status::bad_jump_destination);
    EXPECT_EQ(run(Code{}.push(100).op(Op::jump)).status, Status::bad_jump_destination);
    EXPECT_EQ(run(Code{}.push(U256{1} << 64 | U256{3}).op(Op::jump).op(Op::jumpdest)).status,
              Status::bad_jump_destination);
    EXPECT_EQ(run(Code{}.push(0).push(kMax).op(Op::jumpi)).status, Status::success);
    EXPECT_EQ(run(Code{}.push(1).push(kMax).op(Op::jumpi)).status, Status::bad_jump_destination);
}

TEST_F(Instructions, JumpDestinationIsPaidForAlsoWhenTheJumpRunsIt) {
    const auto code = Code{}.push(3).op(Op::jump).op(Op::jumpdest);
    EXPECT_EQ(gas_of(code), 3 + 8 + 1);
    EXPECT_EQ(run(code, kLatestRevision, 11).status, Status::out_of_gas);
    EXPECT_EQ(run(code, kLatestRevision, 12).status, Status::success);
}

TEST_F(Instructions, CopiesPadWithZerosExceptReturnData) {
    const Bytes input{1, 2, 3};
    const auto copy = Code{}.push(32).push(1).push(0).op(Op::calldatacopy).push(0).op(Op::mload).return_top();
    EXPECT_EQ(U256::from_be(run(copy, kLatestRevision, 100'000, input).output), U256{0x0203} << 240);
    const auto load = Code{}.push(2).op(Op::calldataload).return_top();
    EXPECT_EQ(U256::from_be(run(load, kLatestRevision, 100'000, input).output), U256{3} << 248);
    EXPECT_EQ(run(Code{}.push(1).push(0).push(0).op(Op::returndatacopy)).status,
              Status::return_data_out_of_bounds);
    EXPECT_EQ(run(Code{}.push(0).push(1).push(0).op(Op::returndatacopy)).status,
              Status::return_data_out_of_bounds);
    EXPECT_EQ(run(Code{}.push(0).push(0).push(0).op(Op::returndatacopy)).status, Status::success);
}

TEST_F(Instructions, MemoryCopyMayOverlap) {
    const U256 word{0x0807060504030201ULL, 0x100f0e0d0c0b0a09ULL, 0x1817161514131211ULL,
                    0x201f1e1d1c1b1a19ULL};
    const auto code =
        Code{}.push(word).push(0).op(Op::mstore).push(32).push(0).push(1).op(Op::mcopy).push(1).op(Op::mload);
    EXPECT_EQ(top_after(code), word);
}

TEST_F(Instructions, StorageFollowsNetMetering) {
    // EIP-3529's table: writes to slot 0, its original value, gas without the pushes, refund.
    struct Case {
        std::vector<std::uint64_t> writes;
        std::uint64_t original;
        Gas gas;
        Gas refund;
    };
    const Case cases[] = {
        {{0, 0}, 0, 2200 + 100, 0},   {{0, 1}, 0, 2200 + 20'000, 0}, {{1, 0}, 0, 22'100 + 100, 19'900},
        {{1, 2}, 0, 22'100 + 100, 0}, {{0, 0}, 1, 5000 + 100, 4800}, {{0, 1}, 1, 5000 + 100, 2800},
        {{0, 2}, 1, 5000 + 100, 0},   {{2, 0}, 1, 5000 + 100, 4800}, {{2, 1}, 1, 5000 + 100, 2800},
        {{1, 1}, 1, 2200 + 100, 0},
    };
    for (const auto& c : cases) {
        Code code;
        for (const auto value : c.writes)
            code.push(value).push(0).op(Op::sstore);
        host.put_storage(testing::kContract, 0, c.original);
        const auto pushes = 6 * static_cast<Gas>(c.writes.size());
        EXPECT_EQ(gas_of(code, Revision::london) - pushes, c.gas) << c.writes[0] << c.writes[1] << c.original;
        EXPECT_EQ(host.refund(), c.refund) << c.writes[0] << c.writes[1] << c.original;
    }
}

TEST_F(Instructions, StorageWriteNeedsMoreThanTheStipend) {
    const auto code = Code{}.push(0).push(0).op(Op::sstore);
    EXPECT_EQ(run(code, Revision::istanbul, 6 + 2300).status, Status::out_of_gas);
    EXPECT_EQ(run(code, Revision::istanbul, 6 + 2301).status, Status::success);
}

TEST_F(Instructions, ThatWriteFailInStaticFrames) {
    is_static = true;
    const auto destroy = Code{}.push(0).op(Op::selfdestruct);
    for (const auto& code :
         {Code{}.push(0).push(0).op(Op::sstore), Code{}.push(0).push(0).op(Op::tstore),
          Code{}.push(0).push(0).op(Op::log0), Code{}.push(0).push(0).push(0).op(Op::create), destroy,
          testing::call(Op::call, testing::kOther, 1)}) {
        EXPECT_EQ(run(code).status, Status::static_mode_violation);
    }
    EXPECT_EQ(run(testing::call(Op::call, testing::kOther)).status, Status::success);
}

TEST_F(Instructions, BlockHashIsOfTheLast256) {
    EXPECT_NE(top_after(Code{}.push(999).op(Op::blockhash)), U256{});
    EXPECT_NE(top_after(Code{}.push(744).op(Op::blockhash)), U256{});
    EXPECT_EQ(top_after(Code{}.push(743).op(Op::blockhash)), U256{});
    EXPECT_EQ(top_after(Code{}.push(1000).op(Op::blockhash)), U256{});
}

TEST_F(Instructions, LogsCarryTopicsAndData) {
    const auto code =
        Code{}.push(0xabcd).push(0).op(Op::mstore).push(7).push(6).push(2).push(30).op(Op::log2);
    ASSERT_EQ(run(code).status, Status::success);
    ASSERT_EQ(host.logs().size(), 1U);
    const auto& log = host.logs()[0];
    EXPECT_EQ(log.address, testing::kContract);
    EXPECT_EQ(log.topics, (std::vector<Hash>{U256{6}.to_hash(), U256{7}.to_hash()}));
    EXPECT_EQ(log.data, (Bytes{0xab, 0xcd}));
}

}  // namespace
}  // namespace valence::evm
