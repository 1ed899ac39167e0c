"""second_verifier.py FOLDER: says what tools/second-verifier makes of the samples there, which valence-proof-samples wrote.

Prints a line for each proof of the file `verdicts`: its name, what is written there, and what the second verifier says.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools" / "second-verifier"))

from errors import Refused  # noqa: E402
from files import decode_proof_file, decode_verifying_key  # noqa: E402
from verify import verify  # noqa: E402


def verdict_on(model, proof):
    try:
        verify(model, decode_proof_file(proof))
        return "valid"
    except Refused as refused:
        return refused.check


folder = Path(sys.argv[1])
models = {}
for line in (folder / "verdicts").read_text().splitlines():
    key, name, expected = line.split()
    if key not in models:
        models[key] = decode_verifying_key((folder / f"{key}.vkey").read_bytes())
    print(name, expected, verdict_on(models[key], (folder / f"{name}.proof").read_bytes()), flush=True)
