#include "valence/zk/verifier/verify.hpp"

#include "valence/zk/protocol/argument/account.hpp"
#include "valence/zk/protocol/circuit/work_meter.hpp"
#include "valence/zk/verifier/argument.hpp"
#include "valence/zk/verifier/opening.hpp"

namespace valence::zk {
namespace {

/// Reads each flag as the compiler asks for it.
class ReadSaturations final : public SaturationSource {
public:
    explicit ReadSaturations(ProofReader& proof) : proof_(proof) {}

    Result<Saturation> saturation(const Circuit&, QuantityId, const ml::Requantisation&) override {
        BOOST_OUTCOME_TRY(const BytesView byte, proof_.take_bytes(1));
        BOOST_OUTCOME_TRY(const auto flags, decode_flags(byte));
        read.push_back(flags[0]);
        return flags[0];
    }

    std::vector<Saturation> read;

private:
    ProofReader& proof_;
};

/// That tensors are of the ports' types, shapes and ranges.
Result<void> check_tensors(const ml::Graph& graph, std::span<const ml::TensorId> ports,
                           std::span<const ml::Values> tensors, const char* what) {
    if (tensors.size() != ports.size())
        return Error{ProofError::wrong_statement, std::string("number of ") + what};
    for (std::size_t port = 0; port < ports.size(); ++port) {
        const ml::Tensor& expected = graph.main.tensors[ports[port]];
        const ml::Values& given = tensors[port];
        if (given.type != expected.type || given.shape != expected.shape ||
            given.data.size() != expected.shape.elements())
            return Error{ProofError::wrong_statement, std::string("shape of ") + what};
        const std::int64_t bound = std::int64_t{1} << (given.type == ml::ElementType::activation ? 15 : 31);
        for (const std::int64_t element : given.data) {
            if (element < -bound || element >= bound)
                return Error{ProofError::wrong_statement, std::string("range of ") + what};
        }
    }
    return success();
}

template <typename E>
Result<void> verify_over(const ProvableModel& model, const Statement& statement,
                         const SecurityProfile& profile, ProofReader& reader) {
    ReadSaturations flags(reader);
    BOOST_OUTCOME_TRY(const Circuit circuit, compile(*model.graph, flags, statement.inputs));
    BOOST_OUTCOME_TRY(const OpeningParameters parameters, secure_parameters(circuit, profile));

    Transcript transcript = begin(profile, statement, flags.read);
    VerifierChannel channel{transcript, reader};
    BOOST_OUTCOME_TRY(const Hash witness_root, channel.receive_digest("witness"));
    BOOST_OUTCOME_TRY(const OpeningClaim<E> claim,
                      verify_argument<E>(circuit, statement.inputs, statement.outputs, channel));

    std::vector<Hash> roots{witness_root};
    std::vector<FunctionalAtPoint<E>> functionals{
        [&](std::span<const E> point) { return evaluate_columns<E>(circuit, claim, point); }};
    for (const WeightTable table : {WeightTable::narrow, WeightTable::wide}) {
        const auto index = static_cast<std::size_t>(table);
        if (!circuit.weight_variables[index]) continue;
        if (!model.tables[index] || model.tables[index]->variables != *circuit.weight_variables[index])
            return Error{ProofError::wrong_statement, "commitment to other weights"};
        roots.push_back(model.tables[index]->root);
        functionals.push_back([&, table](std::span<const E> point) {
            return evaluate_weights<E>(circuit, claim, table, point);
        });
    }
    BOOST_OUTCOME_TRY(verify_opening<E>(parameters, roots, functionals, claim.value, channel));
    return reader.finish();
}

}  // namespace

Result<void> verify(const ProvableModel& model, const Statement& statement, BytesView proof,
                    std::uint64_t most_touched) {
    if (statement.model != model.id) return Error{ProofError::other_model};
    BOOST_OUTCOME_TRY(check_tensors(*model.graph, model.graph->main.inputs, statement.inputs, "inputs"));
    BOOST_OUTCOME_TRY(check_tensors(*model.graph, model.graph->main.outputs, statement.outputs, "outputs"));
    ProofReader reader(proof);
    BOOST_OUTCOME_TRY(const BytesView head, reader.take_bytes(2));
    if (head[0] != kProofVersion)
        return Error{ProofError::bad_parameters, "version " + std::to_string(head[0])};
    BOOST_OUTCOME_TRY(const SecurityProfile profile, profile_of(head[1]));
    return metered(most_touched, [&](const WorkMeter&) {
        return profile.extension_degree == 2 ? verify_over<Extension2>(model, statement, profile, reader)
                                             : verify_over<Extension3>(model, statement, profile, reader);
    });
}

}  // namespace valence::zk
