// Operations whose result at a place depends on their inputs at that place only.
#include <algorithm>

#include "valence/ml/functions/table.hpp"
#include "valence/ml/reference/step.hpp"

namespace valence::ml::reference {

void compute(const Combination& op, const Step& step) {
    for_each_place(step.output().shape, [&](const Place& place) {
        std::int64_t sum = step.broadcast_weight(op.bias, place);
        for (std::size_t i = 0; i < step.inputs.size(); ++i)
            sum += op.coefficients[i] * step.broadcast_input(i, place);
        at(step.output(), place) = requantise(sum, op.out);
    });
}

void compute(const Product& op, const Step& step) {
    for_each_place(step.output().shape, [&](const Place& place) {
        at(step.output(), place) =
            requantise(step.broadcast_input(0, place) * step.broadcast_input(1, place), op.out);
    });
}

void compute(const ElementwiseExtremum& op, const Step& step) {
    for_each_place(step.output().shape, [&](const Place& place) {
        const std::int64_t x = step.broadcast_input(0, place);
        const std::int64_t z = step.broadcast_input(1, place);
        at(step.output(), place) = op.which == Extremum::maximum ? std::max(x, z) : std::min(x, z);
    });
}

void compute(const Lookup& op, const Step& step) {
    const auto table = tabulate(op.table);
    for_each_place(step.output().shape, [&](const Place& place) {
        at(step.output(), place) = table->at(static_cast<std::int16_t>(at(step.input(0), place)));
    });
}

void compute(const Division& op, const Step& step) {
    for_each_place(step.output().shape, [&](const Place& place) {
        std::int64_t x = step.broadcast_input(0, place);
        std::int64_t z = step.broadcast_input(1, place);
        std::int64_t& y = at(step.output(), place);
        if (z == 0) {
            y = x > 0 ? kLargest : x < 0 ? kLeast : 0;
            return;
        }
        if (z < 0) {
            x = -x;
            z = -z;
        }
        const std::int64_t numerator = x * (std::int64_t{2} << op.shift) + z;
        y = clamp(floor_divide(numerator, 2 * z), kLeast, kLargest);
    });
}

void compute(const Comparison& op, const Step& step) {
    for_each_place(step.output().shape, [&](const Place& place) {
        const std::int64_t x = step.broadcast_input(0, place);
        const std::int64_t z = step.broadcast_input(1, place);
        bool holds = false;
        switch (op.relation) {
            case Relation::equal:
                holds = x == z;
                break;
            case Relation::less:
                holds = x < z;
                break;
            case Relation::less_or_equal:
                holds = x <= z;
                break;
        }
        at(step.output(), place) = holds ? 1 : 0;
    });
}

void compute(const Choice&, const Step& step) {
    for_each_place(step.output().shape, [&](const Place& place) {
        at(step.output(), place) = step.broadcast_input(0, place) != 0 ? step.broadcast_input(1, place)
                                                                       : step.broadcast_input(2, place);
    });
}

void compute(const IndexToActivation& op, const Step& step) {
    for_each_place(step.output().shape, [&](const Place& place) {
        const std::int64_t scale = std::int64_t{1} << op.shift;
        at(step.output(), place) = clamp(at(step.input(0), place) * scale, kLeast, kLargest);
    });
}

void compute(const ActivationToIndex& op, const Step& step) {
    for_each_place(step.output().shape, [&](const Place& place) {
        // C++ divides toward zero.
        at(step.output(), place) = at(step.input(0), place) / (std::int64_t{1} << op.shift);
    });
}

void compute(const IndexMap& op, const Step& step) {
    const Weight& keys = step.weight(op.keys);
    const Weight& values = step.weight(op.values);
    for_each_place(step.output().shape, [&](const Place& place) {
        const std::int64_t index = at(step.input(0), place);
        std::int64_t& y = at(step.output(), place);
        y = op.otherwise;
        for (std::size_t j = 0; j < keys.shape.elements(); ++j)
            if (keys[j] == index) y = values[j];
    });
}

}  // namespace valence::ml::reference
