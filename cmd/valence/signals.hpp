// Ending on request: SIGINT (Ctrl-C), SIGTERM, SIGHUP.
#pragma once

namespace valence::cmd {

/// Keeps the signals from ending the program; to be called before any thread is started.
void hold_signals();
/// Waits until one comes.
void wait_for_signal();

}  // namespace valence::cmd
