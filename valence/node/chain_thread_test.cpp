#include "valence/node/chain_thread.hpp"

#include <gtest/gtest.h>

namespace valence::node {
namespace {

TEST(ChainThread, work_is_done_in_order_and_answers_come_back) {
    ChainThread thread(system_clock());
    thread.start([] {});
    std::vector<int> done;
    for (int i = 0; i < 100; ++i)
        thread.post([&done, i] { done.push_back(i); });
    const auto count = thread.run([&] { return done.size(); });
    EXPECT_EQ(count, 100u);
    EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
}

TEST(ChainThread, work_may_hand_over_work) {
    ChainThread thread(system_clock());
    thread.start([] {});
    EXPECT_EQ(thread.run([&] { return thread.run([] { return 7; }); }), 7);
}

TEST(ChainThread, what_was_handed_over_is_finished_before_the_end) {
    int done = 0;
    {
        ChainThread thread(system_clock());
        thread.start([] {});
        for (int i = 0; i < 1'000; ++i)
            thread.post([&done] { ++done; });
    }
    EXPECT_EQ(done, 1'000);
}

TEST(ChainThread, the_deadline_comes_when_the_clock_says_so) {
    const auto clock = std::make_shared<ManualClock>(Milliseconds{0});
    ChainThread thread(clock);
    std::promise<Milliseconds> came;
    thread.start([&] { came.set_value(clock->now()); });
    thread.set_deadline(Milliseconds{100});
    clock->advance(Milliseconds{99});
    thread.run([] {});
    auto answer = came.get_future();
    EXPECT_EQ(answer.wait_for(std::chrono::seconds{0}), std::future_status::timeout);
    clock->advance(Milliseconds{1});
    EXPECT_EQ(answer.get(), Milliseconds{100});
}

}  // namespace
}  // namespace valence::node
