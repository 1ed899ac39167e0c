#include "valence/sequencer/inference/outcome_pool.hpp"

#include <gtest/gtest.h>

namespace valence::sequencer {
namespace {

outcome::Job job(std::size_t integers = 2) {
    return {{}, outcome::Mode::replay, {}, outcome::Integers(integers, 1), {}};
}
outcome::Settled replayed(std::int32_t output) { return {job(), {{output}, {}, outcome::ReplayEvidence{}}}; }
outcome::Settled signed_until(std::uint64_t expiry, std::int32_t output) {
    return {job(), {{output}, {}, outcome::SignedEvidence{{}, expiry}}};
}
outcome::JobId id(std::uint32_t number) {
    outcome::JobId made;
    for (std::size_t i = 0; i < 4; ++i)
        made.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return made;
}

TEST(OutcomePool, KeepsTheFirstOfAJob) {
    OutcomePool pool;
    pool.add(id(1), replayed(7), 5);
    pool.add(id(1), replayed(8), 5);
    EXPECT_EQ(pool.find(id(1))->outcome.output, outcome::Integers{7});
    EXPECT_EQ(pool.find(id(2)), nullptr);
}

/// Else an answer that came late would keep its job from ever having one.
TEST(OutcomePool, GivesUpAnAnswerThatCanBeUsedForLessLong) {
    OutcomePool pool;
    pool.add(id(1), signed_until(10, 7), 5);
    EXPECT_NE(pool.find(id(1), 10), nullptr);
    EXPECT_EQ(pool.find(id(1), 11), nullptr);
    EXPECT_NE(pool.find(id(1)), nullptr);

    pool.add(id(1), signed_until(9, 8), 5);
    EXPECT_EQ(pool.find(id(1), 9)->outcome.output, outcome::Integers{7});
    pool.add(id(1), signed_until(20, 9), 5);
    EXPECT_EQ(pool.find(id(1), 20)->outcome.output, outcome::Integers{9});
    pool.add(id(1), signed_until(20, 10), 5);
    EXPECT_EQ(pool.find(id(1), 20)->outcome.output, outcome::Integers{9});
}

/// Jobs in mode ZK are asked again by others, when there may be a prover.
TEST(OutcomePool, ForgetsThatNobodyHadAnAnswer) {
    const outcome::Settled none{job(), {{}, {}, outcome::Unavailable{}}};
    constexpr auto kLast = 5 + OutcomePool::kBlocksWithoutAnswer;
    OutcomePool pool;
    pool.add(id(1), none, 5);
    EXPECT_FALSE(pool.find(id(1), kLast)->outcome.is_available());
    EXPECT_EQ(pool.find(id(1), kLast + 1), nullptr);
    pool.add(id(1), replayed(7), kLast + 1);
    EXPECT_EQ(pool.find(id(1), kLast + 2)->outcome.output, outcome::Integers{7});
    pool.add(id(1), none, kLast + 3);
    EXPECT_TRUE(pool.find(id(1), kLast + 3)->outcome.is_available());
}

TEST(OutcomePool, HoldsAStatedNumberOfBytesWhateverComes) {
    OutcomePool pool;
    // Somewhat more than 4 MiB each: of sixteen the pool has no room for the last.
    const auto large = [](std::uint32_t n) {
        return outcome::Settled{job(1 << 20),
                                {{static_cast<std::int32_t>(n)}, {}, outcome::ReplayEvidence{}}};
    };
    for (std::uint32_t n = 0; n < 40; ++n)
        pool.add(id(n), large(n), 5);
    std::size_t held = 0;
    for (std::uint32_t n = 0; n < 40; ++n)
        held += pool.find(id(n)) == nullptr ? 0 : 1;
    EXPECT_EQ(held, 15u);
    EXPECT_NE(pool.find(id(39)), nullptr) << "the oldest gave way";
    EXPECT_EQ(pool.find(id(0)), nullptr);
}

}  // namespace
}  // namespace valence::sequencer
