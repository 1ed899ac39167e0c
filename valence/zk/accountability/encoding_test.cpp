// Proofs that say the same in another way, or say more or less: there is one encoding of a proof.
#include <algorithm>

#include <gtest/gtest.h>

#include "valence/zk/accountability/layers.hpp"
#include "valence/zk/protocol/argument/account.hpp"
#include "valence/zk/protocol/proof/little_endian.hpp"

namespace valence::zk {
namespace {

using testing::Attempted;
using testing::Conversation;

struct Honest {
    Attempted proved;
    std::vector<Conversation::Item> sent;
};
const Honest& honest() {
    static const Honest made = [] {
        Conversation conversation;
        Honest all{conversation.run(testing::layers().model, testing::layers().honest()), {}};
        std::ranges::copy_if(conversation.items(), std::back_inserter(all.sent), &Conversation::Item::sent);
        return all;
    }();
    return made;
}

std::error_code verdict_on(Bytes proof) {
    Attempted other = honest().proved;
    other.proof = std::move(proof);
    return verdict(testing::layers().model.provable(), other);
}

Bytes with_word(std::size_t at, std::uint64_t word) {
    Bytes proof = honest().proved.proof;
    std::ranges::copy(little_endian(word), proof.begin() + static_cast<std::ptrdiff_t>(at));
    return proof;
}

TEST(Encoding, NoElementOfAnyMessageHasASecondOne) {
    for (const auto& item : honest().sent) {
        if (item.honest.words.empty()) continue;
        // Of the vector in clear some.
        const std::size_t step = item.honest.words.size() > 16 ? 37 : 1;
        for (std::size_t word = 0; word < item.honest.words.size(); word += step) {
            const std::size_t at = item.offset + 8 * word;
            // p and what is above it: the element's own second form, if it has one, and others.
            const std::uint64_t value = item.honest.words[word];
            for (const std::uint64_t other :
                 {value + Goldilocks::kModulus, Goldilocks::kModulus, ~std::uint64_t{0}}) {
                if (other < Goldilocks::kModulus) continue;
                ASSERT_EQ(verdict_on(with_word(at, other)), ProofError::not_canonical)
                    << item.honest.label << " at " << at;
            }
        }
    }
}

TEST(Encoding, NothingFollowsAProof) {
    const Bytes& proof = honest().proved.proof;
    for (const Bytes& more : {Bytes{0}, Bytes{1}, Bytes(32), proof}) {
        Bytes longer = proof;
        base::append(longer, more);
        EXPECT_EQ(verdict_on(longer), ProofError::trailing_bytes);
    }
}

TEST(Encoding, NothingIsLackingAtItsEnd) {
    const Bytes& proof = honest().proved.proof;
    // Within the last message and after each message.
    for (std::size_t less = 1; less <= 32; ++less)
        EXPECT_EQ(verdict_on(Bytes(proof.begin(), proof.end() - static_cast<std::ptrdiff_t>(less))),
                  ProofError::truncated);
    for (const auto& item : honest().sent) {
        EXPECT_EQ(verdict_on(Bytes(proof.begin(), proof.begin() + static_cast<std::ptrdiff_t>(item.offset))),
                  ProofError::truncated);
    }
    EXPECT_EQ(verdict_on({}), ProofError::truncated);
    EXPECT_EQ(verdict_on({1}), ProofError::truncated);
}

// A round too many, or one left out: all that follows is read as something else.
TEST(Encoding, RoundsAreAsManyAsTheCircuitHas) {
    const Bytes& proof = honest().proved.proof;
    for (const auto& item : honest().sent) {
        const std::string& label = item.honest.label;
        if (item.honest.words.empty()) continue;
        const auto begin = static_cast<std::ptrdiff_t>(item.offset);
        const auto size = static_cast<std::ptrdiff_t>(item.honest.encoded().size());
        Bytes twice = proof;
        twice.insert(twice.begin() + begin, proof.begin() + begin, proof.begin() + begin + size);
        EXPECT_TRUE(verdict_on(twice)) << label;
        Bytes without = proof;
        without.erase(without.begin() + begin, without.begin() + begin + size);
        EXPECT_TRUE(verdict_on(without)) << label;
    }
}

TEST(Encoding, TheDegreeIsTheProfiles) {
    Bytes other = honest().proved.proof;
    ASSERT_EQ(other[1], 100);
    other[1] = 128;
    EXPECT_TRUE(verdict_on(other));
    const auto& sample = testing::layers();
    Proved larger = prove(sample.model, sample.inputs, honest().proved.context, kProfile128).value();
    EXPECT_EQ(verdict_on(larger.proof), std::error_code());
    larger.proof[1] = 100;
    EXPECT_TRUE(verdict_on(larger.proof));
}

/// Where the last queries' nonce is, and the leaves after it.
std::size_t last_work() {
    const auto vector = std::ranges::find(honest().sent, "opening: vector",
                                          [](const auto& item) { return item.honest.label; });
    return vector->offset + vector->honest.encoded().size();
}

// Positions that are drawn twice are opened once; a leaf given twice, or two exchanged, lead nowhere.
TEST(Encoding, LeavesAreGivenOnceAndInOrder) {
    const Bytes& proof = honest().proved.proof;
    const auto opening = secure_parameters(honest().proved.circuit, kProfile100).value();
    const auto leaf = static_cast<std::ptrdiff_t>(8 * opening.tables[0].shape.oracle().rows);
    const auto first = static_cast<std::ptrdiff_t>(last_work() + (opening.grinding_bits > 0 ? 8 : 0));
    Bytes twice = proof;
    twice.insert(twice.begin() + first, proof.begin() + first, proof.begin() + first + leaf);
    EXPECT_EQ(verdict_on(twice), ProofError::merkle_mismatch);
    Bytes exchanged = proof;
    std::swap_ranges(exchanged.begin() + first, exchanged.begin() + first + leaf,
                     exchanged.begin() + first + leaf);
    EXPECT_EQ(verdict_on(exchanged), ProofError::merkle_mismatch);
    Bytes replaced = proof;
    std::copy_n(proof.begin() + first, leaf, replaced.begin() + first + leaf);
    EXPECT_EQ(verdict_on(replaced), ProofError::merkle_mismatch);
}

// A prover that does no work and goes on with any nonce.
TEST(Encoding, ProofsWithoutWorkAreRefused) {
    class Idle final : public testing::Tap {
    public:
        std::optional<std::uint64_t> nonce() override { return given; }
        std::uint64_t given = 0;
    };
    const auto& sample = testing::layers();
    ASSERT_GT(secure_parameters(honest().proved.circuit, kProfile100).value().grinding_bits, 0);
    int refused = 0;
    for (std::uint64_t nonce = 0; nonce < 8; ++nonce) {
        Attempted lazy;
        {
            Idle idle;
            const testing::Tapped tapped(idle);
            idle.given = nonce;
            lazy = attempt(sample.model, sample.honest()).value();
        }
        const auto found = verdict(sample.model.provable(), lazy);
        if (!found) continue;  // had the work by chance
        EXPECT_EQ(found, ProofError::wrong_grinding);
        ++refused;
    }
    EXPECT_GT(refused, 4);
}

}  // namespace
}  // namespace valence::zk
