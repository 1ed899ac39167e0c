#include "valence/base/thread_priority.hpp"

#include <sys/resource.h>
#include <unistd.h>

namespace valence::base {

namespace {

bool lower(Work work) {
    // On Linux priorities belong to threads, and "process" means the thread with this id.
    const auto thread = static_cast<id_t>(gettid());
    return setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + static_cast<int>(work)) == 0;
}

}  // namespace

void give_way_to_the_chain(Work work) {
    thread_local const bool lowered = lower(work);
    static_cast<void>(lowered);
}

}  // namespace valence::base
