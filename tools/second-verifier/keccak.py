"""keccak256 as Ethereum has it: by it models are named and tables of functions pinned."""

_MASK = (1 << 64) - 1
_RATE = 136


def _round_constants():
    constants, state = [], 1
    for _ in range(24):
        value = 0
        for j in range(7):
            if state & 1:
                value |= 1 << (1 << j) - 1
            state = state << 1 ^ (0x171 if state >> 7 else 0)
        constants.append(value)
    return constants


def _offsets():
    """Rotation of each lane x + 5y, and the way the lanes move."""
    offsets, x, y = [0] * 25, 1, 0
    for t in range(24):
        offsets[x + 5 * y] = (t + 1) * (t + 2) // 2 % 64
        x, y = y, (2 * x + 3 * y) % 5
    return offsets


_CONSTANTS = _round_constants()
_MOVES = [(x + 5 * y, y + 5 * ((2 * x + 3 * y) % 5), _offsets()[x + 5 * y]) for x in range(5) for y in range(5)]


def _permute(a):
    for constant in _CONSTANTS:
        c = [a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] for x in range(5)]
        d = [c[x - 1] ^ ((c[(x + 1) % 5] << 1 | c[(x + 1) % 5] >> 63) & _MASK) for x in range(5)]
        b = [0] * 25
        for source, target, by in _MOVES:
            lane = a[source] ^ d[source % 5]
            b[target] = (lane << by | lane >> 64 - by) & _MASK
        for y in range(0, 25, 5):
            for x in range(5):
                a[y + x] = b[y + x] ^ (b[y + (x + 1) % 5] ^ _MASK) & b[y + (x + 2) % 5]
        a[0] ^= constant


def keccak256(data):
    data = bytes(data) + b"\x01"
    data += b"\0" * (-len(data) % _RATE)
    data = data[:-1] + bytes([data[-1] | 0x80])
    state = [0] * 25
    for begin in range(0, len(data), _RATE):
        for k in range(_RATE // 8):
            state[k] ^= int.from_bytes(data[begin + 8 * k : begin + 8 * k + 8], "little")
        _permute(state)
    return b"".join(lane.to_bytes(8, "little") for lane in state[:4])
