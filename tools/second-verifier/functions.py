"""The tables of functions of one activation, which docs/model-semantics.md defines.

A table is (function's number, in, out, a, b). Values are computed with 110 decimal digits, the definition's rounding
asks for about 40.
"""

from decimal import ROUND_FLOOR, Context, Decimal, localcontext
from functools import lru_cache

from keccak import keccak256

KNOTS = 1025
KNOT_SPACING = 64
_LEAST, _LARGEST, _END = -32768, 32767, 32768
_DIGITS = 110
_TIE = Decimal(2) ** -64  # what lies so little below a tie counts as the tie
_HUGE = Decimal(2) ** 80  # more than any table holds
_FAR = Decimal(400)  # beyond, e^v is 0 or huge

NAMES = (
    "identity", "absolute", "sign", "floor", "ceiling", "round", "leaky_relu", "hard_sigmoid", "hard_swish",
    "reciprocal", "square", "power", "square_root", "reciprocal_square_root", "exponential", "logarithm", "sigmoid",
    "tanh", "softplus", "softsign", "elu", "selu", "erf", "gelu", "gelu_tanh", "silu", "mish", "sine", "cosine",
)
_STEPS = {"sign", "floor", "ceiling", "round", "hard_sigmoid", "hard_swish"}
_POLES = {"reciprocal", "power", "square_root", "reciprocal_square_root", "logarithm"}


def exact_radius(function):
    """Entries x in [-radius, radius) are rounded by themselves; all others are interpolated."""
    name = NAMES[function]
    return 32768 if name in _STEPS else 4096 if name in _POLES else 0


def _exp(v):
    return max(min(v, _FAR), -_FAR).exp()


def _floor(v):
    return v.to_integral_value(ROUND_FLOOR)


def _clamp(v, low, high):
    return max(low, min(v, high))


@lru_cache(None)
def _pi():
    """Machin's formula."""

    def arc_tangent(n):
        power, total, k = Decimal(1) / n, Decimal(0), 0
        while abs(power) > Decimal(10) ** -(_DIGITS + 5):
            total += power / (2 * k + 1) * (-1) ** k
            power /= n * n
            k += 1
        return total

    return 16 * arc_tangent(5) - 4 * arc_tangent(239)


def _erf(w):
    """(2/sqrt(pi)) * e^(-w^2) * sum of 2^n w^(2n+1) / (1*3*...*(2n+1))."""
    if abs(w) > 12:
        return Decimal(1).copy_sign(w)
    term = total = w
    n = 1
    while abs(term) > Decimal(10) ** -_DIGITS:
        term = term * 2 * w * w / (2 * n + 1)
        total += term
        n += 1
    return 2 / _pi().sqrt() * (-w * w).exp() * total


def _cosine(v):
    v = v % (2 * _pi())
    term = total = Decimal(1)
    n = 1
    while abs(term) > Decimal(10) ** -_DIGITS:
        term = -term * v * v / (2 * n * (2 * n - 1))
        total += term
        n += 1
    return total


def _sigmoid(v):
    return 1 / (1 + _exp(-v))


def _power(v, a):
    if a == 0:
        return Decimal(1)
    if v == 0:
        return _HUGE if a < 0 else Decimal(0)
    integer = a == _floor(a)
    if v < 0 and not integer:
        return Decimal(0)
    size = _exp(a * abs(v).ln())
    return -size if v < 0 and int(a) % 2 else size


def _softplus(v):
    return max(v, Decimal(0)) + (1 + _exp(-abs(v))).ln()


def _value(name, v, a, b):
    """f(v), exact to far more digits than are needed, or merely large where it saturates."""
    zero, one = Decimal(0), Decimal(1)
    match name:
        case "identity": return v
        case "absolute": return abs(v)
        case "sign": return Decimal((v > 0) - (v < 0))
        case "floor": return _floor(v)
        case "ceiling": return -_floor(-v)
        case "round": return v.to_integral_value()  # half to even
        case "leaky_relu": return v if v >= 0 else a * v
        case "hard_sigmoid": return _clamp(a * v + b, zero, one)
        case "hard_swish": return v * _clamp(v + 3, zero, Decimal(6)) / 6
        case "reciprocal": return 1 / v if v != 0 else _HUGE
        case "square": return v * v
        case "power": return _power(v, a)
        case "square_root": return v.sqrt() if v > 0 else zero
        case "reciprocal_square_root": return 1 / v.sqrt() if v > 0 else _HUGE
        case "exponential": return _exp(v)
        case "logarithm": return v.ln() if v > 0 else -_HUGE
        case "sigmoid": return _sigmoid(v)
        case "tanh": return 2 * _sigmoid(2 * v) - 1
        case "softplus": return _softplus(v)
        case "softsign": return v / (1 + abs(v))
        case "elu": return v if v >= 0 else a * (_exp(v) - 1)
        case "selu": return b * (v if v >= 0 else a * (_exp(v) - 1))
        case "erf": return _erf(v)
        case "gelu": return v / 2 * (1 + _erf(v / Decimal(2).sqrt()))
        case "gelu_tanh": return v * _sigmoid(2 * (2 / _pi()).sqrt() * (v + v * v * v * 44715 / 1000000))
        case "silu": return v * _sigmoid(a * v)
        case "mish": return v * (2 * _sigmoid(2 * _softplus(v)) - 1)
        case "sine": return _cosine(v - _pi() / 2)
        case "cosine": return _cosine(v)


def _entry(table, x):
    """Rounded half up and saturated to 16 bits."""
    function, before, after, a, b = table
    with localcontext(Context(prec=_DIGITS)):
        unit = Decimal(2) ** -20
        value = _value(NAMES[function], Decimal(x) * Decimal(2) ** -before, a * unit, b * unit)
        scaled = value * Decimal(2) ** after
        return int(_clamp(_floor(scaled + Decimal("0.5") + _TIE), Decimal(_LEAST), Decimal(_LARGEST)))


@lru_cache(None)
def knots(table):
    return tuple(_entry(table, _LEAST + KNOT_SPACING * j) for j in range(KNOTS))


@lru_cache(None)
def tabulate(table):
    """All entries, x = -32768 first."""
    radius = exact_radius(table[0])
    at_knots = knots(table) if radius < _END else None
    entries = []
    for x in range(_LEAST, _END):
        if -radius <= x < radius:
            entries.append(_entry(table, x))
        else:
            j, rest = divmod(x - _LEAST, KNOT_SPACING)
            entries.append(at_knots[j] + ((at_knots[j + 1] - at_knots[j]) * rest + 32 >> 6))
    return entries


def digest(table):
    """What a verifying key pins."""
    function, before, after, a, b = table
    head = bytes([function, before & 0xFF, after & 0xFF])
    head += (a & 0xFFFFFFFF).to_bytes(4, "little") + (b & 0xFFFFFFFF).to_bytes(4, "little")
    return keccak256(head + b"".join((entry & 0xFFFF).to_bytes(2, "little") for entry in tabulate(table)))
