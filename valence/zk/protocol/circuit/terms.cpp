#include "valence/zk/protocol/circuit/terms.hpp"

#include <bit>
#include <numeric>

#include "valence/base/result.hpp"
#include "valence/zk/protocol/circuit/work_meter.hpp"

namespace valence::zk {
namespace {

std::vector<Axis> axes_between(std::size_t first, std::size_t last) {
    std::vector<Axis> axes(last - first);
    std::iota(axes.begin(), axes.end(), static_cast<Axis>(first));
    return axes;
}

/// One-dimensional: weight of input place p = Σ over output places and taps that read it.
template <typename E>
std::vector<E> spread(std::span<const E> outputs, std::span<const E> taps, std::uint32_t extent,
                      std::uint32_t stride, std::uint32_t dilation, std::uint32_t before) {
    WorkMeter::spend(extent + WorkMeter::kScatteredProduct * outputs.size() * taps.size());
    std::vector<E> weights(extent);
    for (std::size_t y = 0; y < outputs.size(); ++y) {
        for (std::size_t i = 0; i < taps.size(); ++i) {
            const std::uint64_t place = y * stride + i * dilation;
            if (place >= before && place - before < extent) weights[place - before] += outputs[y] * taps[i];
        }
    }
    return weights;
}

template <typename E>
class SidesOf {
public:
    SidesOf(const Circuit& circuit, const Claim<E>& product, std::span<const E> point)
        : circuit_(circuit), on_(product.functional), point_(point) {}

    Sides<E> operator()(const InnerProducts& product) const {
        const ml::Shape& left = shape(product.left);
        const ml::Shape& right = shape(product.right);
        const std::size_t batch = left.rank() - 2;
        const auto batch_axes = axes_between(0, batch);
        const std::uint32_t inner = left.back();
        Functional<E> on_left{left, {}};
        Functional<E> on_right{right, {}};
        const auto add_to = [&](Functional<E>& side, std::vector<Axis> axes, SharedValues<E> values) {
            side.factors.push_back({std::move(axes), std::move(values)});
        };
        // Axes of extent 1 stand alone: in one factor with longer ones they would tie these to whatever they
        // are reshaped with.
        std::vector<Axis> long_batch;
        for (const Axis axis : batch_axes) {
            if (left[axis] > 1) {
                long_batch.push_back(axis);
                continue;
            }
            add_to(on_left, {axis}, {E(std::uint64_t{1})});
            add_to(on_right, {axis}, {E(std::uint64_t{1})});
        }
        // eq(r, b·K + k), a product if K is a power of two; on the left times φ_batch(b).
        const std::vector<E> by_batch = on_.vector_over(batch_axes);
        const auto inner_axis = static_cast<Axis>(batch + 1);
        const bool splits = std::has_single_bit(inner) && !long_batch.empty();
        const std::size_t inner_bits = splits ? static_cast<std::size_t>(log2_ceil(inner)) : 0;
        const std::size_t block = splits ? 1 : inner;
        std::vector<E> indices =
            eq_range(point_.first(point_.size() - inner_bits), 0, by_batch.size() * block);
        if (splits) {
            const SharedValues<E> within = eq_range(point_.last(inner_bits), 0, inner);
            add_to(on_left, {inner_axis}, within);
            add_to(on_right, {inner_axis}, within);
        } else {
            long_batch.push_back(inner_axis);
        }
        add_to(on_right, long_batch, indices);
        for (std::size_t k = 0; k < indices.size(); ++k)
            indices[k] *= by_batch[k / block];
        add_to(on_left, long_batch, std::move(indices));
        add_to(on_right, {static_cast<Axis>(batch)}, on_.vector_over(axes_between(batch + 1, batch + 2)));
        add_to(on_left, {static_cast<Axis>(batch)}, on_.vector_over(axes_between(batch, batch + 1)));
        return {{product.left, std::move(on_left)}, {product.right, std::move(on_right)}};
    }

    Sides<E> operator()(const Convolved& product) const {
        const ml::Shape& kernel = shape(product.weight);
        const ml::Shape& image = shape(product.image);
        const ConvolutionWeights<E> weights = split(on_);
        const auto channel_bits = static_cast<std::size_t>(log2_ceil(image[1]));
        const auto row_bits = static_cast<std::size_t>(log2_ceil(kernel[2]));
        const std::vector<E> channels = eq_range(point_.first(channel_bits), 0, image[1]);
        const std::vector<E> rows = eq_range(point_.subspan(channel_bits, row_bits), 0, kernel[2]);
        const std::vector<E> columns = eq_range(point_.subspan(channel_bits + row_bits), 0, kernel[3]);

        Functional<E> on_kernel{kernel, {}};
        if (product.groups == 1) {
            on_kernel.factors.push_back({{0}, weights.channels});
            on_kernel.factors.push_back({{1}, channels});
        } else {
            const std::uint32_t outputs_each = kernel[0] / product.groups;
            std::vector<E> joint;
            WorkMeter::spend(WorkMeter::kProduct * kernel[0] * kernel[1]);
            for (std::uint32_t o = 0; o < kernel[0]; ++o) {
                for (std::uint32_t c = 0; c < kernel[1]; ++c)
                    joint.push_back(weights.channels[o] * channels[o / outputs_each * kernel[1] + c]);
            }
            on_kernel.factors.push_back({{0, 1}, std::move(joint)});
        }
        on_kernel.factors.push_back({{2}, rows});
        on_kernel.factors.push_back({{3}, columns});

        Functional<E> on_image{image, {}};
        on_image.factors.push_back({{0}, weights.items});
        on_image.factors.push_back({{1}, channels});
        const ml::Window& window = product.window;
        if (weights.joint.empty()) {
            on_image.factors.push_back({{2},
                                        spread<E>(weights.rows, rows, image[2], window.stride[0],
                                                  window.dilation[0], window.before[0])});
            on_image.factors.push_back({{3},
                                        spread<E>(weights.columns, columns, image[3], window.stride[1],
                                                  window.dilation[1], window.before[1])});
        } else {
            on_image.factors.push_back({{2, 3}, spread_jointly(weights.joint, rows, columns, image, window)});
        }
        return {{product.weight, std::move(on_kernel)}, {product.image, std::move(on_image)}};
    }

    Sides<E> operator()(const Multiplication& product) const {
        // A's table is φ·x, so that A(r) weighs x by eq(r, ·)·φ.
        Functional<E> places = multiplication_layout(on_).weights(point_);
        Functional<E> weighed = places;
        for (const Factor<E>& factor : on_.factors) {
            for (Factor<E>& each : weighed.factors) {
                if (each.axes != factor.axes) continue;
                std::vector<E>& values = each.values.own();
                for (std::size_t k = 0; k < values.size(); ++k)
                    values[k] *= factor.values[k];
            }
        }
        return {{product.left, std::move(weighed)}, {product.right, std::move(places)}};
    }

    template <typename Linear>
    Sides<E> operator()(const Linear&) const {
        VALENCE_CHECK(false && "a bilinear quantity");
        __builtin_unreachable();
    }

private:
    const ml::Shape& shape(QuantityId id) const { return circuit_.quantities[id].shape; }

    static std::vector<E> spread_jointly(std::span<const E> places, std::span<const E> rows,
                                         std::span<const E> columns, const ml::Shape& image,
                                         const ml::Window& window) {
        // First along the rows' taps, line by line, then along the columns'.
        const std::size_t height = places.empty() ? 0 : output_extent(image[2], window, 0);
        const std::size_t width = height == 0 ? 0 : places.size() / height;
        WorkMeter::spend((height + image[2] + WorkMeter::kProduct * height * rows.size()) * image[3]);
        std::vector<E> lines(height * image[3]);
        for (std::size_t y = 0; y < height; ++y) {
            const auto line = spread<E>(places.subspan(y * width, width), columns, image[3], window.stride[1],
                                        window.dilation[1], window.before[1]);
            std::copy(line.begin(), line.end(), lines.begin() + static_cast<std::ptrdiff_t>(y * image[3]));
        }
        std::vector<E> weights(std::size_t{image[2]} * image[3]);
        for (std::size_t y = 0; y < height; ++y) {
            for (std::size_t i = 0; i < rows.size(); ++i) {
                const std::uint64_t place = y * window.stride[0] + i * window.dilation[0];
                if (place < window.before[0] || place - window.before[0] >= image[2]) continue;
                const std::size_t to = (place - window.before[0]) * image[3];
                for (std::size_t q = 0; q < image[3]; ++q)
                    weights[to + q] += lines[y * image[3] + q] * rows[i];
            }
        }
        return weights;
    }

    static std::size_t output_extent(std::uint32_t extent, const ml::Window& window, std::size_t axis) {
        const std::uint64_t padded = std::uint64_t{extent} + window.before[axis] + window.after[axis];
        return (padded - (window.size[axis] - 1) * std::uint64_t{window.dilation[axis]} - 1) /
                   window.stride[axis] +
               1;
    }

    const Circuit& circuit_;
    const Functional<E>& on_;
    std::span<const E> point_;
};

}  // namespace

template <typename E>
Layout multiplication_layout(const Functional<E>& on) {
    Layout layout{on.shape, {}, 0};
    for (const Factor<E>& factor : on.factors) {
        if (!factor.axes.empty()) layout.groups.push_back(factor.axes);
    }
    if (layout.groups.empty()) layout.groups.emplace_back();
    return layout;
}

int most_term_variables(const Circuit& circuit, QuantityId bilinear) {
    const auto& quantity = circuit.quantities[bilinear];
    if (const auto* product = std::get_if<InnerProducts>(&quantity.definition)) {
        const ml::Shape& left = circuit.quantities[product->left].shape;
        return log2_ceil(left.product(0, left.rank() - 2) * left.back());
    }
    if (const auto* product = std::get_if<Convolved>(&quantity.definition)) {
        const ml::Shape& kernel = circuit.quantities[product->weight].shape;
        return log2_ceil(circuit.quantities[product->image].shape[1]) + log2_ceil(kernel[2]) +
               log2_ceil(kernel[3]);
    }
    int variables = 0;
    for (const std::uint32_t extent : quantity.shape.extents())
        variables += log2_ceil(extent);
    return variables;
}

template <typename E>
int term_variables(const Circuit& circuit, const Claim<E>& product) {
    if (std::holds_alternative<Multiplication>(circuit.quantities[product.quantity].definition))
        return log2_ceil(multiplication_layout(product.functional).size());
    return most_term_variables(circuit, product.quantity);
}

template <typename E>
ConvolutionWeights<E> split(const Functional<E>& on) {
    ConvolutionWeights<E> weights;
    weights.items = on.vector_over(axes_between(0, 1));
    weights.channels = on.vector_over(axes_between(1, 2));
    if (on.factor_of(2).axes.size() == 1) {
        weights.rows = on.vector_over(axes_between(2, 3));
        weights.columns = on.vector_over(axes_between(3, 4));
    } else {
        weights.joint = on.vector_over(axes_between(2, 4));
    }
    return weights;
}

template <typename E>
Sides<E> sides_at(const Circuit& circuit, const Claim<E>& product, std::span<const E> point) {
    return std::visit(SidesOf<E>(circuit, product, point), circuit.quantities[product.quantity].definition);
}

#define VALENCE_ZK_INSTANTIATE(E)                                 \
    template int term_variables(const Circuit&, const Claim<E>&); \
    template Layout multiplication_layout(const Functional<E>&);  \
    template ConvolutionWeights<E> split(const Functional<E>&);   \
    template Sides<E> sides_at(const Circuit&, const Claim<E>&, std::span<const E>);
VALENCE_ZK_INSTANTIATE(Extension2)
VALENCE_ZK_INSTANTIATE(Extension3)

}  // namespace valence::zk
