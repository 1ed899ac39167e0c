"""The second verifier's hashes against published vectors, and its arithmetic against what defines it."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools" / "second-verifier"))

from blake3 import blake3, context_key, derive  # noqa: E402
from field import P, Cubic, Quadratic, root_of_unity  # noqa: E402
from keccak import keccak256  # noqa: E402
from soundness import UNIT, log2_above, log2_below  # noqa: E402

# The designers' vectors: length of the message 0, 1 ... 250, 0, 1 ..., hash, derived key.
BLAKE3_VECTORS = (
    (0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
     "2cc39783c223154fea8dfb7c1b1660f2ac2dcbd1c1de8277b0b0dd39b7e50d7d"),
    (1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
     "b3e2e340a117a499c6cf2398a19ee0d29cca2bb7404c73063382693bf66cb06c"),
    (1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
     "7356cd7720d5b66b6d0697eb3177d9f8d73a4a5c5e968896eb6a689684302706"),
    (1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
     "effaa245f065fbf82ac186839a249707c3bddf6d3fdda22d1b95a3c970379bcb"),
    (3073, "7124b49501012f81cc7f11ca069ec9226cecb8a2c850cfe644e327d22d3e1cd3",
     "72613c9ec9ff7e40f8f5c173784c532ad852e827dba2bf85b2ab4b76f7079081"),
    (31744, "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47",
     "39772aef80e0ebe60596361e45b061e8f417429d529171b6764468c22928e28e"),
)


class Hashes(unittest.TestCase):
    def test_blake3_answers_the_designers_vectors(self):
        key = context_key("BLAKE3 2019-12-27 16:29:52 test vectors context")
        for length, plain, derived in BLAKE3_VECTORS:
            message = bytes(k % 251 for k in range(length))
            self.assertEqual(blake3(message).hex(), plain, length)
            self.assertEqual(derive(key, message).hex(), derived, length)
            self.assertEqual(derive(key, message, 200)[:32].hex(), derived, length)

    def test_keccak_answers_known_digests(self):
        self.assertEqual(keccak256(b"").hex(), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")
        self.assertEqual(keccak256(b"abc").hex(), "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")


class Arithmetic(unittest.TestCase):
    def test_extensions_are_what_their_polynomials_say(self):
        u, v = Quadratic(0, 1), Cubic(0, 1)
        self.assertEqual(u * u, 7)
        self.assertEqual(v * v * v, v + 1)
        a, b = Quadratic(P - 1, 5), Quadratic(12, P - 7)
        self.assertEqual((a + b) * (a - b), a * a - b * b)
        self.assertEqual(3 - Cubic(1, 2, 3), Cubic(2, P - 2, P - 3))

    def test_roots_are_of_their_order(self):
        for k in (1, 5, 32):
            self.assertEqual(pow(root_of_unity(k), 1 << k - 1, P), P - 1)

    def test_logarithms_are_bounds(self):
        self.assertEqual(log2_below(1 << 20), 20 * UNIT)
        for n in (3, 5, 1000, (1 << 40) + 1):
            self.assertLessEqual(2 ** (log2_below(n) / UNIT), n)
            self.assertGreaterEqual(2 ** (log2_above(n) / UNIT), n)


if __name__ == "__main__":
    unittest.main()
