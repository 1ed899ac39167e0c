// Metrics: how often every method was called, how often it failed and how long it took, as Prometheus text.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace valence::rpc {

class Metrics {
public:
    /// Upper bounds of the latency histogram's buckets.
    static constexpr std::array<std::chrono::microseconds, 8> kBuckets{
        std::chrono::microseconds{50},      std::chrono::microseconds{200},
        std::chrono::microseconds{1'000},   std::chrono::microseconds{5'000},
        std::chrono::microseconds{20'000},  std::chrono::microseconds{100'000},
        std::chrono::microseconds{500'000}, std::chrono::microseconds{2'000'000}};

    /// One slot for each method of the table and one for all unknown ones.
    Metrics();

    /// `method` is an index into the method table, or its size for an unknown method.
    void count(std::size_t method, std::chrono::nanoseconds took, bool failed);

    /// Counters of the transport.
    std::atomic<std::uint64_t> connections{0};
    std::atomic<std::uint64_t> open_connections{0};
    std::atomic<std::uint64_t> refused_connections{0};
    std::atomic<std::uint64_t> bytes_in{0};
    std::atomic<std::uint64_t> bytes_out{0};
    std::atomic<std::uint64_t> slow_consumers{0};

    /// Appends everything in Prometheus' text format (version 0.0.4); methods never called are left out.
    void render(std::string& out) const;

private:
    struct Slot {
        std::atomic<std::uint64_t> calls{0};
        std::atomic<std::uint64_t> errors{0};
        std::atomic<std::uint64_t> nanoseconds{0};
        std::array<std::atomic<std::uint64_t>, kBuckets.size()> buckets{};
    };
    std::vector<Slot> slots_;
};

}  // namespace valence::rpc
