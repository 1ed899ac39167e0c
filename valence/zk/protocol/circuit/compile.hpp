// From the integer graph to the circuit.
#pragma once

#include <span>

#include "valence/base/result.hpp"
#include "valence/ml/reference/values.hpp"
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

/// Asked for each requantisation and quotient in the order of compilation.
class SaturationSource {
public:
    virtual ~SaturationSource() = default;
    /// `sum` is T of `so_far`'s quantities, all of which are complete.
    virtual Result<Saturation> saturation(const Circuit& so_far, QuantityId sum,
                                          const ml::Requantisation& to) = 0;
    /// The same of a quotient; anything but `none` says that there are results outside its bounds.
    virtual Result<Saturation> quotient_saturation(const Circuit& so_far, const Quotient& of) {
        return saturation(so_far, of.numerator, {});
    }
    /// Whether some item's walk through `trees` goes on behind so many levels: bits_30 above, or nothing.
    virtual Result<Saturation> tree_level(const Circuit& so_far, QuantityId inner, const ml::TreeEnsemble&,
                                          std::uint64_t) {
        return saturation(so_far, inner, {0, 0, 0});
    }
};

/// The circuit of a graph that has passed validate_structure(). Of its weights only those in public_weights()
/// need their bytes. Errors: CircuitError, and what `saturations` answers. Time and memory in proportion to
/// the graph and the extents of its tensors' axes, not to their elements.
///
/// With the run's inputs, which prover and verifier both have, gathers by indices among them need no lookup;
/// the circuit is then of those inputs. Both must give them or neither.
///
/// Limbs have as many bits as suits the model, unless `limb_bits`, 8, 15 or 16, says otherwise: for tests.
Result<Circuit> compile(const ml::Graph& graph, SaturationSource& saturations,
                        std::span<const ml::Values> inputs = {}, std::optional<std::uint8_t> limb_bits = {});

}  // namespace valence::zk
