#include "valence/chain/inference/job_input.hpp"

#include "valence/ml/graph/model_error.hpp"
#include "valence/ml/model/border.hpp"
#include "valence/outcome/replay.hpp"

namespace valence::chain {
namespace {

const ml::Tensor& tensor_of(const ml::Graph& graph, const ml::Port& port) {
    return graph.main.tensors[port.tensor];
}

}  // namespace

Result<outcome::Integers> to_job_input(const DescribedModel& model, std::span<const U256> wad) {
    if (wad.size() != model.input_size)
        return Error{ml::ModelError::invalid_input, std::to_string(wad.size()) + " values, the model takes " +
                                                        std::to_string(model.input_size)};
    outcome::Integers input;
    input.reserve(wad.size());
    std::size_t at = 0;
    for (std::size_t number = 0; number < model.graph().inputs.size(); ++number) {
        const auto size = tensor_of(model.graph(), model.graph().inputs[number]).shape.elements();
        BOOST_OUTCOME_TRY(const auto converted, ml::from_wad(model.graph(), number, wad.subspan(at, size)));
        for (const auto value : converted.values.data)
            input.push_back(static_cast<std::int32_t>(value));
        at += size;
    }
    return input;
}

bool is_output_of(const ml::Graph& graph, const outcome::Integers& output) {
    if (output.size() != outcome::output_size(graph)) return false;
    std::size_t at = 0;
    for (const ml::Port& port : graph.outputs) {
        const auto& tensor = tensor_of(graph, port);
        for (auto left = tensor.shape.elements(); left > 0; --left, ++at)
            if (tensor.type == ml::ElementType::activation &&
                (output[at] < INT16_MIN || output[at] > INT16_MAX))
                return false;
    }
    return true;
}

std::optional<outcome::Integers> to_job_output(const DescribedModel& model, std::span<const U256> wad) {
    if (wad.size() != model.output_size) return std::nullopt;
    outcome::Integers output;
    output.reserve(wad.size());
    std::size_t at = 0;
    for (std::size_t number = 0; number < model.graph().outputs.size(); ++number) {
        const auto& tensor = tensor_of(model.graph(), model.graph().outputs[number]);
        // Conversion is exact: multiples of what 1 becomes.
        const auto unit = ml::to_wad(model.graph(), number, {tensor.type, tensor.shape, {1}})[0];
        for (const auto end = at + tensor.shape.elements(); at < end; ++at) {
            const bool is_negative = wad[at].is_negative();
            const auto [magnitude, rest] = base::div_mod(is_negative ? -wad[at] : wad[at], unit);
            if (!rest.is_zero() || magnitude > U256{std::uint64_t{1} << 31}) return std::nullopt;
            const auto value = static_cast<std::int64_t>(magnitude.low_u64()) * (is_negative ? -1 : 1);
            if (value > INT32_MAX) return std::nullopt;
            output.push_back(static_cast<std::int32_t>(value));
        }
    }
    if (!is_output_of(model.graph(), output)) return std::nullopt;
    return output;
}

std::vector<U256> from_job_output(const DescribedModel& model, const outcome::Integers& output) {
    std::vector<U256> wad;
    wad.reserve(output.size());
    auto at = output.begin();
    for (std::size_t number = 0; number < model.graph().outputs.size(); ++number) {
        const auto& tensor = tensor_of(model.graph(), model.graph().outputs[number]);
        ml::Values values{tensor.type, tensor.shape, {}};
        const auto end = at + static_cast<std::ptrdiff_t>(tensor.shape.elements());
        values.data.assign(at, end);
        at = end;
        const auto converted = ml::to_wad(model.graph(), number, values);
        wad.insert(wad.end(), converted.begin(), converted.end());
    }
    return wad;
}

}  // namespace valence::chain
