// Operations that multiply by weights or by each other and add up.
#include "valence/ml/reference/step.hpp"

namespace valence::ml::reference {
namespace {

/// The accumulator of output channel n as an activation: requantise(2^e[n]·(sum + bias[n])).
template <typename Operation>
std::int64_t finish(const Operation& op, const Step& step, std::int64_t sum, std::size_t n) {
    const std::int64_t scale = std::int64_t{1} << step.entry(op.channel, n);
    return requantise(scale * (sum + step.entry(op.bias, n)), op.out);
}

/// Where tap `tap` of output place `out` reads on one axis of a window; may lie outside.
std::int64_t tap_place(const Window& window, std::size_t axis, std::uint32_t out, std::uint32_t tap) {
    return std::int64_t{out} * window.stride[axis] + std::int64_t{tap} * window.dilation[axis] -
           std::int64_t{window.before[axis]};
}

}  // namespace

void compute(const Linear& op, const Step& step) {
    const Values& x = step.input(0);
    const Weight& weight = step.weight(op.weight);
    const std::size_t inner = x.shape.back();
    const std::size_t channels = step.output().shape.back();
    const std::size_t rows = x.data.size() / inner;
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t n = 0; n < channels; ++n) {
            std::int64_t sum = 0;
            for (std::size_t k = 0; k < inner; ++k)
                sum += weight[n * inner + k] * x.data[row * inner + k];
            step.output().data[row * channels + n] = finish(op, step, sum, n);
        }
}

void compute(const Convolution& op, const Step& step) {
    const Values& x = step.input(0);
    Values& y = step.output();
    const Weight& weight = step.weight(op.weight);
    const std::uint32_t channels = weight.shape[1];  // C/G, of each group
    const std::uint32_t outputs_of_group = y.shape[1] / op.groups;
    for_each_place(y.shape, [&](const Place& place) {
        const auto [n, o, r, q] = std::array{place[0], place[1], place[2], place[3]};
        const std::uint32_t group = o / outputs_of_group;
        std::int64_t sum = 0;
        for (std::uint32_t c = 0; c < channels; ++c)
            for (std::uint32_t i = 0; i < op.window.size[0]; ++i)
                for (std::uint32_t j = 0; j < op.window.size[1]; ++j) {
                    const std::int64_t row = tap_place(op.window, 0, r, i);
                    const std::int64_t column = tap_place(op.window, 1, q, j);
                    if (row < 0 || row >= x.shape[2] || column < 0 || column >= x.shape[3]) continue;
                    sum += at(weight, {o, c, i, j}) *
                           at(x, {n, group * channels + c, static_cast<std::uint32_t>(row),
                                  static_cast<std::uint32_t>(column)});
                }
        at(y, place) = finish(op, step, sum, o);
    });
}

void compute(const TransposedConvolution& op, const Step& step) {
    const Values& x = step.input(0);
    Values& y = step.output();
    const Weight& weight = step.weight(op.weight);
    const std::uint32_t channels = weight.shape[1];
    const std::uint32_t outputs_of_group = y.shape[1] / op.groups;
    // The input place whose tap `tap` falls on output place `out`; −1 where there is none.
    const auto source = [&](std::size_t axis, std::uint32_t out, std::uint32_t tap) -> std::int64_t {
        const std::int64_t full =
            std::int64_t{out} + op.window.before[axis] - std::int64_t{tap} * op.window.dilation[axis];
        if (full < 0 || full % op.window.stride[axis] != 0) return -1;
        const std::int64_t place = full / op.window.stride[axis];
        return place < x.shape[2 + axis] ? place : -1;
    };
    for_each_place(y.shape, [&](const Place& place) {
        const auto [n, o, r, q] = std::array{place[0], place[1], place[2], place[3]};
        const std::uint32_t group = o / outputs_of_group;
        std::int64_t sum = 0;
        for (std::uint32_t c = 0; c < channels; ++c)
            for (std::uint32_t i = 0; i < op.window.size[0]; ++i)
                for (std::uint32_t j = 0; j < op.window.size[1]; ++j) {
                    const std::int64_t row = source(0, r, i);
                    const std::int64_t column = source(1, q, j);
                    if (row < 0 || column < 0) continue;
                    sum += at(weight, {o, c, i, j}) *
                           at(x, {n, group * channels + c, static_cast<std::uint32_t>(row),
                                  static_cast<std::uint32_t>(column)});
                }
        at(y, place) = finish(op, step, sum, o);
    });
}

void compute(const MatrixProduct& op, const Step& step) {
    const Values& x = step.input(0);
    const Values& z = step.input(1);
    Values& y = step.output();
    const std::size_t rank = y.shape.rank();
    const std::uint32_t inner = x.shape.back();
    for_each_place(y.shape, [&](const Place& place) {
        std::int64_t sum = 0;
        Place left = place;   // […, m, k]
        Place right = place;  // […, k, n]
        for (std::uint32_t k = 0; k < inner; ++k) {
            left[rank - 1] = k;
            right[rank - 2] = k;
            sum += at(x, left) * at(z, right);
        }
        at(y, place) = requantise(sum, op.out);
    });
}

void compute(const Scaling& op, const Step& step) {
    for_each_place(step.output().shape, [&](const Place& place) {
        const std::int64_t scale = std::int64_t{1} << step.broadcast_weight(op.channel, place);
        const std::int64_t product = step.broadcast_weight(op.weight, place) * at(step.input(0), place);
        at(step.output(), place) =
            requantise(scale * (product + step.broadcast_weight(op.bias, place)), op.out);
    });
}

}  // namespace valence::ml::reference
