"""Where tensors' elements lie in a committed vector, or among the leaves of the sum of fractions."""

from circuit.functional import Functional, extent


def bits_for(count):
    return (count - 1).bit_length()


class Layout:
    """position = base + flat(groups[0]) * 2^inner + the bits of the other groups' flat indices."""

    def __init__(self, shape, groups):
        self.shape = shape
        self.groups = [tuple(group) for group in groups]
        self.base = 0

    def inner_bits(self):
        return sum(bits_for(extent(self.shape, group)) for group in self.groups[1:])

    def size(self):
        return extent(self.shape, self.groups[0]) << self.inner_bits()

    def weights(self, point, one):
        """eq(point, position) of each element, a factor for each group."""
        inner = self.inner_bits()
        at = len(point) - inner
        outer = eq_range(point[:at], self.base >> inner, extent(self.shape, self.groups[0]), one)
        factors = [(self.groups[0], outer)]
        for group in self.groups[1:]:
            count = extent(self.shape, group)
            factors.append((group, eq_range(point[at : at + bits_for(count)], 0, count, one)))
            at += bits_for(count)
        return Functional(self.shape, factors)


def place(layouts):
    """One after the other, the largest inner blocks first. Gives the end of the last."""
    end = 0
    for layout in sorted(layouts, key=lambda layout: -layout.inner_bits()):
        layout.base = end
        end += layout.size()
    return end


def eq_range(point, begin, count, one):
    """eq(point, i) for begin <= i < begin + count."""
    result = []

    def fill(depth, low, high, weight):
        if low >= high:
            return
        if depth == len(point):
            result.append(weight)
            return
        half = 1 << len(point) - depth - 1
        upper = weight * point[depth]
        middle = min(max(half, low), high)
        fill(depth + 1, low, middle, weight - upper)
        fill(depth + 1, middle - half, high - half, upper)

    assert begin + count <= 1 << len(point)
    fill(0, begin, begin + count, one)
    return result


def eq_prefix(point, count, one):
    """The sum of eq(point, i) for i < count."""
    if count == 1 << len(point):
        return one
    total, path = one - one, one
    for j, r in enumerate(point):
        if count >> len(point) - 1 - j & 1:
            total = total + path * (1 - r)
            path = path * r
        else:
            path = path * (1 - r)
    return total
