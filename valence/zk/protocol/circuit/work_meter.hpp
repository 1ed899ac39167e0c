// WorkMeter: a bound on the time and memory that functionals take. How many there are of a model, and how
// long their vectors become, follows from its graph alone, but anyone writes graphs, and a few dozen
// movements of elements can double the functionals with each. So they are counted while they are made.
#pragma once

#include <cstdint>
#include <string>

#include "valence/base/result.hpp"
#include "valence/zk/protocol/circuit/circuit_error.hpp"

namespace valence::zk {

/// What verify() does at most where nobody says how much is right, for people at their own machines who are
/// handed a key and a proof: one or two seconds and a few gigabytes, forty times what GPT-2's shape takes.
inline constexpr std::uint64_t kMostCheckingWork = std::uint64_t{1} << 29;

/// Counts the numbers of functionals that one thread reads or writes: 1 … 3 ns each.
class WorkMeter {
public:
    /// What a product of two of them, or one that is added to a third, counts.
    static constexpr std::uint64_t kProduct = 3;
    /// What one counts that is added where another place of a list comes next.
    static constexpr std::uint64_t kScatteredProduct = 5;

    /// What outgrows the bound is ended by this, which metered() alone catches: nothing between it and the
    /// loops that count has anything to say about it, and not one of them may go on.
    struct Exceeded {};

    explicit WorkMeter(std::uint64_t most) : most_(most), outer_(current_) { current_ = this; }
    ~WorkMeter() { current_ = outer_; }
    WorkMeter(const WorkMeter&) = delete;
    WorkMeter& operator=(const WorkMeter&) = delete;

    std::uint64_t spent() const { return spent_; }

    /// To be called before so many numbers are touched, and before memory for them is taken. Without a meter
    /// on this thread it does nothing.
    static void spend(std::uint64_t numbers) {
        if (current_ != nullptr) current_->count(numbers);
    }

private:
    void count(std::uint64_t numbers) {
        if (numbers > most_ - spent_) throw Exceeded{};
        spent_ += numbers;
    }

    std::uint64_t most_;
    std::uint64_t spent_ = 0;
    WorkMeter* outer_;
    static thread_local WorkMeter* current_;
};

/// run(meter), a Result, unless it touches more than `most` numbers: then CircuitError::too_large.
template <typename Run>
auto metered(std::uint64_t most, Run run) -> decltype(run(std::declval<const WorkMeter&>())) {
    const WorkMeter meter(most);
    try {
        return run(meter);
    } catch (const WorkMeter::Exceeded&) {
        return Error{CircuitError::too_large,
                     "checking touches more than " + std::to_string(most) + " numbers"};
    }
}

}  // namespace valence::zk
