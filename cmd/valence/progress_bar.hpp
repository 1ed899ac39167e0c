// ProgressBar: how far something is, on a terminal as one line that is drawn again, elsewhere as a line for
// every tenth.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace valence::cmd {

class ProgressBar {
public:
    /// Draws on standard error, so that what the program answers stays alone on standard output.
    explicit ProgressBar(std::string title);
    /// Ends the line.
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    /// Bytes.
    void show(std::uint64_t done, std::uint64_t total);

private:
    std::string title_;
    bool terminal_;
    bool drawn_ = false;
    std::uint64_t begun_with_ = 0;
    std::uint64_t last_tenth_ = 0;
    std::chrono::steady_clock::time_point begun_;
    std::chrono::steady_clock::time_point last_drawn_;
};

/// "1.2 MiB", "640 bytes".
std::string bytes_text(std::uint64_t bytes);

}  // namespace valence::cmd
