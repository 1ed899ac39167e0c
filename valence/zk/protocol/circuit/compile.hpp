// From the integer graph to the circuit.
#pragma once

#include "valence/base/result.hpp"
#include "valence/zk/protocol/circuit/circuit.hpp"
#include "valence/zk/protocol/circuit/circuit_error.hpp"

namespace valence::zk {

/// How far results of one requantisation are cut off, in elements of this run: what decides whether the
/// columns that hold it are there at all. Chosen by the prover, absorbed, and sound whatever it chooses: with
/// too little, no assignment exists.
enum class Excess : std::uint8_t {
    none,
    bits_15,  // below 2^15
    bits_30,  // below 2^30, what ml's validation guarantees
};
struct Saturation {
    Excess above = Excess::none;  // results over `high`
    Excess below = Excess::none;  // under `low`
    bool operator==(const Saturation&) const = default;
};

/// Asked for each requantisation in the order of compilation.
class SaturationSource {
public:
    virtual ~SaturationSource() = default;
    /// `sum` is T of `so_far`'s quantities, all of which are complete.
    virtual Result<Saturation> saturation(const Circuit& so_far, QuantityId sum,
                                          const ml::Requantisation& to) = 0;
};

/// The circuit of a graph that has passed validate_structure(). Of its weights only those in public_weights()
/// need their bytes. Errors: CircuitError, and what `saturations` answers. Time and memory in proportion to
/// the graph and the extents of its tensors' axes, not to their elements.
Result<Circuit> compile(const ml::Graph& graph, SaturationSource& saturations);

/// Whether a weight's values are part of the circuit, and so of the verifying key: channel exponents,
/// multipliers, indices. All others are committed.
std::vector<bool> public_weights(const ml::Graph& graph);

}  // namespace valence::zk
