#include "valence/compute/balancer/circuit_breaker.hpp"

#include <gtest/gtest.h>

namespace valence::compute {
namespace {

using State = CircuitBreaker::State;

class Breaker : public ::testing::Test {
protected:
    void fail(FailureKind kind = FailureKind::refused) { breaker_.failed(kind, now_, parameters_); }
    void open() {
        for (std::uint32_t i = 0; i < parameters_.breaker_limit; ++i)
            fail();
    }
    BalancerParameters parameters_;
    CircuitBreaker breaker_;
    Time now_;
};

TEST_F(Breaker, OpensAtTheLimitOfFailuresOnEnd) {
    for (std::uint32_t i = 1; i < parameters_.breaker_limit; ++i)
        fail();
    EXPECT_EQ(breaker_.state(), State::closed);
    breaker_.succeeded();
    fail();
    EXPECT_EQ(breaker_.state(), State::closed) << "a success starts the count anew";
    open();
    EXPECT_EQ(breaker_.state(), State::open);
    EXPECT_FALSE(breaker_.admits(now_));
}

TEST_F(Breaker, AdmitsOneProbeWhenThePauseIsOver) {
    open();
    now_ += parameters_.breaker_pause - Duration(1);
    EXPECT_FALSE(breaker_.admits(now_));
    now_ += Duration(1);
    EXPECT_TRUE(breaker_.admits(now_));
    breaker_.dispatched(now_);
    EXPECT_FALSE(breaker_.admits(now_));
    breaker_.succeeded();
    EXPECT_EQ(breaker_.state(), State::closed);
}

TEST_F(Breaker, PausesTwiceAsLongAfterAFailedProbeUpToALimit) {
    open();
    Duration pause = parameters_.breaker_pause;
    for (int i = 0; i < 12; ++i) {
        EXPECT_EQ(breaker_.reopens() - now_, pause);
        now_ = breaker_.reopens();
        breaker_.dispatched(now_);
        fail();
        pause = std::min(pause * 2, parameters_.breaker_longest_pause);
    }
    EXPECT_EQ(pause, parameters_.breaker_longest_pause);
}

TEST_F(Breaker, OpensAtOnceAndForLongOnAWrongOutcome) {
    fail(FailureKind::wrong_outcome);
    EXPECT_EQ(breaker_.state(), State::open);
    EXPECT_EQ(breaker_.reopens() - now_, parameters_.breaker_pause * 60);
}

TEST_F(Breaker, IsNotClosedByAnAnswerFromBeforeItOpened) {
    open();
    breaker_.succeeded();
    EXPECT_EQ(breaker_.state(), State::open);
}

TEST_F(Breaker, LetsAnotherProbeGoWhenOneWasWithdrawn) {
    open();
    now_ = breaker_.reopens();
    breaker_.dispatched(now_);
    breaker_.probe_withdrawn();
    EXPECT_TRUE(breaker_.admits(now_));
}

}  // namespace
}  // namespace valence::compute
