// Proofs' files come from anyone: one encoding, every truncation refused, no memory for what is not there.
#include "valence/zk/protocol/files/proof_file.hpp"

#include <gtest/gtest.h>

#include "valence/zk/protocol/proof/proof_error.hpp"

namespace valence::zk {
namespace {

using ml::ElementType;

ProofFile example() {
    return {ml::ModelId({1, 2, 3}),
            {{ElementType::activation, {2, 2}, {-32768, 32767, -1, 0}},
             {ElementType::index, {}, {-2147483648LL}}},
            {{ElementType::index, {1, 3}, {2147483647, -1, 7}}},
            {9, 8},
            {5, 6, 7}};
}

/// Where the first tensor begins: after magic, version, model and the number of inputs.
constexpr std::size_t kFirstTensor = 8 + 32 + 2;

TEST(ProofFile, ReadsWhatWasWritten) {
    const auto bytes = encode_proof_file(example()).value();
    EXPECT_EQ(decode_proof_file(bytes).value(), example());
    EXPECT_TRUE(is_proof_file(bytes));
    const ProofFile empty;
    EXPECT_EQ(decode_proof_file(encode_proof_file(empty).value()).value(), empty);
}

TEST(ProofFile, TheStatementIsOfItsTensors) {
    const ProofFile file = example();
    const Statement statement = file.statement();
    EXPECT_EQ(statement.model, file.model);
    EXPECT_EQ(statement.inputs.size(), 2U);
    EXPECT_EQ(statement.outputs[0], file.outputs[0]);
    EXPECT_TRUE(base::equal(statement.context, file.context));
}

TEST(ProofFile, IsNeitherCutNorContinued) {
    Bytes bytes = encode_proof_file(example()).value();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const auto cut = decode_proof_file(BytesView(bytes).first(size));
        ASSERT_FALSE(cut.has_value()) << size;
        EXPECT_EQ(cut.error(), Error(size < 7 ? ProofError::unknown_format : ProofError::truncated)) << size;
    }
    bytes.push_back(0);
    EXPECT_EQ(decode_proof_file(bytes).error(), Error(ProofError::trailing_bytes));
}

TEST(ProofFile, WhateverIsChangedIsRefusedOrSaysSomethingElse) {
    const Bytes bytes = encode_proof_file(example()).value();
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (const unsigned change : {0x01U, 0x80U, 0xffU}) {
            Bytes changed = bytes;
            changed[at] = static_cast<std::uint8_t>(changed[at] ^ change);
            const auto read = decode_proof_file(changed);
            if (!read) continue;
            EXPECT_NE(read.value(), example()) << at;
            EXPECT_EQ(encode_proof_file(read.value()).value(), changed) << at;
        }
    }
}

TEST(ProofFile, AnotherKindOrVersionIsNamedSo) {
    Bytes bytes = encode_proof_file(example()).value();
    bytes[7] = 2;
    EXPECT_EQ(decode_proof_file(bytes).error(), Error(ProofError::unknown_format));
    bytes[0] = 'V';
    EXPECT_FALSE(is_proof_file(bytes));
    EXPECT_EQ(decode_proof_file(bytes).error(), Error(ProofError::unknown_format));
}

TEST(ProofFile, ATensorHasAKnownTypeAndRank) {
    Bytes bytes = encode_proof_file(example()).value();
    bytes[kFirstTensor] = 2;
    EXPECT_EQ(decode_proof_file(bytes).error(), Error(ProofError::not_canonical));
    bytes[kFirstTensor] = 0;
    bytes[kFirstTensor + 1] = ml::kMaxRank + 1;
    EXPECT_EQ(decode_proof_file(bytes).error(), Error(ProofError::not_canonical));
}

TEST(ProofFile, SizesBeyondTheBytesTakeNoMemory) {
    Bytes bytes = encode_proof_file(example()).value();
    for (std::size_t k = 0; k < 4; ++k)
        bytes[kFirstTensor + 2 + k] = k == 3 ? 0x10 : 0;  // an extent of 2^28, in a tensor of 2^29 elements
    EXPECT_EQ(decode_proof_file(bytes).error(), Error(ProofError::truncated));
    for (std::size_t k = 0; k < 8; ++k)
        bytes[kFirstTensor + 2 + k] = 0xff;
    EXPECT_EQ(decode_proof_file(bytes).error(), Error(ProofError::not_canonical));
}

TEST(ProofFile, WhatWouldNotBeReadIsNotWritten) {
    ProofFile file = example();
    file.context.resize(kMaxContext);
    EXPECT_TRUE(decode_proof_file(encode_proof_file(file).value()));
    file.context.resize(kMaxContext + 1);
    EXPECT_EQ(encode_proof_file(file).error(), Error(ProofError::too_long));
    file = example();
    file.proof.resize(kMaxProofFile);
    EXPECT_EQ(encode_proof_file(file).error(), Error(ProofError::too_long));
}

}  // namespace
}  // namespace valence::zk
