// Where a proof's time goes: processor time of the whole process by stage, in the order in which they were
// entered.
#pragma once

#include <ctime>
#include <string_view>
#include <utility>
#include <vector>

namespace valence::zk {

class StageTimes {
public:
    /// Ends the stage at hand and begins another; a stage entered again goes on.
    void enter(std::string_view stage) {
        leave();
        current_ = stage;
    }
    void leave() {
        const std::clock_t now = std::clock();
        if (!current_.empty()) of(current_) += 1e3 * static_cast<double>(now - begin_) / CLOCKS_PER_SEC;
        begin_ = now;
        current_ = {};
    }
    const std::vector<std::pair<std::string_view, double>>& milliseconds() const { return times_; }

private:
    double& of(std::string_view stage) {
        for (auto& [name, time] : times_) {
            if (name == stage) return time;
        }
        return times_.emplace_back(stage, 0.0).second;
    }

    std::vector<std::pair<std::string_view, double>> times_;
    std::string_view current_;
    std::clock_t begin_ = std::clock();
};

}  // namespace valence::zk
