// Matrix products: with constant weights a Linear layer, else a MatrixProduct.
#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "valence/ml/quantise/lowering.hpp"

namespace valence::ml {
namespace {

std::vector<std::uint8_t> last_two_swapped(std::size_t rank) {
    std::vector<std::uint8_t> permutation(rank);
    std::iota(permutation.begin(), permutation.end(), std::uint8_t{0});
    std::swap(permutation[rank - 1], permutation[rank - 2]);
    return permutation;
}

/// A constant operand that is one matrix: rank 2, or leading extents of 1.
bool is_matrix(const Lowering& l, real::ValueId id) {
    const Shape shape = l.shape(id);
    return l.source.is_constant(id) && shape.rank() >= 2 && shape.product(0, shape.rank() - 2) == 1;
}

/// The bias by column, if it is the same in every row: of shape [N], [1, …, N] or one number.
std::vector<double> column_bias(const Lowering& l, real::ValueId bias, std::uint32_t columns) {
    if (!l.source.is_constant(bias)) return {};
    const RealTensor value = l.constant(bias);
    if (value.values.size() == 1) return std::vector<double>(columns, value.values[0]);
    if (value.values.size() == columns && value.shape.back() == columns) return value.values;
    return {};
}

Place with_bias(Lowering& l, const real::Node& node, const Place& product, real::ValueId bias) {
    const Shape shape = l.shape(node.outputs[0]);
    const int exponent = l.wanted(node.outputs[0]);
    if (l.source.is_constant(bias)) {
        const RealTensor value = l.constant(bias);
        const double one = 1;
        return l.builder.combine({&product, 1}, {&one, 1}, &value, shape, exponent);
    }
    const Place places[] = {product, l.at(bias)};
    const double ones[] = {1.0, 1.0};
    return l.builder.combine(places, ones, nullptr, shape, exponent);
}

/// x[…, K]·weightᵀ with rows [N, K] in real numbers.
Result<Place> linear(Lowering& l, const Place& x, const std::vector<double>& rows, std::uint32_t columns,
                     const std::vector<double>& bias, int exponent) {
    Shape shape = l.builder.shape(x);
    const std::uint32_t depth = shape.back();
    std::vector<double> scaled(rows.size());
    for (std::size_t k = 0; k < rows.size(); ++k)
        scaled[k] = std::ldexp(rows[k], -(x.features.empty() ? x.exponent : x.features[k % depth]));
    BOOST_OUTCOME_TRY(const auto layer,
                      l.builder.layer(scaled, bias, Shape{columns, depth}, Shape{columns}, l.bits, exponent));
    shape[shape.rank() - 1] = columns;
    Linear operation{layer.weight, layer.bias, layer.channel,
                     l.builder.requantisation(layer.shift, layer.exponent, kUnclamped)};
    return l.builder.emit(operation, {x.tensor}, shape, layer.exponent);
}

/// The elements of a constant matrix as rows of its transpose, or as they stand.
std::vector<double> matrix_rows(const RealTensor& matrix, bool transpose) {
    const std::size_t rank = matrix.shape.rank();
    const std::size_t height = matrix.shape[rank - 2];
    const std::size_t width = matrix.shape[rank - 1];
    if (!transpose) return matrix.values;
    std::vector<double> rows(matrix.values.size());
    for (std::size_t i = 0; i < height; ++i)
        for (std::size_t j = 0; j < width; ++j)
            rows[j * height + i] = matrix.values[i * width + j];
    return rows;
}

}  // namespace

Result<void> lower_product(Lowering& l, const real::Node& node) {
    const auto& attributes = node.get<real::MatMulAttributes>();
    const real::ValueId a = node.inputs[0];
    const real::ValueId b = node.inputs[1];
    const real::ValueId bias = node.input(2);
    if (l.is_index(a)) return unsupported("on integers that are not known in advance");
    const Shape out = l.shape(node.outputs[0]);
    const int exponent = l.wanted(node.outputs[0]);

    if (is_matrix(l, b)) {
        Place x = attributes.transpose_a ? l.at(a) : l.raw(a);
        if (attributes.transpose_a) x = l.builder.transpose(x, last_two_swapped(l.shape(a).rank()));
        const std::uint32_t columns = out.back();
        const std::vector<double> by_column =
            bias >= 0 ? column_bias(l, bias, columns) : std::vector<double>{};
        const bool separate = bias >= 0 && by_column.empty();
        BOOST_OUTCOME_TRY(Place y, linear(l, x, matrix_rows(l.constant(b), !attributes.transpose_b), columns,
                                          by_column, exponent));
        y = l.builder.reshape(y, out);
        l.put(node, separate ? with_bias(l, node, y, bias) : y);
        return success();
    }
    if (is_matrix(l, a)) {
        // (A·B)ᵀ = Bᵀ·Aᵀ
        Place x = l.at(b);
        if (!attributes.transpose_b) x = l.builder.transpose(x, last_two_swapped(l.shape(b).rank()));
        const std::uint32_t rows = out[out.rank() - 2];
        BOOST_OUTCOME_TRY(
            Place y, linear(l, x, matrix_rows(l.constant(a), attributes.transpose_a), rows, {}, exponent));
        y = l.builder.transpose(y, last_two_swapped(l.builder.shape(y).rank()));
        y = l.builder.reshape(y, out);
        l.put(node, bias >= 0 ? with_bias(l, node, y, bias) : y);
        return success();
    }
    Place x = l.at(a);
    Place z = l.at(b);
    if (attributes.transpose_a) x = l.builder.transpose(x, last_two_swapped(l.shape(a).rank()));
    if (attributes.transpose_b) z = l.builder.transpose(z, last_two_swapped(l.shape(b).rank()));
    const std::uint32_t depth = l.builder.shape(x).back();
    if (depth > 32768) return unsupported("of more than 32,768 products a sum, both sides computed");
    // Equal leading axes: missing ones are 1, and 1 is repeated.
    const auto batched = [&](const Place& place, std::uint32_t height, std::uint32_t width) {
        Shape full = out;
        full[out.rank() - 2] = height;
        full[out.rank() - 1] = width;
        Shape own = full;
        const Shape& shape = l.builder.shape(place);
        for (std::size_t k = 0; k + 2 < out.rank(); ++k) {
            const std::size_t missing = out.rank() - shape.rank();
            own[k] = k < missing ? 1 : shape[k - missing];
        }
        return l.builder.broadcast(l.builder.reshape(place, own), full);
    };
    x = batched(x, out[out.rank() - 2], depth);
    z = batched(z, depth, out.back());
    const int excess = x.exponent + z.exponent - exponent - kMaxShift;
    if (excess > 0) x = l.builder.rescale(x, x.exponent - excess);
    // The accumulator stays within 2^(30 + shift).
    const int reached =
        std::min(exponent, x.exponent + z.exponent - static_cast<int>(std::bit_width(depth - 1)));
    MatrixProduct product;
    product.out = l.builder.requantisation(x.exponent + z.exponent - reached, reached, kUnclamped);
    const Place y = l.builder.emit(product, {x.tensor, z.tensor}, out, reached);
    l.put(node, bias >= 0 ? with_bias(l, node, y, bias) : y);
    return success();
}

}  // namespace valence::ml
