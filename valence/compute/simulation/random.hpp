// Random numbers of the simulator: its own generator and distributions, so that a seed means the same run on
// every machine with the same mathematics library.
#pragma once

#include <cmath>
#include <cstdint>

#include "valence/compute/balancer/sampler.hpp"

namespace valence::compute::simulation {

class Random {
public:
    /// `stream` separates what one seed is used for.
    Random(std::uint64_t seed, std::uint64_t stream) : bits_(seed * 0x2545'f491'4f6c'dd1d + stream) {
        bits_.next();
    }

    /// In (0, 1).
    double uniform() { return (static_cast<double>(bits_.next() >> 11) + 0.5) * 0x1p-53; }
    std::uint32_t below(std::size_t n) { return bits_.below(n); }
    double exponential(double mean) { return -mean * std::log(uniform()); }
    double normal() {
        const double radius = std::sqrt(-2 * std::log(uniform()));
        return radius * std::cos(2 * 3.14159265358979323846 * uniform());
    }
    /// Mean 1; sigma of the logarithm.
    double log_normal(double sigma) { return std::exp(sigma * normal() - sigma * sigma / 2); }
    /// Its logarithm is uniform.
    double log_uniform(double low, double high) { return low * std::exp(uniform() * std::log(high / low)); }
    bool chance(double p) { return uniform() < p; }

private:
    Sampler bits_;
};

}  // namespace valence::compute::simulation
