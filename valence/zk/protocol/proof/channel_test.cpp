#include "valence/zk/protocol/proof/channel.hpp"

#include <gtest/gtest.h>

namespace valence::zk {
namespace {

template <typename E>
E element(std::uint64_t first) {
    if constexpr (ExtensionElement<E>) {
        typename E::Coefficients c;
        for (Goldilocks& x : c)
            x = Goldilocks(first++);
        return E(c);
    } else {
        return Goldilocks(first);
    }
}

template <typename E>
class ProofCodec : public ::testing::Test {};
using Fields = ::testing::Types<Goldilocks, Extension2, Extension3>;
TYPED_TEST_SUITE(ProofCodec, Fields);

TYPED_TEST(ProofCodec, ReadsWhatWasWritten) {
    const std::vector elements{element<TypeParam>(0), element<TypeParam>(Goldilocks::kModulus - 3)};
    ProofWriter writer;
    writer.put(elements[1]);
    writer.put_all(elements);
    writer.put(Hash({1, 2, 3}));
    writer.put_number(0x0807060504030201);
    EXPECT_EQ(writer.bytes().size(), 8 * 3 * kCoefficients<TypeParam> + 40);
    EXPECT_EQ(writer.bytes()[writer.bytes().size() - 8], 1);

    ProofReader reader(writer.bytes());
    EXPECT_EQ(reader.take<TypeParam>().value(), elements[1]);
    EXPECT_EQ(reader.take_all<TypeParam>(2).value(), elements);
    EXPECT_EQ(reader.take_digest().value(), Hash({1, 2, 3}));
    EXPECT_EQ(reader.take_number().value(), 0x0807060504030201U);
    EXPECT_TRUE(reader.finish());
}

TYPED_TEST(ProofCodec, EachCoefficientMustBeBelowTheModulus) {
    for (std::size_t i = 0; i < kCoefficients<TypeParam>; ++i) {
        for (const std::uint64_t word : {Goldilocks::kModulus, Goldilocks::kModulus + 1, ~std::uint64_t{0}}) {
            ProofWriter writer;
            for (std::size_t j = 0; j < kCoefficients<TypeParam>; ++j)
                writer.put_number(i == j ? word : 5);
            EXPECT_EQ(ProofReader(writer.bytes()).take<TypeParam>().error(),
                      Error(ProofError::not_canonical));
            EXPECT_EQ(ProofReader(writer.bytes()).take_all<TypeParam>(1).error(),
                      Error(ProofError::not_canonical));
        }
    }
}

TYPED_TEST(ProofCodec, EveryTruncationIsRefused) {
    ProofWriter writer;
    writer.put_all(std::vector{element<TypeParam>(1), element<TypeParam>(2)});
    const BytesView whole = writer.bytes();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_EQ(ProofReader(whole.first(size)).take_all<TypeParam>(2).error(),
                  Error(ProofError::truncated));
        if (size < whole.size() / 2) {
            EXPECT_EQ(ProofReader(whole.first(size)).take<TypeParam>().error(), Error(ProofError::truncated));
        }
    }
}

TYPED_TEST(ProofCodec, ACountBeyondTheBytesTakesNoMemory) {
    const Bytes bytes(64);
    for (const std::size_t count : {std::size_t{9}, std::size_t{1} << 61, ~std::size_t{0}})
        EXPECT_EQ(ProofReader(bytes).take_all<TypeParam>(count).error(), Error(ProofError::truncated));
}

TEST(ProofReader, RefusesWhatIsLeftAndReadsNothingThatIsNotThere) {
    const Bytes bytes(33);
    ProofReader reader(bytes);
    EXPECT_TRUE(reader.take_digest());
    EXPECT_EQ(reader.finish().error(), Error(ProofError::trailing_bytes));
    EXPECT_EQ(reader.take_number().error(), Error(ProofError::truncated));
    EXPECT_EQ(reader.take_digest().error(), Error(ProofError::truncated));
    EXPECT_EQ(reader.take_bytes(2).error(), Error(ProofError::truncated));
    EXPECT_EQ(reader.take_bytes(1).value().size(), 1U);
    EXPECT_TRUE(reader.finish());
    EXPECT_EQ(reader.take_bytes(~std::size_t{0}).error(), Error(ProofError::truncated));
}

/// A conversation with everything that can be said; the last challenge.
Extension2 speak(ProverChannel channel) {
    channel.send("root", Hash({9}));
    channel.send("value", element<Extension2>(3));
    const auto r = channel.challenge<Extension2>("r");
    channel.send_all("values", std::vector{r, r + r});
    channel.send_all("base", std::vector{Goldilocks(4)});
    channel.grind("work", 6);
    channel.grind("none", 0);
    return channel.challenge<Extension2>("last");
}

Result<Extension2> listen(VerifierChannel channel) {
    BOOST_OUTCOME_TRY(channel.receive_digest("root"));
    BOOST_OUTCOME_TRY(channel.receive<Extension2>("value"));
    channel.challenge<Extension2>("r");
    BOOST_OUTCOME_TRY(channel.receive_all<Extension2>("values", 2));
    BOOST_OUTCOME_TRY(channel.receive_all<Goldilocks>("base", 1));
    BOOST_OUTCOME_TRY(channel.check_grinding("work", 6));
    BOOST_OUTCOME_TRY(channel.check_grinding("none", 0));
    BOOST_OUTCOME_TRY(channel.proof.finish());
    return channel.challenge<Extension2>("last");
}

Result<Extension2> listen_to(BytesView proof) {
    Transcript transcript("test");
    ProofReader reader(proof);
    return listen({transcript, reader});
}

TEST(Channel, BothSidesArriveAtTheSameChallenge) {
    Transcript transcript("test");
    ProofWriter writer;
    const auto last = speak({transcript, writer});
    EXPECT_EQ(listen_to(writer.bytes()).value(), last);
}

TEST(Channel, EveryByteSentIsAbsorbed) {
    Transcript transcript("test");
    ProofWriter writer;
    const auto last = speak({transcript, writer});
    for (std::size_t i = 0; i < writer.bytes().size(); ++i) {
        Bytes altered = writer.bytes();
        altered[i] ^= 1;
        const auto heard = listen_to(altered);
        EXPECT_TRUE(!heard || heard.value() != last) << i;
    }
}

TEST(Channel, MissingWorkIsRefusedAsSuch) {
    Transcript transcript("test");
    ProofWriter writer;
    speak({transcript, writer});
    int refused = 0;
    for (std::uint8_t nonce = 100; nonce < 164; ++nonce) {
        Bytes altered = writer.bytes();
        altered[altered.size() - 8] = nonce;
        const auto heard = listen_to(altered);
        if (heard) continue;  // one nonce in 64 has the work by chance
        EXPECT_EQ(heard.error(), Error(ProofError::wrong_grinding));
        ++refused;
    }
    EXPECT_GT(refused, 50);
}

}  // namespace
}  // namespace valence::zk
