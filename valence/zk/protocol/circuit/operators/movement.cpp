// Operations that move elements: no column, no lookup, no time.
#include "valence/zk/protocol/circuit/compiler.hpp"

namespace valence::zk {

Result<void> compile_node(Compiler& to, const ml::Reshape&, const ml::Node& node) {
    to.set_tensor(node.outputs[0], to.reshaped(to.tensor(node.inputs[0]), to.tensor_shape(node.outputs[0])));
    return success();
}

Result<void> compile_node(Compiler& to, const ml::Transpose& transpose, const ml::Node& node) {
    to.set_tensor(node.outputs[0], to.define(to.tensor_shape(node.outputs[0]),
                                             Transposed{to.tensor(node.inputs[0]), transpose.permutation}));
    return success();
}

Result<void> compile_node(Compiler& to, const ml::Slice& slice, const ml::Node& node) {
    const ml::Shape& out = to.tensor_shape(node.outputs[0]);
    QuantityId quantity = to.tensor(node.inputs[0]);
    for (std::size_t axis = 0; axis < out.rank(); ++axis) {
        if (slice.start[axis] == 0 && slice.step[axis] == 1 && to.shape(quantity)[axis] == out[axis])
            continue;
        std::vector<std::int64_t> sources(out[axis]);
        for (std::uint32_t j = 0; j < out[axis]; ++j)
            sources[j] = std::int64_t{slice.start[axis]} + std::int64_t{j} * slice.step[axis];
        quantity = to.placed(quantity, static_cast<std::uint8_t>(axis), std::move(sources));
    }
    to.set_tensor(node.outputs[0], quantity);
    return success();
}

Result<void> compile_node(Compiler& to, const ml::Concatenation& concatenation, const ml::Node& node) {
    const std::uint32_t extent = to.tensor_shape(node.outputs[0])[concatenation.axis];
    std::vector<std::pair<Goldilocks, QuantityId>> parts;
    std::uint32_t begin = 0;
    for (const ml::TensorId input : node.inputs) {
        const QuantityId part = to.tensor(input);
        std::vector<std::int64_t> sources(extent, -1);
        for (std::uint32_t j = 0; j < to.shape(part)[concatenation.axis]; ++j)
            sources[begin + j] = j;
        begin += to.shape(part)[concatenation.axis];
        parts.emplace_back(Goldilocks(1), to.placed(part, concatenation.axis, std::move(sources)));
    }
    to.set_tensor(node.outputs[0], to.affine(std::move(parts)));
    return success();
}

Result<void> compile_node(Compiler& to, const ml::Padding& padding, const ml::Node& node) {
    const ml::Shape& out = to.tensor_shape(node.outputs[0]);
    QuantityId quantity = to.tensor(node.inputs[0]);
    for (std::size_t axis = 0; axis < out.rank(); ++axis) {
        const std::uint32_t extent = to.shape(quantity)[axis];
        if (extent == out[axis]) continue;
        std::vector<std::int64_t> sources(out[axis], -1);
        for (std::uint32_t j = 0; j < extent; ++j)
            sources[padding.before[axis] + j] = j;
        quantity = to.placed(quantity, static_cast<std::uint8_t>(axis), std::move(sources), padding.value);
    }
    to.set_tensor(node.outputs[0], quantity);
    return success();
}

Result<void> compile_node(Compiler& to, const ml::Broadcast&, const ml::Node& node) {
    to.set_tensor(node.outputs[0], to.broadcast(to.tensor(node.inputs[0]), to.tensor_shape(node.outputs[0])));
    return success();
}

Result<void> compile_node(Compiler& to, const ml::Selection& selection, const ml::Node& node) {
    const ml::Weight& indices = to.graph().weights[selection.indices];
    std::vector<std::int64_t> sources;
    for (std::uint64_t j = 0; j < indices.shape.elements(); ++j)
        sources.push_back(indices[j]);
    to.set_tensor(node.outputs[0], to.placed(to.tensor(node.inputs[0]), selection.axis, std::move(sources)));
    return success();
}

Result<void> compile_node(Compiler& to, const ml::Constant& constant, const ml::Node& node) {
    to.set_tensor(node.outputs[0], to.weight(constant.value));
    return success();
}

}  // namespace valence::zk
