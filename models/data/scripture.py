"""The King James Bible (1611), one verse a line, as Debian's bible-kjv prints it."""

import subprocess

import numpy as np


def load():
    """(training bytes, held-back bytes): every twentieth run of 200 verses is held back."""
    text = subprocess.run(["bible", "-f", "-l0", "gen1:1-rev22:21"], check=True, capture_output=True).stdout
    # Each line is "Gen1:1 In the beginning …"; the reference is left out.
    verses = [line.split(b" ", 1)[1] for line in text.splitlines() if b" " in line]
    parts = ([], [])
    for number, verse in enumerate(verses):
        parts[number // 200 % 20 == 19].append(verse)
    return tuple(np.frombuffer(b"\n".join(part), np.uint8) for part in parts)
