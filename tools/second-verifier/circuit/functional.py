"""Functionals: a weight in E for each element of a tensor, as a product of vectors over groups of axes.

What a claim is about. Linear definitions take a functional on their result back to one on their argument
(pull_back_...).
"""

from key import elements_of


class Functional:
    """weight(i) = the product over (axes, values) in factors of values[i's of these axes, row-major]."""

    def __init__(self, shape, factors):
        self.shape = tuple(shape)
        self.factors = factors  # [(ascending axes, values)], every axis in one

    def total(self):
        product = 1
        for _, values in self.factors:
            product = product * sum(values)
        return product

    def expand(self):
        """All weights, row-major."""
        return _join(self.shape, self.factors)[1] if self.factors else [1]

    def scaled(self, by):
        """The factor goes into the first of the smallest vectors."""
        factors = list(self.factors) or [((), [1])]
        smallest = min(range(len(factors)), key=lambda k: len(factors[k][1]))
        axes, values = factors[smallest]
        factors[smallest] = axes, [value * by for value in values]
        return Functional(self.shape, factors)

    def factor_of(self, axis):
        return next(factor for factor in self.factors if axis in factor[0])

    def joined(self, axes):
        """The factors that cover any of these axes as one, which goes last."""
        touched = [factor for factor in self.factors if set(factor[0]) & set(axes)]
        others = [factor for factor in self.factors if not set(factor[0]) & set(axes)]
        return Functional(self.shape, others + ([_join(self.shape, touched)] if touched else []))

    def vector_over(self, axes):
        """The factor over just these axes."""
        if not axes:
            return [1]
        covered, values = self.joined(axes).factor_of(axes[0])
        assert covered == tuple(axes), "a functional that is no product over these axes"
        return values


def extent(shape, axes):
    return elements_of([shape[axis] for axis in axes])


def strides(shape, axes):
    """How far a step along each of the axes moves in a vector over them."""
    step, result = 1, {}
    for axis in reversed(axes):
        result[axis] = step
        step *= shape[axis]
    return result


def places(shape, axes, step):
    """Offsets of all places of the axes in row-major order, in a vector with these strides."""
    offsets = [0]
    for axis in axes:
        move = step.get(axis, 0)
        offsets = [offset + move * k for offset in offsets for k in range(shape[axis])]
    return offsets


def _join(shape, factors):
    """Their product as one factor."""
    if len(factors) == 1:
        return factors[0]
    axes = tuple(sorted(axis for own, _ in factors for axis in own))
    joint = [1] * extent(shape, axes)
    for own, values in factors:
        joint = [each * values[at] for each, at in zip(joint, places(shape, axes, strides(shape, own)))]
    return axes, joint


def inner_product(a, b):
    """The sum of the products of two functionals' weights, by the smallest parts into which both split."""
    part = list(range(len(a.shape)))
    product = 1
    for functional in (a, b):
        for axes, values in functional.factors:
            if not axes:
                product = product * values[0]
            for axis in axes:
                part = [part[axes[0]] if each == part[axis] else each for each in part]
    for number in set(part):
        left = [factor for factor in a.factors if factor[0] and part[factor[0][0]] == number]
        right = [factor for factor in b.factors if factor[0] and part[factor[0][0]] == number]
        products = (x * y for x, y in zip(_join(a.shape, left)[1], _join(b.shape, right)[1]))
        product = product * sum(products)
    return product


def merge(a, b):
    """a + b if they differ in one factor at most, else None."""
    if len(a.factors) != len(b.factors) or not a.factors:
        return None
    differing = None
    for number, ((axes, values), (other_axes, other_values)) in enumerate(zip(a.factors, b.factors)):
        if axes != other_axes:
            return None
        if values != other_values:
            if differing is not None:
                return None
            differing = number
    number = differing or 0
    axes, values = a.factors[number]
    factors = list(a.factors)
    factors[number] = axes, [x + y for x, y in zip(values, b.factors[number][1])]
    return Functional(a.shape, factors)


def pull_back_places(on, axis, new_extent, sources):
    """The weight of place j goes to place sources[j], if that is not below 0."""
    shape = list(on.shape)
    shape[axis] = new_extent
    factors = []
    for axes, values in on.factors:
        if axis in axes:
            at = axes.index(axis)
            after = extent(on.shape, axes[at + 1 :])
            before = extent(on.shape, axes[:at])
            moved = [0] * (before * new_extent * after)
            for b in range(before):
                for j, source in enumerate(sources):
                    if source < 0:
                        continue
                    start, to = (b * len(sources) + j) * after, (b * new_extent + source) * after
                    for k in range(after):
                        moved[to + k] = moved[to + k] + values[start + k]
            values = moved
        factors.append((axes, values))
    return Functional(shape, factors)


def pull_back_transpose(on, permutation):
    shape = list(on.shape)
    for k, axis in enumerate(permutation):
        shape[axis] = on.shape[k]
    factors = []
    for axes, values in on.factors:
        renamed = [permutation[axis] for axis in axes]
        step = strides(shape, renamed)
        ascending = tuple(sorted(renamed))
        factors.append((ascending, [values[at] for at in places(shape, ascending, step)]))
    return Functional(shape, factors)


def _matching_groups(y, x):
    """Pairs of groups of axes of two shapes that hold the same elements in the same order, the shortest such."""
    groups, j, i = [], 0, 0
    while j < len(y) or i < len(x):
        first_j, first_i = j, i
        product_y = product_x = 1
        if j < len(y):
            product_y, j = y[j], j + 1
        if i < len(x):
            product_x, i = x[i], i + 1
        while product_y != product_x:
            if product_y < product_x:
                product_y, j = product_y * y[j], j + 1
            else:
                product_x, i = product_x * x[i], i + 1
        groups.append((list(range(first_j, j)), list(range(first_i, i))))
    return groups


def pull_back_reshape(on, shape):
    groups = _matching_groups(on.shape, shape)
    left = on
    g = 0
    while g < len(groups):
        of_y, of_x = groups[g]
        left = left.joined(of_y)
        grown = None
        if of_y:
            covered = left.factor_of(of_y[0])[0]
            others = [h for h in range(len(groups)) if h != g and groups[h][0] and groups[h][0][0] in covered]
            grown = max(others, default=None)
        if grown is None:
            g += 1
            continue
        # A factor covers axes of both groups: they are one, and all are looked at again.
        other_y, other_x = groups[grown]
        groups[g] = of_y + other_y, of_x + other_x
        del groups[grown]
        g = 0
    factors, scale = [], 1
    for of_y, of_x in groups:
        values = left.vector_over(sorted(of_y))
        if of_x:
            factors.append((tuple(sorted(of_x)), values))
        else:
            scale = scale * values[0]
    for axes, values in on.factors:
        if not axes:
            scale = scale * values[0]
    return Functional(shape, factors).scaled(scale)


def pull_back_broadcast(on, shape):
    missing = len(on.shape) - len(shape)
    for axis, own in enumerate(on.shape):
        wanted = 1 if axis < missing else shape[axis - missing]
        if wanted != own:
            on = pull_back_places(on, axis, 1, [0] * own)
    return pull_back_reshape(on, shape)


def pull_back_sum(on, shape):
    now = list(on.shape)
    factors = list(on.factors)
    for axis, wanted in enumerate(shape):
        if wanted == on.shape[axis]:
            continue
        number = next(k for k, factor in enumerate(factors) if axis in factor[0])
        axes, values = factors[number]
        after = extent(now, axes[axes.index(axis) + 1 :])
        repeated = []
        for begin in range(0, len(values), after):
            repeated += values[begin : begin + after] * wanted
        factors[number] = axes, repeated
        now[axis] = wanted
    return Functional(shape, factors)


def pull_back_multiply(on, axis, multipliers):
    factors = []
    for axes, values in on.factors:
        if axis in axes:
            after = extent(on.shape, axes[axes.index(axis) + 1 :])
            values = [value * multipliers[k // after % len(multipliers)] for k, value in enumerate(values)]
        factors.append((axes, values))
    return Functional(on.shape, factors)
