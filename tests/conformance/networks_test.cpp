#include "networks.hpp"

#include "exceptions.hpp"
#include <gtest/gtest.h>

#include "valence/chain/chain_error.hpp"

namespace valence::conformance {
namespace {

using chain::Consensus;
using evm::Revision;

TEST(Networks, EveryForkNameHasItsRevision) {
    const std::pair<const char*, Revision> names[] = {
        {"Frontier", Revision::frontier},
        {"EIP150", Revision::tangerine_whistle},
        {"EIP158", Revision::spurious_dragon},
        {"Constantinople", Revision::constantinople},
        {"ConstantinopleFix", Revision::petersburg},
        {"MuirGlacier", Revision::istanbul},
        {"ArrowGlacier", Revision::london},
        {"Merge", Revision::paris},
        {"Paris", Revision::paris},
        {"Osaka", Revision::osaka},
        {"BPO2", Revision::osaka},
    };
    for (const auto& [name, revision] : names) {
        ASSERT_TRUE(rules_of_network(name).has_value()) << name;
        EXPECT_EQ(rules_of_network(name)->revision(1, 1), revision) << name;
    }
    for (const auto* name :
         {"", "Amsterdam", "FrontierToAt5", "FrontierToHomesteadAt", "LondonToParisAtTime15x"}) {
        EXPECT_FALSE(rules_of_network(name).has_value()) << name;
    }
}

TEST(Networks, TransitionsByBlockTurnAtTheirBlock) {
    struct Case {
        const char* name;
        Revision before;
        Revision after;
    };
    const Case cases[] = {
        {"FrontierToHomesteadAt5", Revision::frontier, Revision::homestead},
        {"HomesteadToEIP150At5", Revision::homestead, Revision::tangerine_whistle},
        {"EIP158ToByzantiumAt5", Revision::spurious_dragon, Revision::byzantium},
        {"ByzantiumToConstantinopleFixAt5", Revision::byzantium, Revision::petersburg},
        {"BerlinToLondonAt5", Revision::berlin, Revision::london},
    };
    for (const auto& c : cases) {
        const auto rules = rules_of_network(c.name);
        ASSERT_TRUE(rules.has_value()) << c.name;
        EXPECT_EQ(rules->revision(4, 0, Consensus::proof_of_work), c.before) << c.name;
        EXPECT_EQ(rules->revision(5, 0, Consensus::proof_of_work), c.after) << c.name;
    }
    EXPECT_EQ(rules_of_network("HomesteadToDaoAt5")->at(chain::Fork::dao), 5u);
}

TEST(Networks, TransitionsByTimeAndDifficulty) {
    for (const auto* name : {"MergeToShanghaiAtTime15k", "ParisToShanghaiAtTime15k"}) {
        EXPECT_EQ(rules_of_network(name)->revision(1, 14'999), Revision::paris);
        EXPECT_EQ(rules_of_network(name)->revision(1, 15'000), Revision::shanghai);
    }
    EXPECT_EQ(rules_of_network("PragueToOsakaAtTime15k")->revision(1, 15'000), Revision::osaka);
    EXPECT_EQ(rules_of_network("BPO1ToBPO2AtTime15k")->blobs_at(1, 14'999)->max, 15u);
    EXPECT_EQ(rules_of_network("BPO1ToBPO2AtTime15k")->blobs_at(1, 15'000)->max, 21u);
    const auto merge = rules_of_network("ArrowGlacierToMergeAtDiffC0000");
    EXPECT_EQ(merge->terminal_total_difficulty, U256{0xc0000});
    EXPECT_EQ(merge->revision(9, 9, Consensus::proof_of_work), Revision::london);
    EXPECT_EQ(merge->revision(9, 9, Consensus::merged), Revision::paris);
}

TEST(Exceptions, AnyOfTheNamedRulesWillDo) {
    const Error funds{chain::ChainError::insufficient_funds};
    EXPECT_TRUE(is_expected("TransactionException.INSUFFICIENT_ACCOUNT_FUNDS", funds));
    EXPECT_TRUE(is_expected("TransactionException.INTRINSIC_GAS_TOO_LOW|INSUFFICIENT_ACCOUNT_FUNDS", funds));
    EXPECT_FALSE(is_expected("TransactionException.INTRINSIC_GAS_TOO_LOW", funds));
    EXPECT_TRUE(is_expected("TransactionException.SOMETHING_NEW", funds));
}

}  // namespace
}  // namespace valence::conformance
