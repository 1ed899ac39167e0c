// Hardware: what the machine of a compute node is, as it advertises it.
#pragma once

#include <cstdint>
#include <string>

#include "valence/compute/balancer/node_report.hpp"

namespace valence::compute {

struct Hardware {
    NodeClass node_class = NodeClass::cpu;
    /// The best the executor has for this processor, such as "avx2".
    std::string instruction_set;
    std::uint32_t cores = 1;
    /// Bytes of the whole machine.
    std::uint64_t memory = 0;
};

/// Of this machine, as far as this process may use it.
Hardware this_machine();

/// Multiply-accumulates a second of one thread of the reference machine, on a model whose weights fit its
/// cache.
inline constexpr std::uint64_t kReferenceRate = 4'000'000'000;

/// The same of one thread here, measured for a few hundredths of a second. A first guess: jobs tell better.
std::uint64_t measure_rate();

}  // namespace valence::compute
