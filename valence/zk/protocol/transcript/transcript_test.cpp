#include "valence/zk/protocol/transcript/transcript.hpp"

#include <functional>

#include <gtest/gtest.h>

#include "valence/zk/protocol/transcript/uniform.hpp"

namespace valence::zk {
namespace {

using base::as_bytes;

std::uint64_t word_after(const std::function<void(Transcript&)>& calls) {
    Transcript transcript("test");
    calls(transcript);
    return transcript.positions("end", 1, 64).front();
}

// Sequences that would hash the same bytes if a frame lacked its label, its kind or a length.
TEST(Transcript, SequencesThatDifferInAnythingGiveOtherChallenges) {
    using Calls = std::function<void(Transcript&)>;
    const Goldilocks zero, one(1);
    const Extension2 pair(Extension2::Coefficients{zero, one});
    const Extension3 triple(Extension3::Coefficients{zero, one, zero});
    const std::vector<std::pair<const char*, Calls>> table{
        {"nothing", [](Transcript&) {}},
        {"empty bytes", [](Transcript& t) { t.absorb("a", BytesView()); }},
        {"empty bytes twice",
         [](Transcript& t) {
             t.absorb("a", BytesView());
             t.absorb("a", BytesView());
         }},
        {"empty label", [](Transcript& t) { t.absorb("", BytesView()); }},
        {"ab|c", [](Transcript& t) { t.absorb("ab", as_bytes("c")); }},
        {"a|bc", [](Transcript& t) { t.absorb("a", as_bytes("bc")); }},
        {"|abc", [](Transcript& t) { t.absorb("", as_bytes("abc")); }},
        {"bytes b, bytes c",
         [](Transcript& t) {
             t.absorb("a", as_bytes("b"));
             t.absorb("a", as_bytes("c"));
         }},
        {"bytes c, bytes b",
         [](Transcript& t) {
             t.absorb("a", as_bytes("c"));
             t.absorb("a", as_bytes("b"));
         }},
        {"bytes bc and a trailing zero", [](Transcript& t) { t.absorb("a", Bytes{'b', 'c', 0}); }},
        {"eight bytes of zero", [](Transcript& t) { t.absorb("a", Bytes(8)); }},
        {"number 0", [](Transcript& t) { t.absorb_number("a", 0); }},
        {"number 1", [](Transcript& t) { t.absorb_number("a", 1); }},
        {"base 0", [&](Transcript& t) { t.absorb("a", zero); }},
        {"base span of 0", [&](Transcript& t) { t.absorb_all("a", std::vector{zero}); }},
        {"base 0, 1",
         [&](Transcript& t) {
             t.absorb("a", zero);
             t.absorb("a", one);
         }},
        {"base span 0, 1", [&](Transcript& t) { t.absorb_all("a", std::vector{zero, one}); }},
        {"base span 0, 1, 0", [&](Transcript& t) { t.absorb_all("a", std::vector{zero, one, zero}); }},
        {"degree 2", [&](Transcript& t) { t.absorb("a", pair); }},
        {"degree 2, span of one", [&](Transcript& t) { t.absorb_all("a", std::vector{pair}); }},
        {"degree 2, span of two", [&](Transcript& t) { t.absorb_all("a", std::vector{pair, pair}); }},
        {"degree 2, empty span", [&](Transcript& t) { t.absorb_all("a", std::vector<Extension2>()); }},
        {"degree 3", [&](Transcript& t) { t.absorb("a", triple); }},
        {"degree 3, empty span", [&](Transcript& t) { t.absorb_all("a", std::vector<Extension3>()); }},
        {"challenge 2", [](Transcript& t) { t.challenge<Extension2>("a"); }},
        {"challenge 3", [](Transcript& t) { t.challenge<Extension3>("a"); }},
        {"challenge twice",
         [](Transcript& t) {
             t.challenge<Extension2>("a");
             t.challenge<Extension2>("a");
         }},
        {"two challenges", [](Transcript& t) { t.challenges<Extension2>("a", 2); }},
        {"one of challenges", [](Transcript& t) { t.challenges<Extension2>("a", 1); }},
        {"one position of 2^3", [](Transcript& t) { t.positions("a", 1, 3); }},
        {"one position of 2^4", [](Transcript& t) { t.positions("a", 1, 4); }},
        {"two positions of 2^3", [](Transcript& t) { t.positions("a", 2, 3); }},
        {"grinding 0 bits, nonce 0", [](Transcript& t) { t.check_grinding("a", 0, 0); }},
        {"grinding 1 bit, nonce 0", [](Transcript& t) { t.check_grinding("a", 1, 0); }},
        {"grinding 1 bit, nonce 1", [](Transcript& t) { t.check_grinding("a", 1, 1); }},
        {"the frame of an empty label, as bytes",
         [](Transcript& t) { t.absorb("", Bytes{0, 3, 0, 0, 0, 0, 0, 0, 0, 0}); }},
    };
    std::map<std::uint64_t, const char*> seen;
    for (const auto& [name, calls] : table) {
        const auto [entry, fresh] = seen.emplace(word_after(calls), name);
        EXPECT_TRUE(fresh) << name << " collides with " << entry->second;
    }
    EXPECT_NE(Transcript("test").challenge<Extension2>("a"), Transcript("tess").challenge<Extension2>("a"));
}

TEST(Transcript, TheSameCallsGiveTheSameChallenges) {
    const auto run = [] {
        Transcript t("test");
        t.absorb("root", Hash());
        const auto first = t.challenge<Extension3>("r");
        t.absorb("claim", first);
        return std::pair(t.challenges<Extension2>("s", 40), t.positions("q", 40, 20));
    };
    EXPECT_EQ(run(), run());
}

// A change of the hash or of the framing changes every proof ever made: this value may only change together
// with the protocol's version. It was computed by b3sum from the bytes that transcript.hpp describes.
TEST(Transcript, GivesTheChallengeItAlwaysGave) {
    Transcript t("test");
    t.absorb("claim", Goldilocks(7));
    EXPECT_EQ(t.challenge<Extension2>("r")[0].value(), 14735775429269530491U);
}

TEST(Transcript, AChallengeDependsOnEverythingBeforeThePreviousOne) {
    std::set<std::uint64_t> seen;
    for (std::uint64_t i = 0; i < 100; ++i) {
        Transcript t("test");
        t.absorb_number("n", i);
        t.challenge<Extension2>("a");
        t.challenge<Extension2>("b");
        EXPECT_TRUE(seen.insert(t.challenge<Extension2>("c")[0].value()).second);
    }
}

TEST(Uniform, WordsNotBelowTheModulusAreSkippedNotReduced) {
    constexpr auto kModulus = Goldilocks::kModulus;
    std::vector<std::uint64_t> words{kModulus, 5, ~std::uint64_t{0}, kModulus + 9, kModulus - 1, 8, 0};
    auto next = words.begin();
    const auto draw = [&] { return *next++; };
    EXPECT_EQ(uniform_element<Extension2>(draw),
              Extension2(Extension2::Coefficients{Goldilocks(5), Goldilocks(kModulus - 1)}));
    EXPECT_EQ(uniform_base_element(draw), Goldilocks(8));
    EXPECT_EQ(uniform_base_element(draw), Goldilocks(0));
    EXPECT_EQ(next, words.end());
}

// 4,096 draws: each of 64 equal intervals of the field expects 64 (± 8); beyond 24 away only a bias leads.
TEST(Transcript, ChallengesSpreadOverTheField) {
    Transcript t("test");
    std::array<int, 64> counts{};
    for (const auto& element : t.challenges<Extension2>("r", 2048)) {
        for (const Goldilocks c : element.coefficients())
            ++counts[c.value() >> 58];
    }
    EXPECT_GT(*std::min_element(counts.begin(), counts.end()), 40);
    EXPECT_LT(*std::max_element(counts.begin(), counts.end()), 104);
}

TEST(Transcript, PositionsLieInTheirDomainAndReachAllOfIt) {
    Transcript t("test");
    for (const int log_domain : {0, 1, 5}) {
        const auto positions = t.positions("q", 1000, log_domain);
        EXPECT_EQ(positions.size(), 1000U);
        const std::set<std::uint64_t> distinct(positions.begin(), positions.end());
        EXPECT_EQ(distinct.size(), std::size_t{1} << log_domain);
        EXPECT_LT(*distinct.rbegin(), std::uint64_t{1} << log_domain);
    }
}

TEST(Grinding, FindsTheLeastNonceThatPasses) {
    for (const int bits : {0, 1, 5, 10}) {
        Transcript prover("test"), verifier("test"), cheat("test");
        const auto nonce = prover.grind("g", bits);
        EXPECT_TRUE(verifier.check_grinding("g", bits, nonce));
        EXPECT_EQ(prover.challenge<Extension2>("r"), verifier.challenge<Extension2>("r"));
        for (std::uint64_t smaller = 0; smaller < nonce; ++smaller) {
            Transcript t("test");
            ASSERT_FALSE(t.check_grinding("g", bits, smaller));
        }
        EXPECT_FALSE(cheat.check_grinding("g", 64, nonce));
    }
}

TEST(Grinding, WorkIsBoundToTheTranscriptBeforeIt) {
    int passed = 0;
    Transcript prover("test");
    const auto nonce = prover.grind("g", 12);
    for (std::uint64_t other = 0; other < 50; ++other) {
        Transcript t("test");
        t.absorb_number("n", other);
        passed += t.check_grinding("g", 12, nonce) ? 1 : 0;
    }
    EXPECT_LE(passed, 1);
}

}  // namespace
}  // namespace valence::zk
