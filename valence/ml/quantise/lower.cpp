// Which family lowers which operator.
#include "valence/ml/quantise/lowering.hpp"

namespace valence::ml {

Result<void> lower(Lowering& lowering, const real::Node& node) {
    if (is_integer_arithmetic(lowering, node)) return lower_integer(lowering, node);
    switch (node.op) {
        case real::Op::relu:
        case real::Op::clip:
        case real::Op::neg:
        case real::Op::add:
        case real::Op::sub:
        case real::Op::mul:
        case real::Op::div:
        case real::Op::pow:
        case real::Op::min:
        case real::Op::max:
        case real::Op::prelu:
        case real::Op::thresholded_relu:
        case real::Op::cast:
            return lower_elementwise(lowering, node);

        case real::Op::equal:
        case real::Op::less:
        case real::Op::less_or_equal:
        case real::Op::logical_and:
        case real::Op::logical_or:
        case real::Op::logical_xor:
        case real::Op::logical_not:
        case real::Op::where:
            return lower_comparison(lowering, node);

        case real::Op::matmul:
            return lower_product(lowering, node);
        case real::Op::conv:
        case real::Op::conv_transpose:
            return lower_convolution(lowering, node);
        case real::Op::max_pool:
        case real::Op::average_pool:
            return lower_pool(lowering, node);

        case real::Op::reduce_sum:
        case real::Op::reduce_mean:
        case real::Op::reduce_max:
        case real::Op::reduce_min:
        case real::Op::reduce_log_sum_exp:
        case real::Op::arg_max:
        case real::Op::arg_min:
        case real::Op::cum_sum:
            return lower_reduction(lowering, node);

        case real::Op::batch_norm:
        case real::Op::layer_norm:
        case real::Op::rms_norm:
        case real::Op::group_norm:
        case real::Op::lrn:
        case real::Op::softmax:
        case real::Op::log_softmax:
        case real::Op::hardmax:
            return lower_norm(lowering, node);

        case real::Op::concat:
        case real::Op::split:
        case real::Op::slice:
        case real::Op::gather:
        case real::Op::transpose:
        case real::Op::reshape:
        case real::Op::expand:
        case real::Op::tile:
        case real::Op::pad:
        case real::Op::top_k:
            return lower_movement(lowering, node);

        case real::Op::lstm:
        case real::Op::gru:
        case real::Op::rnn:
            return lower_recurrent(lowering, node);

        case real::Op::lookup:
        case real::Op::tree_ensemble:
            return lower_classical(lowering, node);

        case real::Op::reduce_prod:
        case real::Op::gather_elements:
        case real::Op::gather_nd:
        case real::Op::scatter_elements:
        case real::Op::scatter_nd:
        case real::Op::mod:
        case real::Op::fmod:
        case real::Op::is_nan:
        case real::Op::is_inf:
            return unsupported("has no integer semantics; known only where its inputs are constants");

        default:
            return lower_function(lowering, node);
    }
}

}  // namespace valence::ml
