// The assignment: the elements of every quantity of a circuit, found in order from the inputs and weights. It
// answers the compiler's questions about saturation on the way, so that a circuit and its assignment are made
// together:
//
//     Assignment assignment(graph, inputs);
//     compile(graph, assignment)  ─► Circuit;      assignment.complete(circuit);
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "valence/ml/reference/values.hpp"
#include "valence/zk/protocol/circuit/compile.hpp"
#include "valence/zk/prover/witness/linear_values.hpp"
#include "valence/zk/prover/witness/product_sums.hpp"
#include "valence/zk/prover/witness/row_finder.hpp"
#include "valence/zk/prover/witness/signed.hpp"

namespace valence::zk {

class Assignment final : public SaturationSource {
public:
    /// A validated graph and its inputs, which are of its ports' shapes; both must outlive this.
    /// `sums` are the graph's, or absent, which only takes longer.
    Assignment(const ml::Graph& graph, std::span<const ml::Values> inputs, const ProductSums* sums = nullptr);

    Result<Saturation> saturation(const Circuit& so_far, QuantityId sum,
                                  const ml::Requantisation& to) override;
    Result<Saturation> quotient_saturation(const Circuit& so_far, const Quotient& of) override;
    /// What was answered, in order: the proof's flags.
    const std::vector<Saturation>& saturations() const { return saturations_; }

    /// Finds every column, the multiplicities last. `circuit` is what compile() made with this.
    void complete(const Circuit& circuit);

    /// Which of a column's rules hold after forge().
    enum class Others { stay, follow };
    /// For trying to cheat: puts another element into a column. The other columns stay as they are, or
    /// follow by their rules as far as those look at it; multiplicities always do, unless they are forged.
    void forge(const Circuit& circuit, ColumnId column, std::size_t position, Goldilocks element,
               Others others);
    struct Forgery {
        ColumnId column = 0;
        std::size_t position = 0;
        Goldilocks element;
    };
    /// Several at once.
    void forge(const Circuit& circuit, std::span<const Forgery> forgeries, Others others);

    const ml::Graph& graph() const { return graph_; }
    /// Row-major elements of a quantity.
    std::span<const Goldilocks> values(const Circuit& circuit, QuantityId id);
    /// Of a column, after complete().
    ElementsView column(ColumnId id) const { return columns_[id]; }

private:
    Elements find(const Circuit& circuit, QuantityId id);
    struct ColumnFinder;
    Elements find_column(const Circuit& circuit, const Column& column);
    Elements find_states(const Circuit& circuit, const ScanStates& rule);
    /// A table's rows, found once.
    struct Rows {
        std::vector<std::vector<Goldilocks>> lists;  // of entries; a computed table's are quantities
        RowFinder by_first;
    };
    const Rows& rows_of(const Circuit& circuit, std::uint32_t table);
    std::span<const Goldilocks> entries_of(const Circuit& circuit, std::uint32_t table, std::size_t entry);
    void count(const Circuit& circuit);

    const ml::Graph& graph_;
    std::span<const ml::Values> inputs_;
    const ProductSums* sums_;
    std::vector<Saturation> saturations_;
    std::vector<std::optional<Elements>> quantities_;
    std::vector<ElementsView> columns_;  // among the quantities
    std::map<std::uint32_t, Rows> tables_;
    std::map<ColumnId, Elements> forged_;
};

}  // namespace valence::zk
