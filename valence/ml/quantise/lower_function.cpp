// Functions of one variable: a lookup each.
#include <cmath>

#include "valence/ml/quantise/lowering.hpp"

namespace valence::ml {
namespace {

struct Curve {
    Function function;
    double a = 0;
    double b = 0;
};

Result<Curve> function_of(const real::Node& node) {
    const auto scalars = [&] { return node.get<real::Scalars>(); };
    switch (node.op) {
        case real::Op::leaky_relu:
            return Curve{Function::leaky_relu, scalars().alpha};
        case real::Op::elu:
            return Curve{Function::elu, scalars().alpha};
        case real::Op::selu:
            return Curve{Function::selu, scalars().alpha, scalars().beta};
        case real::Op::sigmoid:
            return Curve{Function::sigmoid};
        case real::Op::hard_sigmoid:
            return Curve{Function::hard_sigmoid, scalars().alpha, scalars().beta};
        case real::Op::hard_swish:
            return Curve{Function::hard_swish};
        case real::Op::swish:
            return Curve{Function::silu, scalars().alpha};
        case real::Op::mish:
            return Curve{Function::mish};
        case real::Op::gelu:
            return Curve{Function::gelu};
        case real::Op::gelu_tanh:
            return Curve{Function::gelu_tanh};
        case real::Op::tanh:
            return Curve{Function::tanh};
        case real::Op::softplus:
            return Curve{Function::softplus};
        case real::Op::softsign:
            return Curve{Function::softsign};
        case real::Op::erf:
            return Curve{Function::erf};
        case real::Op::exp:
            return Curve{Function::exponential};
        case real::Op::log:
            return Curve{Function::logarithm};
        case real::Op::sqrt:
            return Curve{Function::square_root};
        case real::Op::reciprocal:
            return Curve{Function::reciprocal};
        case real::Op::abs:
            return Curve{Function::absolute};
        case real::Op::sign:
            return Curve{Function::sign};
        case real::Op::floor:
            return Curve{Function::floor};
        case real::Op::ceil:
            return Curve{Function::ceiling};
        case real::Op::round:
            return Curve{Function::round};
        case real::Op::sin:
            return Curve{Function::sine};
        case real::Op::cos:
            return Curve{Function::cosine};
        default:
            return unsupported("has no integer semantics");
    }
}

}  // namespace

Result<void> lower_function(Lowering& l, const real::Node& node) {
    if (l.is_index(node.inputs[0])) return unsupported("on integers that are not known in advance");
    BOOST_OUTCOME_TRY(const Curve curve, function_of(node));
    if (std::abs(curve.a) >= 2000 || std::abs(curve.b) >= 2000)
        return unsupported("with a parameter of 2,000 or more");
    const Place x = l.at(node.inputs[0]);
    if (node.op == real::Op::round && x.exponent <= 0) {
        l.put(node, x);  // whole already
        return success();
    }
    l.put(node, l.builder.lookup(x, curve.function, l.wanted(node.outputs[0]), curve.a, curve.b));
    return success();
}

}  // namespace valence::ml
