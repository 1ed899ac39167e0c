// Operations that reduce axes or windows to one element, or to the foremost k.
#include <algorithm>

#include "valence/ml/reference/step.hpp"

namespace valence::ml::reference {
namespace {

/// The place of the output to which `place` of the input is reduced.
Place reduced(Place place, std::span<const std::uint8_t> axes) {
    for (const std::uint8_t axis : axes)
        place[axis] = 0;
    return place;
}

/// Calls visit(element) for each element of x in the window of output place [n, c, r, q].
template <typename Visit>
void for_each_in_window(const Values& x, const Window& window, const Place& out, Visit visit) {
    for (std::uint32_t i = 0; i < window.size[0]; ++i)
        for (std::uint32_t j = 0; j < window.size[1]; ++j) {
            const std::int64_t row = std::int64_t{out[2]} * window.stride[0] +
                                     std::int64_t{i} * window.dilation[0] - window.before[0];
            const std::int64_t column = std::int64_t{out[3]} * window.stride[1] +
                                        std::int64_t{j} * window.dilation[1] - window.before[1];
            if (row < 0 || row >= x.shape[2] || column < 0 || column >= x.shape[3]) continue;
            visit(
                at(x, {out[0], out[1], static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(column)}));
        }
}

/// Whether `candidate` stands before `best`; equal elements do not.
bool precedes(Extremum which, std::int64_t candidate, std::int64_t best) {
    return which == Extremum::maximum ? candidate > best : candidate < best;
}

/// Shape with extent 1 on `axis`: the lines along that axis.
Shape lines(Shape shape, std::size_t axis) {
    shape[axis] = 1;
    return shape;
}

}  // namespace

void compute(const Sum& op, const Step& step) {
    Values& y = step.output();
    for_each_place(step.input(0).shape,
                   [&](const Place& place) { at(y, reduced(place, op.axes)) += at(step.input(0), place); });
    for (std::int64_t& element : y.data)
        element = requantise(op.multiplier * element, op.out);
}

void compute(const AveragePool& op, const Step& step) {
    for_each_place(step.output().shape, [&](const Place& place) {
        std::int64_t sum = 0;
        for_each_in_window(step.input(0), op.window, place, [&](std::int64_t element) { sum += element; });
        const std::int64_t multiplier =
            op.multiplier_table ? at(step.weight(*op.multiplier_table), {place[2], place[3]}) : op.multiplier;
        at(step.output(), place) = requantise(multiplier * sum, op.out);
    });
}

void compute(const MaxPool& op, const Step& step) {
    for_each_place(step.output().shape, [&](const Place& place) {
        std::int64_t largest = kLeast;
        for_each_in_window(step.input(0), op.window, place,
                           [&](std::int64_t element) { largest = std::max(largest, element); });
        at(step.output(), place) = largest;
    });
}

void compute(const ReduceExtremum& op, const Step& step) {
    Values& y = step.output();
    for (std::int64_t& element : y.data)
        element = op.which == Extremum::maximum ? kLeast : kLargest;
    for_each_place(step.input(0).shape, [&](const Place& place) {
        std::int64_t& best = at(y, reduced(place, op.axes));
        if (precedes(op.which, at(step.input(0), place), best)) best = at(step.input(0), place);
    });
}

void compute(const ArgExtremum& op, const Step& step) {
    const Values& x = step.input(0);
    for_each_place(step.output().shape, [&](const Place& line) {
        Place best = line;
        for (Place place = line; place[op.axis] < x.shape[op.axis]; ++place[op.axis])
            if (precedes(op.which, at(x, place), at(x, best))) best = place;
        at(step.output(), line) = best[op.axis];
    });
}

void compute(const TopK& op, const Step& step) {
    const Values& x = step.input(0);
    const std::uint32_t count = step.outputs[0].shape[op.axis];
    for_each_place(lines(x.shape, op.axis), [&](const Place& line) {
        std::vector<std::uint32_t> order;
        for (std::uint32_t k = 0; k < x.shape[op.axis]; ++k)
            order.push_back(k);
        const auto element = [&](std::uint32_t k) {
            Place place = line;
            place[op.axis] = k;
            return at(x, place);
        };
        std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
            return element(a) == element(b) ? a < b : precedes(op.which, element(a), element(b));
        });
        Place place = line;
        for (; place[op.axis] < count; ++place[op.axis]) {
            const std::uint32_t chosen = order[place[op.axis]];
            at(step.outputs[0], place) = element(chosen);
            at(step.outputs[1], place) = chosen;
        }
    });
}

}  // namespace valence::ml::reference
