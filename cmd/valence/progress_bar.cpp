#include "cmd/valence/progress_bar.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace valence::cmd {
namespace {

constexpr std::uint64_t kCells = 30;
constexpr std::chrono::milliseconds kBetweenDrawings{50};

}  // namespace

std::string bytes_text(std::uint64_t bytes) {
    constexpr std::uint64_t kStep = 1024;
    if (bytes < kStep) return fmt::format("{} bytes", bytes);
    double amount = static_cast<double>(bytes);
    const char* unit = "";
    for (const char* next : {"KiB", "MiB", "GiB", "TiB"}) {
        if (amount < static_cast<double>(kStep)) break;
        amount /= static_cast<double>(kStep);
        unit = next;
    }
    return fmt::format("{:.1f} {}", amount, unit);
}

ProgressBar::ProgressBar(std::string title)
    : title_(std::move(title)), terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
    if (terminal_ && drawn_) std::fputc('\n', stderr);
}

void ProgressBar::show(std::uint64_t done, std::uint64_t total) {
    const auto now = std::chrono::steady_clock::now();
    const std::uint64_t part = total == 0 ? kCells : done * kCells / total;
    const std::uint64_t tenth = total == 0 ? 10 : done * 10 / total;
    if (!drawn_) {
        begun_ = now;
        begun_with_ = done;
    }
    const bool is_due = !drawn_ || done == total ||
                        (terminal_ ? now - last_drawn_ >= kBetweenDrawings : tenth != last_tenth_);
    drawn_ = true;
    if (!is_due) return;
    last_drawn_ = now;
    last_tenth_ = tenth;
    const double seconds = std::chrono::duration<double>(now - begun_).count();
    const auto sent = static_cast<double>(done - begun_with_);
    const std::string rate =
        seconds > 0.2 ? ", " + bytes_text(static_cast<std::uint64_t>(sent / seconds)) + "/s" : std::string();
    const std::string text = fmt::format("{} of {}{}", bytes_text(done), bytes_text(total), rate);
    if (!terminal_) {
        std::fprintf(stderr, "%s %3d %%  %s\n", title_.c_str(),
                     static_cast<int>(total == 0 ? 100 : done * 100 / total), text.c_str());
        return;
    }
    std::string bar;
    for (std::uint64_t cell = 0; cell < kCells; ++cell)
        bar += cell < part ? "█" : "░";
    // Cleared to its end: the text before may have been longer.
    std::fprintf(stderr, "\r%s %s %s\x1b[K", title_.c_str(), bar.c_str(), text.c_str());
    std::fflush(stderr);
}

}  // namespace valence::cmd
