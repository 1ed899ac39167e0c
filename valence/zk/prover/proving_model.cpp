#include "valence/zk/prover/proving_model.hpp"

#include <fmt/format.h>

#include "valence/ml/graph/limits.hpp"
#include "valence/zk/protocol/argument/account.hpp"
#include "valence/zk/protocol/circuit/compile.hpp"
#include "valence/zk/protocol/proof/proof_error.hpp"
#include "valence/zk/prover/witness/product_sums.hpp"

namespace valence::zk {
namespace {

/// Bytes of a codeword that memory is too dear for.
constexpr std::size_t kKeptInFile = std::size_t{1} << 30;

/// Every requantisation may saturate: for compiling what does not depend on it.
class NoSaturation final : public SaturationSource {
public:
    Result<Saturation> saturation(const Circuit&, QuantityId, const ml::Requantisation&) override {
        return Saturation{};
    }
};

/// What a proof of a run of this circuit keeps in memory: the values of all quantities and of the columns
/// among them, the witness with its codeword and what is opened of it, and the layers of the sum of
/// fractions.
std::uint64_t memory_for(const Circuit& circuit) {
    constexpr std::uint64_t kElement = 16;
    constexpr std::uint64_t kCell = 80;
    constexpr std::uint64_t kLeaf = 64;
    std::uint64_t elements = 0;
    for (const Quantity& quantity : circuit.quantities)
        elements += quantity.shape.elements();
    return kElement * elements + (kCell << circuit.witness_variables) + kLeaf * std::bit_ceil(circuit.leaves);
}

}  // namespace

struct ProvingModel::Values {
    std::vector<std::int8_t> narrow;
    std::vector<Goldilocks> wide;
};

Result<ProvingModel> ProvingModel::commit_weights(const ml::Graph& graph,
                                                  const std::optional<CommittedTables>& expected) {
    NoSaturation saturations;
    BOOST_OUTCOME_TRY(const Circuit circuit, compile(graph, saturations));
    // Before any memory is taken: a circuit too large for proofs has no use for tables.
    BOOST_OUTCOME_TRYV(secure_parameters(circuit, kProfile100));
    for (std::size_t index = 0; expected && index < expected->size(); ++index) {
        const auto& table = (*expected)[index];
        if (circuit.weight_variables[index] != (table ? std::optional(table->variables) : std::nullopt))
            return Error{ProofError::wrong_commitment, "another number of cells"};
    }
    auto values = std::make_shared<Values>();
    // Without the rows that are zero.
    const auto stored_cells = [&](WeightTable table) -> std::size_t {
        const std::uint64_t cells = circuit.weight_cells[static_cast<std::size_t>(table)];
        if (cells == 0) return 0;
        const OracleShape shape = weight_shape_of(cells).oracle();
        return shape.rows << shape.log_columns;
    };
    values->narrow.resize(stored_cells(WeightTable::narrow));
    values->wide.resize(stored_cells(WeightTable::wide));
    for (std::size_t id = 0; id < circuit.weights.size(); ++id) {
        if (!circuit.weights[id]) continue;
        const ml::Weight& weight = graph.weights[id];
        const Layout& layout = circuit.weights[id]->layout;
        if (circuit.weights[id]->table == WeightTable::narrow)
            layout.for_each([&](std::uint64_t k, std::uint64_t at) {
                values->narrow[at] = static_cast<std::int8_t>(weight[k]);
            });
        else
            layout.for_each(
                [&](std::uint64_t k, std::uint64_t at) { values->wide[at] = Goldilocks::of(weight[k]); });
    }
    ProvingModel model;
    model.proof_memory_ = memory_for(circuit);
    model.values_ = values;
    const auto add_table = [&](WeightTable which, const TableValues& table) {
        const auto index = static_cast<std::size_t>(which);
        if (circuit.weight_cells[index] == 0) return;
        const TableShape shape = weight_shape_of(circuit.weight_cells[index]);
        model.tables_.push_back(std::make_unique<CommittedTable>(shape, table));
        model.provable_.tables[index] = CommittedWeights{shape.variables, model.tables_.back()->root()};
    };
    add_table(WeightTable::narrow, std::span<const std::int8_t>(values->narrow));
    add_table(WeightTable::wide, std::span<const Goldilocks>(values->wide));
    return model;
}

Result<ProvingModel> ProvingModel::commit(std::shared_ptr<const ml::Graph> graph) {
    std::optional<CommittedTables> expected;
    if (!graph->commitment.empty()) {
        BOOST_OUTCOME_TRY(const Commitment given, decode_commitment(graph->commitment, *graph));
        expected = given.tables;
    }
    BOOST_OUTCOME_TRY(ProvingModel model, commit_weights(*graph, expected));
    Bytes commitment = encode_commitment(*graph, model.provable_.tables);
    if (graph->commitment.empty()) {
        auto with_commitment = std::make_shared<ml::Graph>(*graph);
        with_commitment->commitment = std::move(commitment);
        graph = std::move(with_commitment);
    } else if (graph->commitment != commitment) {
        return Error{ProofError::wrong_commitment};
    }
    for (const auto& table : model.tables_) {
        table->find_digits();
        if (table->codeword().size_bytes() >= kKeptInFile) table->move_to_file();
    }
    BOOST_OUTCOME_TRY(ProductSums sums, ProductSums::of(*graph));
    model.sums_ = std::make_shared<const ProductSums>(std::move(sums));
    model.provable_.id = ml::model_id(*graph);
    model.provable_.graph = std::move(graph);
    return model;
}

Result<Bytes> make_commitment(const ml::Graph& graph) {
    BOOST_OUTCOME_TRY(const ProvingModel model, ProvingModel::commit_weights(graph, {}));
    Bytes commitment = encode_commitment(graph, model.provable_.tables);
    if (commitment.size() > ml::kMaxCommitment)
        return Error{ProofError::too_long, fmt::format("a commitment of {} bytes", commitment.size())};
    return commitment;
}

Result<ml::Graph> committed(ml::Graph graph) {
    BOOST_OUTCOME_TRY(graph.commitment, make_commitment(graph));
    return graph;
}

Result<void> check_commitment(const ml::Graph& graph) {
    if (graph.commitment.empty()) return Error{ProofError::no_commitment};
    BOOST_OUTCOME_TRY(const Commitment given, decode_commitment(graph.commitment, graph));
    BOOST_OUTCOME_TRY(const ProvingModel model, ProvingModel::commit_weights(graph, given.tables));
    if (encode_commitment(graph, model.provable_.tables) != graph.commitment)
        return Error{ProofError::wrong_commitment};
    return success();
}

}  // namespace valence::zk
