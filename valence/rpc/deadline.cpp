#include "valence/rpc/deadline.hpp"

#include <fmt/format.h>

namespace valence::rpc {

namespace {

/// As Go writes it: "300ms", "5s", "1.5s", "2m0s".
std::string duration_text(std::chrono::milliseconds duration) {
    const auto ms = duration.count();
    if (ms < 1'000) return fmt::format("{}ms", ms);
    const auto seconds = static_cast<double>(ms % 60'000) / 1'000;
    return ms < 60'000 ? fmt::format("{}s", seconds) : fmt::format("{}m{}s", ms / 60'000, seconds);
}

}  // namespace

Deadline::Deadline(std::chrono::milliseconds allowed, const std::atomic<bool>* stopping)
    : stopping_(stopping) {
    *this = within(allowed);
}

Deadline Deadline::within(std::chrono::milliseconds allowed) const {
    auto out = *this;
    if (allowed.count() == 0) return out;
    const auto end = Clock::now() + allowed;
    if (end < end_) {
        out.end_ = end;
        out.allowed_ = allowed;
    }
    return out;
}

RpcError Deadline::aborted() const {
    return server_error("execution aborted (timeout = " + duration_text(allowed_) + ")");
}

RpcError timed_out() { return {code::kTimeout, "request timed out"}; }

}  // namespace valence::rpc
