#include "valence/rpc/metrics.hpp"

#include <iterator>

#include <fmt/format.h>

#include "valence/rpc/method_table.hpp"

namespace valence::rpc {

Metrics::Metrics() : slots_(methods().size() + 1) {}

void Metrics::count(std::size_t method, std::chrono::nanoseconds took, bool failed) {
    auto& slot = slots_[std::min(method, slots_.size() - 1)];
    slot.calls.fetch_add(1, std::memory_order_relaxed);
    if (failed) slot.errors.fetch_add(1, std::memory_order_relaxed);
    slot.nanoseconds.fetch_add(static_cast<std::uint64_t>(took.count()), std::memory_order_relaxed);
    for (std::size_t i = 0; i < kBuckets.size(); ++i) {
        if (took <= kBuckets[i]) {
            slot.buckets[i].fetch_add(1, std::memory_order_relaxed);
            break;
        }
    }
}

void Metrics::render(std::string& out) const {
    const auto to = std::back_inserter(out);
    const auto simple = [&](std::string_view name, std::string_view type,
                            const std::atomic<std::uint64_t>& value) {
        fmt::format_to(to, "# TYPE valence_rpc_{0} {1}\nvalence_rpc_{0} {2}\n", name, type, value.load());
    };
    simple("connections_total", "counter", connections);
    simple("connections_open", "gauge", open_connections);
    simple("connections_refused_total", "counter", refused_connections);
    simple("received_bytes_total", "counter", bytes_in);
    simple("sent_bytes_total", "counter", bytes_out);
    simple("slow_consumers_total", "counter", slow_consumers);

    const auto name_of = [](std::size_t i) { return i < methods().size() ? methods()[i].name : "unknown"; };
    fmt::format_to(to, "# TYPE valence_rpc_errors_total counter\n");
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        if (slots_[i].calls == 0) continue;
        fmt::format_to(to, "valence_rpc_errors_total{{method=\"{}\"}} {}\n", name_of(i),
                       slots_[i].errors.load());
    }
    fmt::format_to(to, "# TYPE valence_rpc_duration_seconds histogram\n");
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        const auto& slot = slots_[i];
        const auto calls = slot.calls.load();
        if (calls == 0) continue;
        std::uint64_t below = 0;
        for (std::size_t b = 0; b < kBuckets.size(); ++b) {
            below += slot.buckets[b].load();
            fmt::format_to(to, "valence_rpc_duration_seconds_bucket{{method=\"{}\",le=\"{}\"}} {}\n",
                           name_of(i), static_cast<double>(kBuckets[b].count()) / 1e6, below);
        }
        fmt::format_to(to, "valence_rpc_duration_seconds_bucket{{method=\"{}\",le=\"+Inf\"}} {}\n",
                       name_of(i), calls);
        fmt::format_to(to, "valence_rpc_duration_seconds_sum{{method=\"{}\"}} {:.9f}\n", name_of(i),
                       static_cast<double>(slot.nanoseconds.load()) / 1e9);
        fmt::format_to(to, "valence_rpc_duration_seconds_count{{method=\"{}\"}} {}\n", name_of(i), calls);
    }
}

}  // namespace valence::rpc
