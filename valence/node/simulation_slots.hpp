// SimulationSlots: how many models of some size this node computes at once for runs that are in no block.
// Whoever asks while all are taken is told so at once: waiting would hold the server's workers, and with them
// everybody.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace valence::node {

/// Thread-safe.
class SimulationSlots {
public:
    /// Work of at most `free_work` multiply-accumulates needs no slot.
    SimulationSlots(std::size_t slots, std::uint64_t free_work) : slots_(slots), free_work_(free_work) {}

    /// Gives its slot back when it goes.
    class Held {
    public:
        explicit Held(SimulationSlots* from) : from_(from) {}
        Held(Held&& other) noexcept : from_(std::exchange(other.from_, nullptr)) {}
        Held& operator=(Held&&) = delete;
        ~Held() {
            if (from_ != nullptr) --from_->taken_;
        }

    private:
        SimulationSlots* from_;
    };

    /// Nothing when all are taken.
    std::optional<Held> take(std::uint64_t work) {
        if (work <= free_work_) return Held{nullptr};
        if (taken_.fetch_add(1) < slots_) return Held{this};
        --taken_;
        return std::nullopt;
    }

private:
    const std::size_t slots_;
    const std::uint64_t free_work_;
    std::atomic<std::size_t> taken_{0};
};

}  // namespace valence::node
