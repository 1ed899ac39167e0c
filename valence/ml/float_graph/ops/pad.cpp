// Padding with a constant, by reflection, by the edge or by wrapping around.
#include "valence/ml/float_graph/ops/families.hpp"
#include "valence/ml/float_graph/ops/strided.hpp"
#include "valence/ml/float_graph/ops/typing.hpp"

namespace valence::ml::real {
namespace {

/// Where the element at `place` of an axis (0 is the first of the input's `extent`) comes from; −1: the
/// constant.
std::int64_t source(PadMode mode, std::int64_t place, std::int64_t extent) {
    if (place >= 0 && place < extent) return place;
    switch (mode) {
        case PadMode::constant:
            return -1;
        case PadMode::edge:
            return place < 0 ? 0 : extent - 1;
        case PadMode::wrap:
            return (place % extent + extent) % extent;
        case PadMode::reflect: {
            if (extent == 1) return 0;
            const auto period = 2 * (extent - 1);
            const auto at = (place % period + period) % period;
            return at < extent ? at : period - at;
        }
    }
    return -1;
}

}  // namespace

OutputTypes infer_pad(Op, const Attributes& attributes, InputTypes inputs) {
    const auto& pad = std::get<PadAttributes>(attributes);
    auto type = *inputs[0];
    const auto rank = type.shape.size();
    if (pad.before.size() != rank || pad.after.size() != rank)
        return Error{GraphError::shape_invalid, "padding of another rank than " + to_string(type)};
    for (std::size_t i = 0; i < rank; ++i) {
        for (const auto p : {pad.before[i], pad.after[i]})
            if (p < 0 || p > kMaxElements)
                return Error{GraphError::shape_invalid, "padding " + std::to_string(p)};
        if (type.shape[i] == 0 && pad.mode != PadMode::constant && pad.before[i] + pad.after[i] > 0)
            return Error{GraphError::shape_invalid, "nothing to pad an empty axis with"};
        type.shape[i] += pad.before[i] + pad.after[i];
    }
    return one_output(std::move(type));
}

Result<void> compute_pad(Op, const Attributes& attributes, InputTensors inputs, std::span<Tensor> outputs) {
    const auto& pad = std::get<PadAttributes>(attributes);
    const auto& from = inputs[0]->shape();
    const auto& to = outputs[0].shape();
    const auto rank = to.size();
    const auto strides = strides_of(from);
    // Offsets of the source per axis and place; −1 where the constant goes.
    std::vector<std::vector<std::int64_t>> offsets(rank);
    for (std::size_t i = 0; i < rank; ++i)
        for (std::int64_t j = 0; j < to[i]; ++j) {
            const auto at = source(pad.mode, j - pad.before[i], from[i]);
            offsets[i].push_back(at < 0 ? -1 : at * strides[i]);
        }
    dispatch(outputs[0].element(), [&](auto type) {
        using T = decltype(type);
        const auto x = elements<T>(*inputs[0]);
        const auto y = elements<T>(outputs[0]);
        Shape index(rank, 0);
        for (auto& out : y) {
            std::int64_t offset = 0;
            bool inside = true;
            for (std::size_t i = 0; i < rank; ++i) {
                const auto o = offsets[i][static_cast<std::size_t>(index[i])];
                inside = inside && o >= 0;
                offset += o;
            }
            out = inside ? x[offset] : static_cast<T>(pad.value);
            for (auto i = rank; i-- > 0;) {
                if (++index[i] < to[i]) break;
                index[i] = 0;
            }
        }
    });
    return success();
}

}  // namespace valence::ml::real
