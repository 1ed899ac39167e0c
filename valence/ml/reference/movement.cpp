// Operations that move elements and change none.
#include "valence/ml/reference/step.hpp"

namespace valence::ml::reference {
namespace {

/// An index of a gather as a place on an axis of `extent`.
std::uint32_t wrap(std::int64_t index, std::int64_t extent) {
    return static_cast<std::uint32_t>(clamp(index < 0 ? index + extent : index, 0, extent - 1));
}

}  // namespace

void compute(const Reshape&, const Step& step) { step.output().data = step.input(0).data; }

void compute(const Transpose& op, const Step& step) {
    for_each_place(step.output().shape, [&](const Place& place) {
        Place source{};
        for (std::size_t axis = 0; axis < op.permutation.size(); ++axis)
            source[op.permutation[axis]] = place[axis];
        at(step.output(), place) = at(step.input(0), source);
    });
}

void compute(const Slice& op, const Step& step) {
    for_each_place(step.output().shape, [&](const Place& place) {
        Place source{};
        for (std::size_t axis = 0; axis < op.start.size(); ++axis)
            source[axis] = static_cast<std::uint32_t>(std::int64_t{op.start[axis]} +
                                                      std::int64_t{place[axis]} * op.step[axis]);
        at(step.output(), place) = at(step.input(0), source);
    });
}

void compute(const Concatenation& op, const Step& step) {
    std::uint32_t offset = 0;
    for (const Values* const x : step.inputs) {
        for_each_place(x->shape, [&](const Place& place) {
            Place target = place;
            target[op.axis] += offset;
            at(step.output(), target) = at(*x, place);
        });
        offset += x->shape[op.axis];
    }
}

void compute(const Padding& op, const Step& step) {
    for (std::int64_t& element : step.output().data)
        element = op.value;
    for_each_place(step.input(0).shape, [&](const Place& place) {
        Place target = place;
        for (std::size_t axis = 0; axis < op.before.size(); ++axis)
            target[axis] += op.before[axis];
        at(step.output(), target) = at(step.input(0), place);
    });
}

void compute(const Broadcast&, const Step& step) {
    for_each_place(step.output().shape,
                   [&](const Place& place) { at(step.output(), place) = step.broadcast_input(0, place); });
}

void compute(const Selection& op, const Step& step) {
    const Weight& indices = step.weight(op.indices);
    for_each_place(step.output().shape, [&](const Place& place) {
        Place source = place;
        source[op.axis] = static_cast<std::uint32_t>(indices[place[op.axis]]);
        at(step.output(), place) = at(step.input(0), source);
    });
}

void compute(const Gather& op, const Step& step) {
    const Values& indices = step.inputs.size() == 2 ? step.input(1) : step.input(0);
    const Shape& shape = op.table ? step.weight(*op.table).shape : step.input(0).shape;
    const std::size_t index_rank = indices.shape.rank();
    for_each_place(step.output().shape, [&](const Place& place) {
        // The output's axes: the source's before `axis`, the indices', the source's after `axis`.
        Place index{};
        for (std::size_t axis = 0; axis < index_rank; ++axis)
            index[axis] = place[op.axis + axis];
        Place source{};
        for (std::size_t axis = 0; axis < op.axis; ++axis)
            source[axis] = place[axis];
        source[op.axis] = wrap(at(indices, index), shape[op.axis]);
        for (std::size_t axis = op.axis + std::size_t{1}; axis < shape.rank(); ++axis)
            source[axis] = place[axis - 1 + index_rank];
        at(step.output(), place) = op.table ? at(step.weight(*op.table), source) : at(step.input(0), source);
    });
}

void compute(const Constant& op, const Step& step) {
    for (std::size_t k = 0; k < step.output().data.size(); ++k)
        step.output().data[k] = step.weight(op.value)[k];
}

}  // namespace valence::ml::reference
