// Every fused sequence against the reference machine, at the edges where fused and plain code could part:
// stacks too shallow and too full by one, gas that ends at any instruction, destinations that are none, code
// that ends within the sequence.
#include "valence/evm/fusion.hpp"

#include <gtest/gtest.h>

#include "valence/evm/reference/scenario.hpp"
#include "valence/evm/testing/fixture.hpp"

namespace valence::evm {
namespace {

using testing::Code;
using testing::kContract;
using testing::kSender;

/// What the words on the stack and the destination of PUSH2 are.
enum class Words { zeros, numbers, destinations };
enum class Destination { valid, no_jumpdest, past_the_end };

struct Case {
    const Fusion* fusion;
    Revision revision;
    std::size_t depth;
    Words words;
    Destination destination;
};

bool jumps(const Fusion& fusion) { return fusion.second == Op::jump || fusion.second == Op::jumpi; }

void append(Code& code, Op op, std::size_t destination) {
    code.op(op);
    const auto size = info(op).immediate;
    for (unsigned i = 0; i < size; ++i)
        code.raw(Bytes{static_cast<std::uint8_t>(size == 1 ? 0x21 : destination >> (8 * (size - 1 - i)))});
}

/// Returns the three words on top.
void append_answer(Code& code) {
    for (const auto at : {0, 32, 64})
        code.push(static_cast<std::uint64_t>(at)).op(Op::mstore);
    code.push(96).push(0).op(Op::return_);
}

/// Pushes, then the sequence, then the answer for going on and, at a JUMPDEST, that for jumping.
Code code_of(const Case& c) {
    // PUSH2 and two bytes for each word; the sequence; the answer.
    Code answer;
    append_answer(answer);
    Code sequence;
    const auto append_sequence = [&](Code& to, std::size_t destination) {
        append(to, c.fusion->first, destination);
        if (c.fusion->then_jumpi) append(to, kPush2, destination);
        append(to, c.fusion->second, destination);
    };
    append_sequence(sequence, 0);
    const auto jumpdest = 3 * c.depth + sequence.size() + answer.size();
    const auto destination = c.destination == Destination::valid         ? jumpdest
                             : c.destination == Destination::no_jumpdest ? jumpdest - 1
                                                                         : jumpdest + 1000;
    Code code;
    for (std::size_t i = 0; i < c.depth; ++i) {
        const auto word = c.words == Words::zeros ? 0 : c.words == Words::numbers ? 5 * i + 3 : destination;
        code.push_bytes(Bytes{static_cast<std::uint8_t>(word >> 8), static_cast<std::uint8_t>(word)});
    }
    append_sequence(code, destination);
    return code.append(answer).op(Op::jumpdest).append(answer);
}

std::optional<std::string> difference(BytesView code, Revision revision, Gas gas) {
    reference::Scenario scenario;
    scenario.revision = revision;
    scenario.message.sender = kSender;
    scenario.message.recipient = scenario.message.code_address = kContract;
    scenario.message.gas = gas;
    scenario.accounts[kSender].balance = 1;
    scenario.accounts[kContract].code = base::to_bytes(code);
    return reference::difference(scenario);
}

/// With gas that suffices, and with gas that ends at each place from the sequence on.
void compare(const Case& c) {
    const auto code = code_of(c);
    const auto pushes = static_cast<Gas>(3 * c.depth);
    constexpr Gas kEnough = 100'000;
    const auto text = [&](Gas gas, const std::string& found) {
        return base::to_hex(code) + ", fork " + std::to_string(static_cast<int>(c.revision)) + ", gas " +
               std::to_string(gas) + ": " + found;
    };
    if (const auto found = difference(code, c.revision, kEnough)) FAIL() << text(kEnough, *found);
    // Deep stacks are about room alone.
    if (c.depth > 100) return;
    for (Gas gas = pushes; gas < pushes + 36; ++gas) {
        if (const auto found = difference(code, c.revision, gas)) FAIL() << text(gas, *found);
    }
}

TEST(Fusion, FailsAndSucceedsAsItsInstructionsDo) {
    for (const auto& fusion : kFusions) {
        for (const auto revision : {Revision::homestead, kLatestRevision}) {
            for (const std::size_t depth : {0, 1, 2, 3, 4, 5, 7, 8, 11, 1021, 1022, 1023, 1024}) {
                for (const auto words : {Words::zeros, Words::numbers, Words::destinations}) {
                    compare({&fusion, revision, depth, words, Destination::valid});
                    if (!jumps(fusion)) continue;
                    compare({&fusion, revision, depth, words, Destination::no_jumpdest});
                    compare({&fusion, revision, depth, words, Destination::past_the_end});
                }
                if (::testing::Test::HasFatalFailure()) return;
            }
        }
    }
}

TEST(Fusion, MayEndWithTheCode) {
    for (const auto& fusion : kFusions) {
        const auto code = code_of({&fusion, kLatestRevision, 11, Words::numbers, Destination::valid}).bytes();
        for (std::size_t size = 33; size < code.size(); ++size) {
            const auto found = difference(BytesView{code}.first(size), kLatestRevision, 100'000);
            ASSERT_FALSE(found) << base::to_hex(BytesView{code}.first(size)) << ": " << *found;
        }
    }
}

// A byte that stands for a fusion is undefined where the code itself has it.
TEST(Fusion, BytesOfFusionsAreUndefinedInCode) {
    for (unsigned byte = 0; byte < 256; ++byte) {
        if (kOpcodes[byte].defined()) continue;
        const Bytes code{0x60, 1, 0x60, 2, 0x60, 3, static_cast<std::uint8_t>(byte), 0x60, 0};
        const auto found = difference(code, kLatestRevision, 100'000);
        ASSERT_FALSE(found) << byte << ": " << *found;
    }
}

}  // namespace
}  // namespace valence::evm
