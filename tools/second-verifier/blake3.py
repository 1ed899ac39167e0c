"""BLAKE3: hash and derive_key modes, output of any length."""

import struct

_MASK = 0xFFFFFFFF
_IV = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
_PERMUTATION = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)

_CHUNK_START, _CHUNK_END, _PARENT, _ROOT = 1, 2, 4, 8
_DERIVE_KEY_CONTEXT, _DERIVE_KEY_MATERIAL = 32, 64

_BLOCK = 64
_CHUNK = 1024


def _schedule():
    """Which message words the eight mixing steps of each of the seven rounds take."""
    order = list(range(16))
    rounds = []
    for _ in range(7):
        rounds.append(tuple(order))
        order = [order[i] for i in _PERMUTATION]
    return rounds


_COLUMNS_AND_DIAGONALS = (
    (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
    (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14),
)
_STEPS = [
    (*place, order[2 * k], order[2 * k + 1]) for order in _schedule() for k, place in enumerate(_COLUMNS_AND_DIAGONALS)
]


def _compress(chaining, block, counter, length, flags):
    """The 16 words of the compression function's output."""
    m = struct.unpack("<16I", block)
    v = [*chaining, *_IV[:4], counter & _MASK, counter >> 32, length, flags]
    for a, b, c, d, i, j in _STEPS:
        va, vb, vc, vd = v[a], v[b], v[c], v[d]
        va = (va + vb + m[i]) & _MASK
        vd ^= va
        vd = (vd >> 16 | vd << 16) & _MASK
        vc = (vc + vd) & _MASK
        vb ^= vc
        vb = (vb >> 12 | vb << 20) & _MASK
        va = (va + vb + m[j]) & _MASK
        vd ^= va
        vd = (vd >> 8 | vd << 24) & _MASK
        vc = (vc + vd) & _MASK
        vb ^= vc
        v[a], v[b], v[c], v[d] = va, (vb >> 7 | vb << 25) & _MASK, vc, vd
    return [v[k] ^ v[k + 8] for k in range(8)] + [v[k + 8] ^ chaining[k] for k in range(8)]


class _Node:
    """A compression that is still to be done: as an inner node's child, or as the root for output."""

    def __init__(self, chaining, block, counter, length, flags):
        self.arguments = (chaining, block, length, flags)
        self.counter = counter

    def chaining_value(self):
        chaining, block, length, flags = self.arguments
        return _compress(chaining, block, self.counter, length, flags)[:8]

    def output(self, size):
        chaining, block, length, flags = self.arguments
        blocks = (
            struct.pack("<16I", *_compress(chaining, block, k, length, flags | _ROOT)) for k in range(-(-size // _BLOCK))
        )
        return b"".join(blocks)[:size]


def _chunk(key, data, counter, flags):
    chaining = key
    blocks = max(1, -(-len(data) // _BLOCK))
    for k in range(blocks):
        block = data[_BLOCK * k : _BLOCK * (k + 1)]
        own = flags | (_CHUNK_START if k == 0 else 0) | (_CHUNK_END if k == blocks - 1 else 0)
        node = _Node(chaining, block.ljust(_BLOCK, b"\0"), counter, len(block), own)
        if k < blocks - 1:
            chaining = node.chaining_value()
    return node


def _tree(key, data, counter, flags):
    if len(data) <= _CHUNK:
        return _chunk(key, data, counter, flags)
    chunks = -(-len(data) // _CHUNK)
    left = 1 << (chunks - 1).bit_length() - 1  # the largest power of two below the number of chunks
    split = left * _CHUNK
    children = _tree(key, data[:split], counter, flags).chaining_value()
    children += _tree(key, data[split:], counter + left, flags).chaining_value()
    return _Node(key, struct.pack("<16I", *children), 0, _BLOCK, flags | _PARENT)


def blake3(data, size=32):
    return _tree(_IV, bytes(data), 0, 0).output(size)


def context_key(context):
    """The key of a derive_key mode."""
    key = _tree(_IV, context.encode(), 0, _DERIVE_KEY_CONTEXT).output(32)
    return struct.unpack("<8I", key)


def derive(key, data, size=32):
    """The output of the derive_key mode with this key, for `data` as the key material."""
    return _tree(key, bytes(data), 0, _DERIVE_KEY_MATERIAL).output(size)
