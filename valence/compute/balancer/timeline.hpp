// Time as the balancer knows it: microseconds since any origin its driver likes. It never asks a clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace valence::compute {

struct Timeline {
    using rep = std::int64_t;
    using period = std::micro;
    using duration = std::chrono::duration<rep, period>;
    using time_point = std::chrono::time_point<Timeline>;
    static constexpr bool is_steady = true;
};

using Duration = Timeline::duration;
using Time = Timeline::time_point;

}  // namespace valence::compute
