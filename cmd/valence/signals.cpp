#include "cmd/valence/signals.hpp"

#include <csignal>

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

void wait_for_signal() {
    const auto set = ending_signals();
    int signal = 0;
    sigwait(&set, &signal);
}

}  // namespace valence::cmd
