// The table of methods: one row each with everything known about it. Dispatch, rpc_modules, metrics and the
// table in docs/rpc.md derive from it; adding a method is one handler and one row.
#pragma once

#include <span>
#include <string_view>

#include "valence/rpc/call.hpp"

namespace valence::rpc {

enum class Availability : std::uint8_t {
    always,
    /// Changes what a public chain must not let anyone change: served where the node runs in dev mode.
    dev_only,
};

enum class Pace : std::uint8_t {
    brief,
    /// May take seconds: runs of the machine, scans, what waits for blocks. Waits its turn where the caller
    /// asks for much of it (transport/patient_workers.hpp).
    patient,
};

struct Method {
    std::string_view name;
    /// Names of the parameters in order, separated by ", "; optional ones end in '?'.
    std::string_view parameters;
    Handler handler;
    Availability availability = Availability::always;
    Pace pace = Pace::brief;

    constexpr std::size_t max_parameters() const {
        if (parameters.empty()) return 0;
        std::size_t count = 1;
        for (const auto c : parameters)
            count += c == ',';
        return count;
    }
};

/// All methods, ordered by name.
std::span<const Method> methods();

/// The method's index in `methods()`, or their number when there is no such method.
std::size_t find_method(std::string_view name);

}  // namespace valence::rpc
