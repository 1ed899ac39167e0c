"""The field F of p = 2^64 - 2^32 + 1 elements, and its extensions from which challenges come.

An element of F is an int in [0, p); one of an extension is a Quadratic or a Cubic, which also add and multiply with
ints. Nothing here is constant-time or fast.
"""

P = 2**64 - 2**32 + 1
GENERATOR = 7
TWO_ADICITY = 32


def inverse(x):
    """1/x in F."""
    return pow(x, P - 2, P)


def root_of_unity(log_order):
    """The root of order 2^log_order that the codes use: each is the square of the next."""
    return pow(GENERATOR, (P - 1) >> log_order, P)


class Quadratic:
    """c0 + c1*u with u^2 = 7."""

    __slots__ = ("c0", "c1")
    DEGREE = 2

    def __init__(self, c0=0, c1=0):
        self.c0 = c0
        self.c1 = c1

    @property
    def coefficients(self):
        return (self.c0, self.c1)

    def __eq__(self, other):
        if type(other) is int:
            return self.c1 == 0 and self.c0 == other % P
        return self.c0 == other.c0 and self.c1 == other.c1

    __hash__ = None

    def __add__(self, other):
        if type(other) is int:
            return Quadratic((self.c0 + other) % P, self.c1)
        return Quadratic((self.c0 + other.c0) % P, (self.c1 + other.c1) % P)

    __radd__ = __add__

    def __neg__(self):
        return Quadratic(-self.c0 % P, -self.c1 % P)

    def __sub__(self, other):
        if type(other) is int:
            return Quadratic((self.c0 - other) % P, self.c1)
        return Quadratic((self.c0 - other.c0) % P, (self.c1 - other.c1) % P)

    def __rsub__(self, other):
        return Quadratic((other - self.c0) % P, -self.c1 % P)

    def __mul__(self, other):
        if type(other) is int:
            return Quadratic(self.c0 * other % P, self.c1 * other % P)
        return Quadratic(
            (self.c0 * other.c0 + 7 * self.c1 * other.c1) % P,
            (self.c0 * other.c1 + self.c1 * other.c0) % P,
        )

    __rmul__ = __mul__

    def __repr__(self):
        return f"Quadratic{self.coefficients}"


class Cubic:
    """c0 + c1*v + c2*v^2 with v^3 = v + 1."""

    __slots__ = ("c0", "c1", "c2")
    DEGREE = 3

    def __init__(self, c0=0, c1=0, c2=0):
        self.c0 = c0
        self.c1 = c1
        self.c2 = c2

    @property
    def coefficients(self):
        return (self.c0, self.c1, self.c2)

    def __eq__(self, other):
        if type(other) is int:
            return self.coefficients == (other % P, 0, 0)
        return self.coefficients == other.coefficients

    __hash__ = None

    def __add__(self, other):
        if type(other) is int:
            return Cubic((self.c0 + other) % P, self.c1, self.c2)
        return Cubic((self.c0 + other.c0) % P, (self.c1 + other.c1) % P, (self.c2 + other.c2) % P)

    __radd__ = __add__

    def __neg__(self):
        return Cubic(-self.c0 % P, -self.c1 % P, -self.c2 % P)

    def __sub__(self, other):
        return self + -other

    def __rsub__(self, other):
        return -self + other

    def __mul__(self, other):
        if type(other) is int:
            return Cubic(self.c0 * other % P, self.c1 * other % P, self.c2 * other % P)
        third = self.c1 * other.c2 + self.c2 * other.c1
        fourth = self.c2 * other.c2
        return Cubic(
            (self.c0 * other.c0 + third) % P,
            (self.c0 * other.c1 + self.c1 * other.c0 + third + fourth) % P,
            (self.c0 * other.c2 + self.c1 * other.c1 + self.c2 * other.c0 + fourth) % P,
        )

    __rmul__ = __mul__

    def __repr__(self):
        return f"Cubic{self.coefficients}"


EXTENSIONS = {2: Quadratic, 3: Cubic}
