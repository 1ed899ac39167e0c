// How the commands say what went wrong: on standard error, "error: …".
#pragma once

#include <string>
#include <string_view>

#include "valence/base/result.hpp"

namespace valence::cmd {

/// Exit statuses beside 0.
inline constexpr int kFailed = 1;
inline constexpr int kWrongCommandLine = 2;

/// What an error says to people.
std::string in_words(const Error& error);

/// A port's error with what to do where another program listens on it: "--port chooses another".
Error with_other_port(Error error, std::string_view option);

/// Says what went wrong, behind what was printed before it. The exit status.
int complain(const Error& error);

/// The exit status of what was done; complains where it failed.
int exit_status(const Result<void>& done);

}  // namespace valence::cmd
