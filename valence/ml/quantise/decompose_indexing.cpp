// Elements taken from and put to constant places: one selection from a row of all elements. And arg-extrema
// that prefer the last of equals: those of the reversed axis.
#include <numeric>

#include "valence/ml/quantise/decompositions.hpp"

namespace valence::ml {
namespace {

using real::Op;
using real::ValueId;

/// n − 1 − (the first place in reversed order)
Results last_extremum(const Decomposed& work) {
    auto attributes = work.node.get<real::ArgAttributes>();
    if (!attributes.last) return std::vector<ValueId>{};
    const real::Shape shape = work.to.shape(work.inputs[0]);
    const auto axis = static_cast<std::size_t>(attributes.axis);
    real::SliceAttributes reversed{real::Shape(shape.size(), 0), real::Shape(shape.size(), 1), shape};
    reversed.start[axis] = shape[axis] - 1;
    reversed.step[axis] = -1;
    BOOST_OUTCOME_TRY(const ValueId mirrored, work.to.add_one(Op::slice, reversed, {work.inputs[0]}));
    attributes.last = false;
    BOOST_OUTCOME_TRY(const ValueId first, work.to.add_one(work.node.op, attributes, {mirrored}));
    std::vector<std::int64_t> keys(static_cast<std::size_t>(shape[axis]));
    std::iota(keys.begin(), keys.end(), 0);
    const std::vector<std::int64_t> values(keys.rbegin(), keys.rend());
    real::LookupAttributes map;
    map.keys = std::make_shared<const real::Tensor>(real::Shape{shape[axis]}, keys);
    map.values = std::make_shared<const real::Tensor>(real::Shape{shape[axis]}, values);
    map.otherwise = std::make_shared<const real::Tensor>(real::Shape{1}, std::vector<std::int64_t>{0});
    BOOST_OUTCOME_TRY(const ValueId result, work.to.add_one(Op::lookup, std::move(map), {first}));
    return std::vector{result};
}

/// Where in x, flattened, each element of the result of a gather by the node's constant indices lies: the
/// node run on the numbers of places. Empty if the indices are not constant.
Result<std::vector<std::int64_t>> places_read(const Decomposed& work, Op op, real::Attributes attributes) {
    const real::Tensor* indices = work.to.constant(work.inputs[1]);
    const real::Shape& shape = work.to.shape(work.inputs[0]);
    if (indices == nullptr) return std::vector<std::int64_t>{};
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(real::element_count(shape)));
    std::iota(numbers.begin(), numbers.end(), 0);
    real::GraphBuilder scratch({});
    BOOST_OUTCOME_TRY(const ValueId x, scratch.add_constant(real::Tensor(shape, std::move(numbers))));
    BOOST_OUTCOME_TRY(const ValueId at, scratch.add_constant(*indices));
    BOOST_OUTCOME_TRY(const ValueId result, scratch.add_one(op, std::move(attributes), {x, at}));
    const auto elements = scratch.constant(result)->i64();
    return std::vector<std::int64_t>(elements.begin(), elements.end());
}

Result<ValueId> take(real::GraphBuilder& to, ValueId row, const std::vector<std::int64_t>& places) {
    BOOST_OUTCOME_TRY(
        const ValueId indices,
        to.add_constant(real::Tensor(real::Shape{static_cast<std::int64_t>(places.size())}, places)));
    return to.add_one(Op::gather, real::Axis{0}, {row, indices});
}

Result<ValueId> flatten(real::GraphBuilder& to, ValueId x) { return to.reshape(x, {to.type(x).count()}); }

Results gather(const Decomposed& work) {
    BOOST_OUTCOME_TRY(const auto places, places_read(work, work.node.op, work.node.attributes));
    if (places.empty()) return std::vector<ValueId>{};
    real::Shape shape;
    if (work.node.op == Op::gather_elements) {
        shape = work.to.shape(work.inputs[1]);
    } else {
        const real::Shape& data = work.to.shape(work.inputs[0]);
        const real::Shape& indices = work.to.shape(work.inputs[1]);
        shape.assign(indices.begin(), indices.end() - 1);
        shape.insert(shape.end(), data.begin() + work.node.get<real::BatchDims>().count + indices.back(),
                     data.end());
    }
    BOOST_OUTCOME_TRY(const ValueId row, flatten(work.to, work.inputs[0]));
    BOOST_OUTCOME_TRY(const ValueId taken, take(work.to, row, places));
    BOOST_OUTCOME_TRY(const ValueId result, work.to.reshape(taken, std::move(shape)));
    return std::vector{result};
}

/// The reduction of a scatter as an operator on elements.
Op reducing(real::ScatterReduction reduction) {
    switch (reduction) {
        case real::ScatterReduction::add:
            return Op::add;
        case real::ScatterReduction::mul:
            return Op::mul;
        case real::ScatterReduction::min:
            return Op::min;
        default:
            return Op::max;
    }
}

/// Updates replace: one selection from x and the updates in a row. They combine: the k-th update of every
/// place at once, for k = 1, 2 …; places without one keep what they have.
Results scatter(const Decomposed& work) {
    const auto& attributes = work.node.get<real::ScatterAttributes>();
    real::Attributes reading = real::Axis{attributes.axis};
    if (work.node.op == Op::scatter_nd) reading = real::BatchDims{0};
    const Op op = work.node.op == Op::scatter_nd ? Op::gather_nd : Op::gather_elements;
    BOOST_OUTCOME_TRY(const auto places, places_read(work, op, std::move(reading)));
    if (places.empty()) return std::vector<ValueId>{};
    const real::Shape shape = work.to.shape(work.inputs[0]);
    const auto count = static_cast<std::size_t>(real::element_count(shape));
    BOOST_OUTCOME_TRY(ValueId row, flatten(work.to, work.inputs[0]));
    BOOST_OUTCOME_TRY(const ValueId updates, flatten(work.to, work.inputs[2]));
    std::vector<std::int64_t> own(count);
    std::iota(own.begin(), own.end(), 0);
    if (attributes.reduction == real::ScatterReduction::none) {
        for (std::size_t k = 0; k < places.size(); ++k)
            own[static_cast<std::size_t>(places[k])] = static_cast<std::int64_t>(count + k);
        BOOST_OUTCOME_TRY(const ValueId both, work.to.add_one(Op::concat, real::Axis{0}, {row, updates}));
        BOOST_OUTCOME_TRY(row, take(work.to, both, own));
    } else {
        std::vector<std::vector<std::int64_t>> of(count);
        std::size_t rounds = 0;
        for (std::size_t k = 0; k < places.size(); ++k) {
            of[static_cast<std::size_t>(places[k])].push_back(static_cast<std::int64_t>(k));
            rounds = std::max(rounds, of[static_cast<std::size_t>(places[k])].size());
        }
        if (rounds > 16) return std::vector<ValueId>{};
        for (std::size_t round = 0; round < rounds; ++round) {
            std::vector<std::int64_t> from(count, 0);
            std::vector<std::uint8_t> changes(count, 0);
            for (std::size_t place = 0; place < count; ++place)
                if (round < of[place].size()) {
                    from[place] = of[place][round];
                    changes[place] = 1;
                }
            BOOST_OUTCOME_TRY(const ValueId taken, take(work.to, updates, from));
            BOOST_OUTCOME_TRY(const ValueId combined, work.to.add_one(reducing(attributes.reduction),
                                                                      real::NoAttributes{}, {row, taken}));
            BOOST_OUTCOME_TRY(const ValueId mask,
                              work.to.add_constant(real::Tensor(real::Shape{static_cast<std::int64_t>(count)},
                                                                std::move(changes))));
            BOOST_OUTCOME_TRY(row, work.to.add_one(Op::where, real::NoAttributes{}, {mask, combined, row}));
        }
    }
    BOOST_OUTCOME_TRY(const ValueId result, work.to.reshape(row, shape));
    return std::vector{result};
}

}  // namespace

Results decompose_indexing(const Decomposed& work) {
    switch (work.node.op) {
        case Op::arg_max:
        case Op::arg_min:
            return last_extremum(work);
        case Op::gather_elements:
        case Op::gather_nd:
            return gather(work);
        default:
            return scatter(work);
    }
}

}  // namespace valence::ml
