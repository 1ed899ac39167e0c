"""Bilinear quantities as terms of the sumcheck: the sum over k of A(k)*B(k), A linear in one argument, B in the other."""

from circuit import quantities as q
from circuit.functional import Functional
from circuit.layout import Layout, bits_for, eq_range
from key import elements_of


def _multiplication_layout(on):
    groups = [axes for axes, _ in on.factors if axes]
    return Layout(on.shape, groups or [()])


def term_variables(circuit, quantity, on):
    """log2 of how many k there are, filled up."""
    d = circuit.quantities[quantity].definition
    if isinstance(d, q.InnerProducts):
        left = circuit.quantities[d.left].shape
        return bits_for(elements_of(left[:-2]) * left[-1])
    if isinstance(d, q.Convolved):
        kernel = circuit.quantities[d.weight].shape
        return bits_for(circuit.quantities[d.image].shape[1]) + bits_for(kernel[2]) + bits_for(kernel[3])
    return bits_for(_multiplication_layout(on).size())


def most_term_variables(circuit, quantity):
    d = circuit.quantities[quantity].definition
    if isinstance(d, q.Multiplication):
        return sum(bits_for(own) for own in circuit.quantities[quantity].shape)
    return term_variables(circuit, quantity, None)


def sides_at(circuit, quantity, on, point, one):
    """A and B at the point, as functionals on the two arguments: ((quantity, functional), (quantity, functional))."""
    d = circuit.quantities[quantity].definition
    if isinstance(d, q.InnerProducts):
        return _sides_of_inner_products(circuit, d, on, point, one)
    if isinstance(d, q.Convolved):
        return _sides_of_convolution(circuit, d, on, point, one)
    return _sides_of_multiplication(d, on, point, one)


def _sides_of_inner_products(circuit, d, on, point, one):
    left, right = circuit.quantities[d.left].shape, circuit.quantities[d.right].shape
    batch = len(left) - 2
    inner = left[-1]
    by_batch = on.vector_over(range(batch))
    indices = eq_range(point, 0, len(by_batch) * inner, one)
    axes = (*range(batch), batch + 1)
    weighed = [weight * by_batch[k // inner] for k, weight in enumerate(indices)]
    on_left = Functional(left, [(axes, weighed), ((batch,), on.vector_over([batch]))])
    on_right = Functional(right, [(axes, indices), ((batch,), on.vector_over([batch + 1]))])
    return (d.left, on_left), (d.right, on_right)


def _spread(outputs, taps, count, stride, dilation, before):
    """For each input place, the sum over the output places and taps that read it."""
    weights = [0] * count
    for y, output in enumerate(outputs):
        for i, tap in enumerate(taps):
            place = y * stride + i * dilation - before
            if 0 <= place < count:
                weights[place] = weights[place] + output * tap
    return weights


def _sides_of_convolution(circuit, d, on, point, one):
    kernel, image = circuit.quantities[d.weight].shape, circuit.quantities[d.image].shape
    window = d.window
    channel_bits, row_bits = bits_for(image[1]), bits_for(kernel[2])
    channels = eq_range(point[:channel_bits], 0, image[1], one)
    rows = eq_range(point[channel_bits : channel_bits + row_bits], 0, kernel[2], one)
    columns = eq_range(point[channel_bits + row_bits :], 0, kernel[3], one)
    items, outputs = on.vector_over([0]), on.vector_over([1])

    if d.groups == 1:
        factors = [((0,), outputs), ((1,), channels)]
    else:
        each = kernel[0] // d.groups
        joint = [outputs[o] * channels[o // each * kernel[1] + c] for o in range(kernel[0]) for c in range(kernel[1])]
        factors = [((0, 1), joint)]
    on_kernel = Functional(kernel, [*factors, ((2,), rows), ((3,), columns)])

    def along(axis, places, taps):
        return _spread(places, taps, image[2 + axis], window.stride[axis], window.dilation[axis], window.before[axis])

    if len(on.factor_of(2)[0]) == 1:
        places = [((2,), along(0, on.vector_over([2]), rows)), ((3,), along(1, on.vector_over([3]), columns))]
    else:
        joint = on.vector_over([2, 3])
        height, width = on.shape[2], on.shape[3]
        lines = [along(1, joint[y * width : (y + 1) * width], columns) for y in range(height)]
        upright = [along(0, [line[x] for line in lines], rows) for x in range(image[3])]
        places = [((2, 3), [upright[x][y] for y in range(image[2]) for x in range(image[3])])]
    on_image = Functional(image, [((0,), items), ((1,), channels), *places])
    return (d.weight, on_kernel), (d.image, on_image)


def _sides_of_multiplication(d, on, point, one):
    layout = _multiplication_layout(on)
    places = layout.weights(point, one)
    weighed = []
    for axes, values in places.factors:
        for own, factor in on.factors:
            if own == axes:
                values = [x * y for x, y in zip(values, factor)]
        weighed.append((axes, values))
    return (d.left, Functional(on.shape, weighed)), (d.right, places)
