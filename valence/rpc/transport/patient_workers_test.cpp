#include "valence/rpc/transport/patient_workers.hpp"

#include <latch>

#include <gtest/gtest.h>

namespace valence::rpc {
namespace {

TEST(PatientWorkers, leave_room_for_others_where_one_has_much) {
    PatientWorkers workers(3, 2);
    std::latch gate(1);
    std::latch greedy_ended(5);
    std::latch other_ran(1);
    std::atomic<int> begun = 0;
    for (int i = 0; i < 5; ++i) {
        workers.post("greedy", [&] {
            ++begun;
            gate.wait();
            greedy_ended.count_down();
        });
    }
    workers.post("other", [&] { other_ran.count_down(); });
    other_ran.wait();
    EXPECT_LE(begun, 2);
    gate.count_down();
    greedy_ended.wait();
    EXPECT_EQ(begun, 5);
    workers.join();
}

TEST(PatientWorkers, run_nothing_that_waits_once_they_stop) {
    const auto held = std::make_shared<int>(0);
    {
        PatientWorkers workers(1, 1);
        std::latch gate(1);
        std::latch begun(1);
        std::atomic<int> ran = 0;
        workers.post("one", [&] {
            begun.count_down();
            gate.wait();
        });
        begun.wait();
        for (int i = 0; i < 3; ++i)
            workers.post("one", [&, held] { ++ran; });
        workers.stop();
        gate.count_down();
        workers.join();
        EXPECT_EQ(ran, 0);
        EXPECT_EQ(held.use_count(), 4);
    }
    EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace valence::rpc
