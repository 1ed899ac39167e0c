#include "valence/zk/prover/witness/linear_values.hpp"

#include "valence/ml/reference/values.hpp"
#include "valence/zk/prover/parallel.hpp"
#include "valence/zk/prover/witness/assignment.hpp"

namespace valence::zk {
namespace {

/// Elements before and after an axis, row-major.
struct Around {
    std::size_t before;
    std::size_t after;
};
Around around(const ml::Shape& shape, std::size_t axis) {
    return {shape.product(0, axis), shape.product(axis + 1, shape.rank())};
}

/// The arguments of sums of products are small integers: activations, weights, biases.
std::vector<std::int64_t> to_integers(ElementsView elements) {
    std::vector<std::int64_t> integers(elements.size());
    for (std::size_t k = 0; k < elements.size(); ++k)
        integers[k] = to_signed(elements[k]);
    return integers;
}

}  // namespace

std::optional<ml::WeightId> weight_of(const Circuit& circuit, QuantityId id) {
    const Definition& definition = circuit.quantities[id].definition;
    if (const auto* view = std::get_if<Reshaped>(&definition)) return weight_of(circuit, view->of);
    const auto* leaf = std::get_if<CommittedWeight>(&definition);
    return leaf == nullptr ? std::nullopt : std::optional(leaf->weight);
}

Elements transpose(ElementsView of, const ml::Shape& from, std::span<const std::uint8_t> permutation) {
    ml::Shape to = from;
    for (std::size_t k = 0; k < permutation.size(); ++k)
        to[k] = from[permutation[k]];
    Elements result;
    result.reserve(of.size());
    ml::reference::for_each_place(to, [&](const ml::reference::Place& place) {
        ml::reference::Place source{};
        for (std::size_t k = 0; k < permutation.size(); ++k)
            source[permutation[k]] = place[k];
        result.push_back(of[ml::reference::position(from, source)]);
    });
    return result;
}

Elements place(ElementsView of, const ml::Shape& from, const Placed& view) {
    const auto [before, after] = around(from, view.axis);
    const std::size_t extent = from[view.axis];
    Elements result(before * view.sources.size() * after);
    const Goldilocks fill = Goldilocks::of(view.fill);
    in_parallel(before, 2 * view.sources.size() * after, [&](std::size_t begin, std::size_t end) {
        Goldilocks* to = result.data() + begin * view.sources.size() * after;
        for (std::size_t b = begin; b < end; ++b) {
            for (const std::int64_t source : view.sources) {
                if (source < 0) {
                    to = std::fill_n(to, after, fill);
                } else {
                    const std::size_t row = b * extent + static_cast<std::size_t>(source);
                    if (after == 1)
                        *to++ = of[row];
                    else
                        to = std::copy_n(of.data() + row * after, after, to);
                }
            }
        }
    });
    return result;
}

Elements broadcast(ElementsView of, const ml::Shape& from, const ml::Shape& to) {
    Elements result;
    result.reserve(to.elements());
    ml::reference::for_each_place(to, [&](const ml::reference::Place& place) {
        result.push_back(of[ml::reference::position(from, ml::reference::broadcast_place(from, to, place))]);
    });
    return result;
}

Elements sum_over(ElementsView of, const ml::Shape& from, const ml::Shape& to) {
    Elements result(to.elements());
    std::size_t at = 0;
    ml::reference::for_each_place(from, [&](const ml::reference::Place& place) {
        result[ml::reference::position(to, ml::reference::broadcast_place(to, from, place))] += of[at++];
    });
    return result;
}

Elements multiply_along(ElementsView of, const ml::Shape& shape, const Multiplied& view) {
    const auto [before, after] = around(shape, view.axis);
    std::vector<Goldilocks> multipliers;
    for (const std::int64_t multiplier : view.multipliers)
        multipliers.push_back(Goldilocks::of(multiplier));
    Elements result(of.begin(), of.end());
    in_parallel(before, 2 * multipliers.size() * after, [&](std::size_t begin, std::size_t end) {
        Goldilocks* at = result.data() + begin * multipliers.size() * after;
        for (std::size_t b = begin; b < end; ++b) {
            for (const Goldilocks multiplier : multipliers) {
                for (Goldilocks* const next = at + after; at != next; ++at)
                    *at *= multiplier;
            }
        }
    });
    return result;
}

Elements inner_products(ElementsView left, const ml::Shape& left_shape, ElementsView right,
                        const ml::Shape& right_shape) {
    const std::size_t rank = left_shape.rank();
    const std::size_t batch = left_shape.product(0, rank - 2);
    const std::size_t rows = left_shape[rank - 2];
    const std::size_t columns = right_shape[rank - 2];
    const std::size_t inner = left_shape.back();
    const auto x = to_integers(left);
    const auto z = to_integers(right);
    Elements result;
    result.reserve(batch * rows * columns);
    for (std::size_t b = 0; b < batch; ++b) {
        for (std::size_t m = 0; m < rows; ++m) {
            const std::int64_t* const row = x.data() + (b * rows + m) * inner;
            for (std::size_t n = 0; n < columns; ++n) {
                const std::int64_t* const column = z.data() + (b * columns + n) * inner;
                std::int64_t sum = 0;
                for (std::size_t k = 0; k < inner; ++k)
                    sum += row[k] * column[k];
                result.push_back(Goldilocks::of(sum));
            }
        }
    }
    return result;
}

Elements convolve(ElementsView weight, const ml::Shape& weight_shape, ElementsView image,
                  const ml::Shape& image_shape, const ml::Shape& out, const Convolved& product) {
    const auto w = to_integers(weight);
    const auto x = to_integers(image);
    const ml::Window& window = product.window;
    const std::size_t plane = std::size_t{out[2]} * out[3];
    const std::size_t outputs_each = out[1] / product.groups;
    const std::size_t channels_each = weight_shape[1];
    std::vector<std::int64_t> sums(out.elements(), 0);
    for (std::size_t n = 0; n < out[0]; ++n) {
        for (std::size_t o = 0; o < out[1]; ++o) {
            std::int64_t* const to = sums.data() + (n * out[1] + o) * plane;
            for (std::size_t c = 0; c < channels_each; ++c) {
                const std::size_t channel = o / outputs_each * channels_each + c;
                const std::int64_t* const from =
                    x.data() + (n * image_shape[1] + channel) * image_shape[2] * image_shape[3];
                for (std::size_t i = 0; i < weight_shape[2]; ++i) {
                    for (std::size_t j = 0; j < weight_shape[3]; ++j) {
                        const std::int64_t tap =
                            w[((o * channels_each + c) * weight_shape[2] + i) * weight_shape[3] + j];
                        if (tap == 0) continue;
                        for (std::size_t y = 0; y < out[2]; ++y) {
                            const auto row =
                                static_cast<std::int64_t>(y * window.stride[0] + i * window.dilation[0]) -
                                window.before[0];
                            if (row < 0 || row >= image_shape[2]) continue;
                            for (std::size_t q = 0; q < out[3]; ++q) {
                                const auto column =
                                    static_cast<std::int64_t>(q * window.stride[1] + j * window.dilation[1]) -
                                    window.before[1];
                                if (column < 0 || column >= image_shape[3]) continue;
                                to[y * out[3] + q] += tap * from[row * image_shape[3] + column];
                            }
                        }
                    }
                }
            }
        }
    }
    Elements result;
    result.reserve(sums.size());
    for (const std::int64_t sum : sums)
        result.push_back(Goldilocks::of(sum));
    return result;
}

}  // namespace valence::zk
