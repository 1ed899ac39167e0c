// Functions of elements by way of other functions.
#include <array>

#include "valence/ml/quantise/decompositions.hpp"

namespace valence::ml {
namespace {

using real::Op;
using real::ValueId;

/// Writes expressions: every step is one node.
class Expressions {
public:
    explicit Expressions(real::GraphBuilder& to) : to_(to) {}

    Result<ValueId> one(Op op, ValueId x, real::Attributes attributes = real::NoAttributes{}) {
        return to_.add_one(op, std::move(attributes), {x});
    }
    Result<ValueId> two(Op op, ValueId x, ValueId z) { return to_.add_one(op, real::NoAttributes{}, {x, z}); }
    Result<ValueId> with(Op op, ValueId x, double value) { return to_.with_scalar(op, x, value); }
    Result<ValueId> number(double value) { return to_.scalar(value, real::ElementType::f32); }
    Result<ValueId> where(ValueId condition, ValueId x, ValueId z) {
        return to_.add_one(Op::where, real::NoAttributes{}, {condition, x, z});
    }

private:
    real::GraphBuilder& to_;
};

/// α·elu(x/α)
Result<ValueId> celu(Expressions e, ValueId x, double alpha) {
    if (alpha == 1) return e.one(Op::elu, x, real::Scalars{1, 0});
    BOOST_OUTCOME_TRY(const ValueId narrowed, e.with(Op::mul, x, 1 / alpha));
    BOOST_OUTCOME_TRY(const ValueId curve, e.one(Op::elu, narrowed, real::Scalars{1, 0}));
    return e.with(Op::mul, curve, alpha);
}

/// x < −λ ? x + β : x > λ ? x − β : 0
Result<ValueId> shrink(Expressions e, ValueId x, double lambda, double beta) {
    BOOST_OUTCOME_TRY(const ValueId zero, e.number(0));
    BOOST_OUTCOME_TRY(const ValueId low, e.number(-lambda));
    BOOST_OUTCOME_TRY(const ValueId high, e.number(lambda));
    BOOST_OUTCOME_TRY(const ValueId below, e.two(Op::less, x, low));
    BOOST_OUTCOME_TRY(const ValueId above, e.two(Op::less, high, x));
    BOOST_OUTCOME_TRY(const ValueId raised, e.with(Op::add, x, beta));
    BOOST_OUTCOME_TRY(const ValueId lowered, e.with(Op::sub, x, beta));
    BOOST_OUTCOME_TRY(const ValueId upper, e.where(above, lowered, zero));
    return e.where(below, raised, upper);
}

Result<ValueId> thresholded_relu(Expressions e, ValueId x, double alpha) {
    BOOST_OUTCOME_TRY(const ValueId zero, e.number(0));
    BOOST_OUTCOME_TRY(const ValueId threshold, e.number(alpha));
    BOOST_OUTCOME_TRY(const ValueId above, e.two(Op::less, threshold, x));
    return e.where(above, x, zero);
}

/// (e^x ± e^−x)/2
Result<ValueId> hyperbolic(Expressions e, ValueId x, Op sign) {
    BOOST_OUTCOME_TRY(const ValueId mirrored, e.one(Op::neg, x));
    BOOST_OUTCOME_TRY(const ValueId up, e.one(Op::exp, x));
    BOOST_OUTCOME_TRY(const ValueId down, e.one(Op::exp, mirrored));
    BOOST_OUTCOME_TRY(const ValueId twice, e.two(sign, up, down));
    return e.with(Op::mul, twice, 0.5);
}

Result<ValueId> tangent(Expressions e, ValueId x) {
    BOOST_OUTCOME_TRY(const ValueId sine, e.one(Op::sin, x));
    BOOST_OUTCOME_TRY(const ValueId cosine, e.one(Op::cos, x));
    return e.two(Op::div, sine, cosine);
}

/// sign(x)·ln(|x| + √(x² + 1))
Result<ValueId> asinh(Expressions e, ValueId x) {
    BOOST_OUTCOME_TRY(const ValueId size, e.one(Op::abs, x));
    BOOST_OUTCOME_TRY(const ValueId square, e.two(Op::mul, x, x));
    BOOST_OUTCOME_TRY(const ValueId more, e.with(Op::add, square, 1));
    BOOST_OUTCOME_TRY(const ValueId root, e.one(Op::sqrt, more));
    BOOST_OUTCOME_TRY(const ValueId sum, e.two(Op::add, size, root));
    BOOST_OUTCOME_TRY(const ValueId logarithm, e.one(Op::log, sum));
    BOOST_OUTCOME_TRY(const ValueId sign, e.one(Op::sign, x));
    return e.two(Op::mul, sign, logarithm);
}

/// ln(x + √(x − 1)·√(x + 1))
Result<ValueId> acosh(Expressions e, ValueId x) {
    BOOST_OUTCOME_TRY(const ValueId less, e.with(Op::sub, x, 1));
    BOOST_OUTCOME_TRY(const ValueId more, e.with(Op::add, x, 1));
    BOOST_OUTCOME_TRY(const ValueId left, e.one(Op::sqrt, less));
    BOOST_OUTCOME_TRY(const ValueId right, e.one(Op::sqrt, more));
    BOOST_OUTCOME_TRY(const ValueId root, e.two(Op::mul, left, right));
    BOOST_OUTCOME_TRY(const ValueId sum, e.two(Op::add, x, root));
    return e.one(Op::log, sum);
}

/// (ln(1 + x) − ln(1 − x))/2
Result<ValueId> atanh(Expressions e, ValueId x) {
    BOOST_OUTCOME_TRY(const ValueId more, e.with(Op::add, x, 1));
    BOOST_OUTCOME_TRY(const ValueId mirrored, e.one(Op::neg, x));
    BOOST_OUTCOME_TRY(const ValueId less, e.with(Op::add, mirrored, 1));
    BOOST_OUTCOME_TRY(const ValueId left, e.one(Op::log, more));
    BOOST_OUTCOME_TRY(const ValueId right, e.one(Op::log, less));
    BOOST_OUTCOME_TRY(const ValueId twice, e.two(Op::sub, left, right));
    return e.with(Op::mul, twice, 0.5);
}

const real::Node* producer(real::GraphBuilder& to, ValueId id) {
    const auto& nodes = to.graph().nodes;
    for (auto node = nodes.rbegin(); node != nodes.rend(); ++node)
        if (node->outputs[0] == id) return &*node;
    return nullptr;
}

/// x if the value is x².
ValueId root_of_square(real::GraphBuilder& to, ValueId id) {
    const real::Node* node = producer(to, id);
    if (node == nullptr) return real::kAbsent;
    if (node->op == Op::mul && node->inputs[0] == node->inputs[1]) return node->inputs[0];
    if (node->op != Op::pow) return real::kAbsent;
    const real::Tensor* exponent = to.constant(node->inputs[1]);
    const bool squares = exponent != nullptr && exponent->element() == real::ElementType::f32 &&
                         exponent->count() == 1 && exponent->f32()[0] == 2;
    return squares ? node->inputs[0] : real::kAbsent;
}

/// √(x² + z²), the magnitude of a complex number, as a·√(1 + (b/a)²) with a the larger and b the smaller of
/// |x| and |z|. Squares of 16 bits would hold magnitudes of 8: too little for a spectrum, of which a
/// logarithm follows.
Results magnitude(const Decomposed& work) {
    const real::Node* sum = producer(work.to, work.inputs[0]);
    if (sum == nullptr || sum->op != Op::add) return std::vector<ValueId>{};
    const ValueId x = root_of_square(work.to, sum->inputs[0]);
    const ValueId z = root_of_square(work.to, sum->inputs[1]);
    if (x < 0 || z < 0 || work.to.shape(x) != work.to.shape(z)) return std::vector<ValueId>{};
    Expressions e(work.to);
    BOOST_OUTCOME_TRY(const ValueId left, e.one(Op::abs, x));
    BOOST_OUTCOME_TRY(const ValueId right, e.one(Op::abs, z));
    BOOST_OUTCOME_TRY(const ValueId larger, e.two(Op::max, left, right));
    BOOST_OUTCOME_TRY(const ValueId smaller, e.two(Op::min, left, right));
    // Nothing but 0 is that small; it keeps 0/0 out of calibration.
    BOOST_OUTCOME_TRY(const ValueId divisor, e.with(Op::max, larger, 1e-30));
    BOOST_OUTCOME_TRY(const ValueId ratio, e.two(Op::div, smaller, divisor));
    BOOST_OUTCOME_TRY(const ValueId square, e.two(Op::mul, ratio, ratio));
    BOOST_OUTCOME_TRY(const ValueId more, e.with(Op::add, square, 1));
    BOOST_OUTCOME_TRY(const ValueId factor, e.one(Op::sqrt, more));
    BOOST_OUTCOME_TRY(const ValueId result, e.two(Op::mul, larger, factor));
    return std::vector{result};
}

/// e^(z·ln(x + 10⁻⁶)), so that 0 has a logarithm; below it there is none, which calibration notices.
Results power(const Decomposed& work) {
    const real::Tensor* exponent = work.to.constant(work.inputs[1]);
    const bool one_number = exponent != nullptr && exponent->count() == 1;
    if (one_number || work.to.type(work.inputs[0]).element != real::ElementType::f32)
        return std::vector<ValueId>{};
    Expressions e(work.to);
    BOOST_OUTCOME_TRY(const ValueId positive, e.with(Op::add, work.inputs[0], 1e-6));
    BOOST_OUTCOME_TRY(const ValueId logarithm, e.one(Op::log, positive));
    BOOST_OUTCOME_TRY(const ValueId power, work.to.cast(work.inputs[1], real::ElementType::f32));
    BOOST_OUTCOME_TRY(const ValueId product, e.two(Op::mul, power, logarithm));
    BOOST_OUTCOME_TRY(const ValueId result, e.one(Op::exp, product));
    return std::vector{result};
}

/// The elements along an axis multiplied two halves at a time.
Results product_along(const Decomposed& work) {
    const auto& attributes = work.node.get<real::ReducedAxes>();
    ValueId x = work.inputs[0];
    if (work.to.type(x).element != real::ElementType::f32) return std::vector<ValueId>{};
    for (const std::int64_t axis : attributes.axes) {
        const auto along = static_cast<std::size_t>(axis);
        while (work.to.shape(x)[along] > 1) {
            const std::int64_t extent = work.to.shape(x)[along];
            const std::int64_t half = extent / 2;
            const auto part = [&](std::int64_t start, std::int64_t size) {
                real::SliceAttributes slice;
                slice.start.assign(work.to.shape(x).size(), 0);
                slice.step.assign(work.to.shape(x).size(), 1);
                slice.size = work.to.shape(x);
                slice.start[along] = start;
                slice.size[along] = size;
                return work.to.add_one(Op::slice, std::move(slice), {x});
            };
            BOOST_OUTCOME_TRY(const ValueId left, part(0, half));
            BOOST_OUTCOME_TRY(const ValueId right, part(half, half));
            BOOST_OUTCOME_TRY(ValueId product, work.to.add_one(Op::mul, real::NoAttributes{}, {left, right}));
            if (extent % 2 != 0) {
                BOOST_OUTCOME_TRY(const ValueId rest, part(extent - 1, 1));
                BOOST_OUTCOME_TRY(product, work.to.add_one(Op::concat, real::Axis{axis}, {product, rest}));
            }
            x = product;
        }
    }
    if (!attributes.keep) {
        real::Shape shape;
        for (std::size_t axis = 0; axis < work.to.shape(x).size(); ++axis)
            if (std::find(attributes.axes.begin(), attributes.axes.end(), static_cast<std::int64_t>(axis)) ==
                attributes.axes.end())
                shape.push_back(work.to.shape(x)[axis]);
        BOOST_OUTCOME_TRY(x, work.to.reshape(x, std::move(shape)));
    }
    return std::vector{x};
}

Result<ValueId> elementwise(const Decomposed& work) {
    const ValueId x = work.inputs[0];
    const Expressions e(work.to);
    const auto scalars = [&] { return work.node.get<real::Scalars>(); };
    switch (work.node.op) {
        case Op::celu:
            return celu(e, x, scalars().alpha);
        case Op::shrink:
            return shrink(e, x, scalars().alpha, scalars().beta);
        case Op::thresholded_relu:
            return thresholded_relu(e, x, scalars().alpha);
        case Op::sinh:
            return hyperbolic(e, x, Op::sub);
        case Op::cosh:
            return hyperbolic(e, x, Op::add);
        case Op::tan:
            return tangent(e, x);
        case Op::asinh:
            return asinh(e, x);
        case Op::acosh:
            return acosh(e, x);
        case Op::atanh:
            return atanh(e, x);
        default:  // no integer is infinite or not a number
            return Expressions(work.to).two(Op::less, x, x);
    }
}

}  // namespace

Results decompose_function(const Decomposed& work) {
    if (work.node.op == Op::pow) return power(work);
    if (work.node.op == Op::sqrt) return magnitude(work);
    if (work.node.op == Op::reduce_prod) return product_along(work);
    BOOST_OUTCOME_TRY(const ValueId result, elementwise(work));
    return std::vector{result};
}

}  // namespace valence::ml
