"""Bits of security of each round, in units of 2^-20 bits; every rounding is towards less."""

UNIT = 1 << 20
MAX_LEAVES = 1 << 27
MAX_TERMS = 1 << 24


class Profile:
    def __init__(self, target_bits, degree):
        self.target_bits = target_bits
        self.degree = degree


PROFILES = {100: Profile(100, 2), 128: Profile(128, 3)}


def log2_below(n):
    """log2 n, rounded down by squaring a mantissa of 64 bits."""
    whole = n.bit_length() - 1
    units = whole
    m = n << 63 - whole
    for _ in range(20):
        square = m * m
        two_or_more = square >> 127
        units = 2 * units + two_or_more
        m = square >> (64 if two_or_more else 63)
    return units


def log2_above(n):
    return log2_below(n) + (0 if n & (n - 1) == 0 else 2)


def root_bits(degree, extension_degree):
    """A random element of E is a root of a polynomial of this degree."""
    return 64 * extension_degree * UNIT - extension_degree - log2_above(max(degree, 1))


def query_bits(rate):
    """One position against a code of rate 2^-rate."""
    return (rate + 1) * UNIT - log2_above((1 << rate) + 1)


def queries_for(target_bits, rate, grinding_bits):
    wanted = (target_bits - grinding_bits) * UNIT
    return max(0, -(-wanted // query_bits(rate)))
