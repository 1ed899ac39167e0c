#!/usr/bin/env python3
"""Verifies a proof of inference: verify.py MODEL.vkey PROOF. Exit status 0: valid; 1: refused; 2: misused."""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from argument import secure_parameters, verify_argument  # noqa: E402
from circuit.compiler import NARROW, WIDE, Compiler  # noqa: E402
from circuit.layout import bits_for  # noqa: E402
from errors import Refused  # noqa: E402
from field import EXTENSIONS  # noqa: E402
from files import decode_proof_file, decode_verifying_key  # noqa: E402
from key import ACTIVATION, elements_of  # noqa: E402
from opening import OpeningVerifier  # noqa: E402
from soundness import PROFILES  # noqa: E402
from transcript import Channel, Reader, Transcript  # noqa: E402

PROOF_VERSION = 1
EXCESSES = 3


def check_tensors(graph, ports, tensors, what):
    if len(ports) != len(tensors):
        raise Refused("wrong_statement", f"number of {what}")
    for port, given in zip(ports, tensors):
        expected = graph.main.tensors[port]
        if (given.type, given.shape) != (expected.type, expected.shape):
            raise Refused("wrong_statement", f"shape of {what}")
        assert len(given.elements) == elements_of(given.shape)


def begin(profile, statement, flags):
    """The transcript of what both sides know before the first message."""
    transcript = Transcript("valence inference proof 1", EXTENSIONS[profile.degree])
    transcript.absorb_number("target bits", profile.target_bits)
    transcript.absorb_number("extension degree", profile.degree)
    transcript.absorb_bytes("model", statement.model)
    for label, tensors in (("inputs", statement.inputs), ("outputs", statement.outputs)):
        transcript.absorb_number(label, len(tensors))
        for tensor in tensors:
            transcript.absorb_bytes(label, tensor.encode())
    transcript.absorb_bytes("context", statement.context)
    transcript.absorb_bytes("flags", bytes(flags))
    return transcript


def verify(model, statement):
    """Raises Refused, or the proof shows that the model gives the outputs for the inputs."""
    graph = model.graph
    if statement.model != model.id:
        raise Refused("other_model")
    check_tensors(graph, graph.main.inputs, statement.inputs, "inputs")
    check_tensors(graph, graph.main.outputs, statement.outputs, "outputs")
    reader = Reader(statement.proof)
    version, profile_byte = reader.number(1), reader.number(1)
    if version != PROOF_VERSION:
        raise Refused("bad_parameters", f"version {version}")
    if profile_byte not in PROFILES:
        raise Refused("bad_parameters", f"profile {profile_byte}")
    profile = PROFILES[profile_byte]

    flags = []

    def next_flags():
        flag = reader.number(1)
        if flag >= EXCESSES * EXCESSES:
            raise Refused("not_canonical", "a saturation flag")
        flags.append(flag)
        return flag % EXCESSES, flag // EXCESSES

    circuit = Compiler(graph, next_flags, [tensor.elements for tensor in statement.inputs]).run()
    parameters = secure_parameters(circuit, profile)
    channel = Channel(begin(profile, statement, flags), reader)
    roots = [channel.receive_digest("witness")]
    claim = verify_argument(circuit, statement.inputs, statement.outputs, channel)

    one = channel.extension(1)
    functionals = [lambda point: claim.at(lambda column: circuit.columns[column], claim.columns, point, one)]
    for table in (NARROW, WIDE):
        if circuit.weight_cells[table] is None:
            continue
        if model.tables[table] is None or model.tables[table][0] != bits_for(circuit.weight_cells[table]):
            raise Refused("wrong_statement", "commitment to other weights")
        roots.append(model.tables[table][1])

        def place_of(weight, table=table):
            own, layout = circuit.weights[weight]
            return layout if own == table else None

        functionals.append(lambda point, place_of=place_of: claim.at(place_of, claim.weights, point, one))
    OpeningVerifier(parameters, claim.value, channel).verify(roots, functionals)
    reader.finish()
    return circuit


def main():
    parser = argparse.ArgumentParser(description="Verify a proof of inference, slowly and by itself.")
    parser.add_argument("key", type=Path, help="the model's verifying key, as `valence prove --key` writes it")
    parser.add_argument("proof", type=Path, nargs="+", help="proofs, as `valence prove --out` writes them")
    arguments = parser.parse_args()
    status = 0
    try:
        model = decode_verifying_key(arguments.key.read_bytes())
        proofs = [(path, path.read_bytes()) for path in arguments.proof]
    except Refused as refused:
        print(f"refused  {arguments.key}: {refused}")
        return 1
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for path, data in proofs:
        start = time.process_time()
        try:
            statement = decode_proof_file(data)
            verify(model, statement)
            print(f"valid    {path} ({time.process_time() - start:.2f} s)")
        except Refused as refused:
            print(f"refused  {path}: {refused}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
