// The assignment: the elements of every quantity of a circuit, found in order from the inputs and weights. It
// answers the compiler's questions about saturation on the way, so that a circuit and its assignment are made
// together:
//
//     Assignment assignment(graph, inputs);
//     compile(graph, assignment)  ─► Circuit;      assignment.complete(circuit);
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "valence/ml/reference/values.hpp"
#include "valence/zk/protocol/circuit/compile.hpp"

namespace valence::zk {

class Assignment final : public SaturationSource {
public:
    /// A validated graph and its inputs, which are of its ports' shapes; both must outlive this.
    Assignment(const ml::Graph& graph, std::span<const ml::Values> inputs);

    Result<Saturation> saturation(const Circuit& so_far, QuantityId sum,
                                  const ml::Requantisation& to) override;
    /// What was answered, in order: the proof's flags.
    const std::vector<Saturation>& saturations() const { return saturations_; }

    /// Finds every column, the multiplicities last. `circuit` is what compile() made with this.
    void complete(const Circuit& circuit);

    /// Row-major elements of a quantity.
    std::span<const Goldilocks> values(const Circuit& circuit, QuantityId id);
    /// Of a column, after complete().
    std::span<const Goldilocks> column(ColumnId id) const { return columns_[id]; }

private:
    using Elements = std::vector<Goldilocks>;
    Elements find(const Circuit& circuit, QuantityId id);
    Elements find_column(const Circuit& circuit, const Column& column);
    void count(const Circuit& circuit);

    const ml::Graph& graph_;
    std::span<const ml::Values> inputs_;
    std::vector<Saturation> saturations_;
    std::vector<std::optional<Elements>> quantities_;
    std::vector<Elements> columns_;
};

/// A field element as the signed integer nearest to 0 that it stands for.
constexpr std::int64_t to_signed(Goldilocks element) {
    return element.value() > Goldilocks::kModulus / 2
               ? -static_cast<std::int64_t>(Goldilocks::kModulus - element.value())
               : static_cast<std::int64_t>(element.value());
}

}  // namespace valence::zk
