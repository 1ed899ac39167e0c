#include "valence/zk/prover/witness/lines.hpp"

#include <algorithm>

#include "valence/ml/reference/values.hpp"
#include "valence/zk/prover/witness/signed.hpp"

namespace valence::zk {
namespace {

/// Calls visit(position of the line's first element, stride, line) for each line along an axis.
template <typename Visit>
void for_each_line(const ml::Shape& shape, std::size_t axis, Visit visit) {
    const std::size_t before = shape.product(0, axis);
    const std::size_t after = shape.product(axis + 1, shape.rank());
    for (std::size_t b = 0; b < before; ++b) {
        for (std::size_t a = 0; a < after; ++a)
            visit(b * shape[axis] * after + a, after, b * after + a);
    }
}

}  // namespace

Elements greatest_along(ElementsView of, const ml::Shape& shape, std::size_t axis) {
    Elements result(of.size() / shape[axis]);
    for_each_line(shape, axis, [&](std::size_t first, std::size_t stride, std::size_t line) {
        std::int64_t greatest = to_signed(of[first]);
        for (std::size_t k = 1; k < shape[axis]; ++k)
            greatest = std::max(greatest, to_signed(of[first + k * stride]));
        result[line] = Goldilocks::of(greatest);
    });
    return result;
}

Elements first_zeros(ElementsView of, const ml::Shape& shape, std::size_t axis) {
    Elements result(of.size());
    for_each_line(shape, axis, [&](std::size_t first, std::size_t stride, std::size_t) {
        for (std::size_t k = 0; k < shape[axis]; ++k) {
            if (of[first + k * stride] != Goldilocks(0)) continue;
            result[first + k * stride] = Goldilocks(1);
            return;
        }
    });
    return result;
}

Elements foremost(ElementsView of, const ml::Shape& shape, const Foremost& rule, std::size_t count) {
    Elements result(of.size() / shape[rule.axis] * count);
    for_each_line(shape, rule.axis, [&](std::size_t first, std::size_t stride, std::size_t line) {
        std::vector<std::int64_t> elements;
        for (std::size_t k = 0; k < shape[rule.axis]; ++k)
            elements.push_back(to_signed(of[first + k * stride]));
        std::ranges::sort(elements, std::greater());
        const std::size_t to = line / stride * count * stride + line % stride;
        for (std::size_t k = 0; k < count; ++k) {
            const std::int64_t quotient = ml::reference::floor_divide(elements[k], rule.divisor);
            result[to + k * stride] =
                Goldilocks::of(rule.rest ? elements[k] - quotient * rule.divisor : quotient);
        }
    });
    return result;
}

}  // namespace valence::zk
