"""The transcript, the source of all challenges, and the channel, by which whatever is read from a proof is absorbed."""

from blake3 import context_key, derive
from errors import Refused
from field import P

_TRANSCRIPT = context_key("Valence 2026-11 proof transcript")
_GRINDING = context_key("Valence 2026-11 proof grinding")

_PROTOCOL, _STATE, _BYTES, _NUMBER = 1, 2, 3, 4
_ELEMENT, _ELEMENTS, _CHALLENGE, _CHALLENGES = 0x10, 0x20, 0x30, 0x40  # and the degree
_POSITIONS, _GRINDING_KIND = 0x50, 0x51


def word(number):
    return number.to_bytes(8, "little")


def encode(elements):
    return b"".join(word(c) for element in elements for c in element.coefficients)


class _Stream:
    """The hash's output, word by word."""

    def __init__(self, absorbed):
        self.absorbed = absorbed
        self.output = derive(_TRANSCRIPT, absorbed, 256)
        self.at = 32

    def take(self):
        if self.at == len(self.output):
            self.output = derive(_TRANSCRIPT, self.absorbed, 4 * len(self.output))
        self.at += 8
        return int.from_bytes(self.output[self.at - 8 : self.at], "little")

    def base_element(self):
        while True:
            value = self.take()
            if value < P:
                return value


class Transcript:
    def __init__(self, protocol, extension):
        self.absorbed = b""
        self.extension = extension
        self._frame(protocol, _PROTOCOL, b"")

    def _frame(self, label, kind, payload):
        label = label.encode()
        self.absorbed += bytes([len(label)]) + label + bytes([kind]) + word(len(payload)) + payload

    def _draw(self):
        stream = _Stream(self.absorbed)
        self.absorbed = b""
        self._frame("", _STATE, stream.output[:32])
        return stream

    def _element(self, stream):
        return self.extension(*(stream.base_element() for _ in range(self.extension.DEGREE)))

    def absorb_bytes(self, label, data):
        self._frame(label, _BYTES, data)

    def absorb_number(self, label, number):
        self._frame(label, _NUMBER, word(number))

    def absorb(self, label, element):
        self._frame(label, _ELEMENT + self.extension.DEGREE, encode([element]))

    def absorb_all(self, label, elements):
        self._frame(label, _ELEMENTS + self.extension.DEGREE, encode(elements))

    def challenge(self, label):
        self._frame(label, _CHALLENGE + self.extension.DEGREE, b"")
        return self._element(self._draw())

    def challenges(self, label, count):
        self._frame(label, _CHALLENGES + self.extension.DEGREE, word(count))
        stream = self._draw()
        return [self._element(stream) for _ in range(count)]

    def positions(self, label, count, log_domain):
        self._frame(label, _POSITIONS, word(count) + word(log_domain))
        stream = self._draw()
        return [stream.take() >> 64 - log_domain for _ in range(count)]

    def check_grinding(self, label, bits, nonce):
        self._frame(label, _GRINDING_KIND, word(bits))
        stream = self._draw()
        seed = b"".join(word(stream.take()) for _ in range(4))
        self.absorb_number(label, nonce)
        digest = derive(_GRINDING, seed + word(nonce))
        return int.from_bytes(digest[:8], "big") >> 64 - bits == 0


class Reader:
    """Takes a proof's bytes from the front."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, count):
        if count > len(self.data) - self.at:
            raise Refused("truncated", f"at byte {self.at}")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, size=8):
        return int.from_bytes(self.take(size), "little")

    def base_element(self):
        value = self.number()
        if value >= P:
            raise Refused("not_canonical", f"at byte {self.at - 8}")
        return value

    def element(self, extension):
        return extension(*(self.base_element() for _ in range(extension.DEGREE)))

    def finish(self):
        if self.at != len(self.data):
            raise Refused("trailing_bytes", f"{len(self.data) - self.at} bytes")


class Channel:
    """What the prover says, read and absorbed in one step."""

    def __init__(self, transcript, reader):
        self.transcript = transcript
        self.reader = reader
        self.extension = transcript.extension

    def receive(self, label):
        element = self.reader.element(self.extension)
        self.transcript.absorb(label, element)
        return element

    def receive_all(self, label, count):
        elements = [self.reader.element(self.extension) for _ in range(count)]
        self.transcript.absorb_all(label, elements)
        return elements

    def receive_digest(self, label):
        digest = self.reader.take(32)
        self.transcript.absorb_bytes(label, digest)
        return digest

    def check_grinding(self, label, bits):
        if bits > 0 and not self.transcript.check_grinding(label, bits, self.reader.number()):
            raise Refused("wrong_grinding", label)
