// A model whose runs can be proved: its weights as proofs open them, and the commitment that its verifying
// key holds.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "valence/zk/protocol/model_commitment.hpp"
#include "valence/zk/prover/commitment/committed_table.hpp"

namespace valence::zk {

class ProductSums;

/// A model with its weights committed; never changes, any number of threads may prove with it.
class ProvingModel {
public:
    /// A validated graph. One without a commitment gets it (graph() has it then); another's must be that of
    /// its weights. Time: about 70 ns a weight; memory: 40 bytes for each cell of its tables, of which those
    /// of a codeword of a GiB or more lie in a temporary file in the end, if there is room. Errors:
    /// CircuitError and ProofError::bad_parameters for a model that has no proofs; wrong_commitment.
    static Result<ProvingModel> commit(std::shared_ptr<const ml::Graph> graph);

    const ProvableModel& provable() const { return provable_; }
    const ml::Graph& graph() const { return *provable_.graph; }
    /// Bytes of memory that one proof takes beside the model, about: told before any of it is taken.
    std::uint64_t proof_memory() const { return proof_memory_; }
    /// The committed tables that the model has, narrow first.
    std::span<const std::unique_ptr<CommittedTable>> tables() const { return tables_; }
    /// The kernels of its layers.
    const ProductSums& product_sums() const { return *sums_; }

private:
    struct Values;

    /// Tables, and no model yet. `expected` says how many cells they have, if the graph has a commitment.
    static Result<ProvingModel> commit_weights(const ml::Graph& graph,
                                               const std::optional<CommittedTables>& expected);
    friend Result<Bytes> make_commitment(const ml::Graph& graph);
    friend Result<void> check_commitment(const ml::Graph& graph);

    ProvableModel provable_;
    std::uint64_t proof_memory_ = 0;
    std::shared_ptr<const Values> values_;  // that tables_ borrow
    std::vector<std::unique_ptr<CommittedTable>> tables_;
    std::shared_ptr<const ProductSums> sums_;
};

/// The commitment of a validated graph, whatever it has for one now. Errors: CircuitError, bad_parameters,
/// and too_long for more bytes than a key may hold.
Result<Bytes> make_commitment(const ml::Graph& graph);

/// The graph with its commitment. Errors: those of make_commitment().
Result<ml::Graph> committed(ml::Graph graph);

/// That a graph's commitment is that of its weights, as every node finds out before a model is opened. A pure
/// function. Time and memory are those of the cells that the commitment names. Errors: no_commitment,
/// wrong_commitment, and those of decode_commitment() and make_commitment().
Result<void> check_commitment(const ml::Graph& graph);

}  // namespace valence::zk
