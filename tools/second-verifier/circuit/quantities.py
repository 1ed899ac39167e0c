"""Quantities: tensors, each defined by earlier ones. Their number in the circuit is what definitions refer to."""

from dataclasses import dataclass


@dataclass
class Column:
    """Committed by the proof."""

    column: int


@dataclass
class CommittedWeight:
    """Committed with the model."""

    weight: int


@dataclass
class Input:
    port: int


# Linear.


@dataclass
class Affine:
    """The sum of coefficient * quantity, and a constant; all of one shape."""

    terms: list
    constant: int


@dataclass
class Reshaped:
    of: int


@dataclass
class Transposed:
    """Axis k here is axis permutation[k] of the argument."""

    of: int
    permutation: list


@dataclass
class Placed:
    """Place j of the axis is place sources[j] of the argument's; `fill` where that is below 0."""

    of: int
    axis: int
    sources: list
    fill: int


@dataclass
class Broadcasted:
    of: int


@dataclass
class Summed:
    """Over the axes that have extent 1 here and more in the argument."""

    of: int


@dataclass
class Multiplied:
    """Place j of the axis times multipliers[j]."""

    of: int
    axis: int
    multipliers: list


# Bilinear.


@dataclass
class InnerProducts:
    """(x[B..., M, K], z[B..., N, K]) -> [B..., M, N]."""

    left: int
    right: int


@dataclass
class Convolved:
    """(weight[O, C/G, h, w], image[N, C, H, W]) -> [N, O, H', W']."""

    weight: int
    image: int
    window: object
    groups: int


@dataclass
class Multiplication:
    """Element by element."""

    left: int
    right: int


BILINEAR = (InnerProducts, Convolved, Multiplication)


@dataclass
class Quantity:
    shape: tuple
    definition: object
