#include "valence/rpc/transport/worker_priority.hpp"

#include <sys/resource.h>
#include <unistd.h>

namespace valence::rpc {

namespace {

/// A third of the weight of a thread at 0 (Linux' scheduler gives each step a factor of 1.25).
constexpr int kNiceness = 5;

bool lower() {
    // On Linux priorities belong to threads, and "process" means the thread with this id.
    const auto thread = static_cast<id_t>(gettid());
    return setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + kNiceness) == 0;
}

}  // namespace

void give_way_to_the_chain() {
    thread_local const bool lowered = lower();
    static_cast<void>(lowered);
}

}  // namespace valence::rpc
