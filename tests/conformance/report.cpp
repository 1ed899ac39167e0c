#include "report.hpp"

#include <fmt/core.h>

namespace valence::conformance {

void RunReport::add(const FileReport& file) {
    auto& suite = suites_[file.suite()];
    for (const auto& c : file.cases()) {
        switch (c.verdict) {
            case Verdict::passed:
                ++suite.passed, ++total_.passed;
                if (detail_ == Detail::everything) fmt::print("passed  {} {}\n", file.file(), c.name);
                break;
            case Verdict::failed:
                ++suite.failed, ++total_.failed;
                fmt::print("FAILED  {} {}\n        {}\n", file.file(), c.name, c.detail);
                break;
            case Verdict::skipped:
                ++suite.skipped, ++total_.skipped, ++reasons_[file.suite() + ": " + c.detail];
                if (detail_ == Detail::everything) {
                    fmt::print("skipped {} {}: {}\n", file.file(), c.name, c.detail);
                }
                break;
        }
    }
    notes_ += file.notes().size();
    if (detail_ != Detail::everything) return;
    for (const auto& note : file.notes())
        fmt::print("note    {} {}\n", file.file(), note);
}

void RunReport::print_summary() const {
    fmt::print("\n{:<28} {:>8} {:>8} {:>8}\n", "suite", "passed", "failed", "skipped");
    for (const auto& [name, c] : suites_) {
        fmt::print("{:<28} {:>8} {:>8} {:>8}\n", name, c.passed, c.failed, c.skipped);
    }
    if (!reasons_.empty()) fmt::print("\nskipped because\n");
    for (const auto& [reason, count] : reasons_)
        fmt::print("{:>8}  {}\n", count, reason);
    if (notes_ != 0) {
        fmt::print("\n{} rejections were for another rule than the one the fixture names (-v lists them)\n",
                   notes_);
    }
    fmt::print("\n{} passed, {} failed, {} skipped\n", total_.passed, total_.failed, total_.skipped);
}

}  // namespace valence::conformance
