// Where a proof's time goes, by stage, in the order in which they were entered.
#pragma once

#include <chrono>
#include <ctime>
#include <string_view>
#include <vector>

namespace valence::zk {

/// Milliseconds.
struct StageTime {
    std::string_view stage;
    double wall = 0;
    double cpu = 0;  // of all threads of the process
};

class StageTimes {
public:
    /// Ends the stage at hand and begins another; a stage entered again goes on.
    void enter(std::string_view stage) {
        leave();
        current_ = stage;
    }
    void leave() {
        const auto wall = Clock::now();
        const std::clock_t cpu = std::clock();
        if (!current_.empty()) {
            StageTime& time = of(current_);
            time.wall += std::chrono::duration<double, std::milli>(wall - wall_).count();
            time.cpu += 1e3 * static_cast<double>(cpu - cpu_) / CLOCKS_PER_SEC;
        }
        wall_ = wall;
        cpu_ = cpu;
        current_ = {};
    }
    const std::vector<StageTime>& all() const { return times_; }

private:
    using Clock = std::chrono::steady_clock;

    StageTime& of(std::string_view stage) {
        for (StageTime& time : times_) {
            if (time.stage == stage) return time;
        }
        return times_.emplace_back(StageTime{stage});
    }

    std::vector<StageTime> times_;
    std::string_view current_;
    Clock::time_point wall_ = Clock::now();
    std::clock_t cpu_ = std::clock();
};

}  // namespace valence::zk
