// Transposed convolutions, as convolutions of the image with zeros between its pixels by the kernel turned
// around:
//     y[r] = Σ_i w[i]·x[(r + before − i·dilation)/stride] = Σ_j w[size − 1 − j]·x̃[r + j·dilation]
// with x̃[q] = x[(q − (size − 1)·dilation + before)/stride], or 0 where that is no place of x.
#include "valence/zk/protocol/circuit/gadgets.hpp"

namespace valence::zk {
namespace {

QuantityId spread(Compiler& to, QuantityId image, const ml::Window& window, std::size_t axis,
                  std::uint32_t outputs) {
    const auto image_axis = static_cast<std::uint8_t>(2 + axis);
    const std::int64_t extent = to.shape(image)[image_axis];
    const std::int64_t reach = std::int64_t{window.size[axis] - 1} * window.dilation[axis];
    std::vector<std::int64_t> sources(static_cast<std::size_t>(outputs + reach), -1);
    for (std::int64_t place = 0; place < extent; ++place) {
        const std::int64_t at = place * window.stride[axis] + reach - window.before[axis];
        if (at >= 0 && at < static_cast<std::int64_t>(sources.size()))
            sources[static_cast<std::size_t>(at)] = place;
    }
    return to.placed(image, image_axis, std::move(sources));
}

QuantityId turned(Compiler& to, QuantityId kernel, std::uint8_t axis) {
    const std::int64_t extent = to.shape(kernel)[axis];
    std::vector<std::int64_t> sources;
    for (std::int64_t place = extent; place-- > 0;)
        sources.push_back(place);
    return to.placed(kernel, axis, std::move(sources));
}

}  // namespace

Result<void> compile_node(Compiler& to, const ml::TransposedConvolution& convolution, const ml::Node& node) {
    const ml::Shape& out = to.tensor_shape(node.outputs[0]);
    QuantityId image = to.tensor(node.inputs[0]);
    QuantityId kernel = to.weight(convolution.weight);
    for (std::size_t axis = 0; axis < 2; ++axis) {
        image = spread(to, image, convolution.window, axis, out[2 + axis]);
        kernel = turned(to, kernel, static_cast<std::uint8_t>(2 + axis));
    }
    ml::Window window;
    window.size = convolution.window.size;
    window.dilation = convolution.window.dilation;
    const QuantityId products = to.define(out, Convolved{kernel, image, window, convolution.groups});
    const QuantityId sum = to.scale_and_bias(products, 1, convolution.channel, convolution.bias);
    BOOST_OUTCOME_TRY(const QuantityId y, to.requantise(sum, convolution.out, image_groups(out)));
    to.set_tensor(node.outputs[0], y);
    return success();
}

}  // namespace valence::zk
