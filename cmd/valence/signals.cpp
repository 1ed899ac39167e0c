#include "cmd/valence/signals.hpp"

#include <csignal>
#include <initializer_list>

#include <sys/resource.h>

namespace valence::cmd {
namespace {

sigset_t ending_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
        sigaddset(&set, signal);
    return set;
}

}  // namespace

void hold_signals() {
    const auto set = ending_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    // A reader that went away must not end the chain.
    std::signal(SIGPIPE, SIG_IGN);
}

void allow_many_files() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    // As it was, where it is not allowed.
    static_cast<void>(setrlimit(RLIMIT_NOFILE, &limit));
}

void wait_for_signal() {
    const auto set = ending_signals();
    int signal = 0;
    sigwait(&set, &signal);
}

}  // namespace valence::cmd
