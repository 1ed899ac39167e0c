#include "cmd/valence/failure.hpp"

#include <cstdio>

#include "cmd/valence/dev_options.hpp"
#include "cmd/valence/terminal.hpp"
#include <unistd.h>

namespace valence::cmd {

std::string in_words(const Error& error) {
    // A context that names the option or the file needs no more.
    const bool speaks_for_itself =
        error.code == make_error_code(OptionError::value) || error.code == make_error_code(OptionError::file);
    return speaks_for_itself && !error.context.empty() ? error.context : error.message();
}

Error with_other_port(Error error, std::string_view option) {
    if (error.code == std::errc::address_in_use)
        error.context += "; " + std::string(option) + " chooses another port";
    return error;
}

int complain(const Error& error) {
    if (error.code == make_error_code(OptionError::told)) return kFailed;
    // Into a file or a pipe both may go, and standard output waits there.
    std::fflush(stdout);
    const Painter paint(has_colour(STDERR_FILENO) ? Painter::Use::coloured : Painter::Use::plain);
    std::fprintf(stderr, "%s: %s\n", paint(Colour::red, "error").c_str(), in_words(error).c_str());
    return kFailed;
}

int exit_status(const Result<void>& done) { return done ? 0 : complain(done.error()); }

}  // namespace valence::cmd
