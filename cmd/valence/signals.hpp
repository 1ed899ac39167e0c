// What the program asks of the operating system: to end on request (SIGINT, which is Ctrl-C, SIGTERM,
// SIGHUP), and for enough open files.
#pragma once

namespace valence::cmd {

/// Keeps the signals from ending the program; to be called before any thread is started.
void hold_signals();
/// Waits until one comes.
void wait_for_signal();

/// Raises the limit of open files as far as it may go: the usual 1,024 are used up by as many connections,
/// and then the chain could not open its own.
void allow_many_files();

}  // namespace valence::cmd
