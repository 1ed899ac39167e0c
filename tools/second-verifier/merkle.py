"""Openings of several leaves of one Merkle tree."""

from blake3 import context_key, derive
from errors import Refused

_LEAF = context_key("Valence 2026-11 Merkle leaf")
_NODE = context_key("Valence 2026-11 Merkle node")


def receive_opening(root, log_leaves, leaf_bytes, positions, reader):
    """The leaves at `positions` (ascending, each once), read from the proof and checked against the root."""
    leaves = [reader.take(leaf_bytes) for _ in positions]
    known = {position: derive(_LEAF, leaf) for position, leaf in zip(positions, leaves)}
    for _ in range(log_leaves):
        parents = {}
        for position in sorted(known):
            if position // 2 in parents:
                continue  # the right sibling of one that was opened too
            sibling = known[position ^ 1] if position ^ 1 in known else reader.take(32)
            pair = known[position] + sibling if position % 2 == 0 else sibling + known[position]
            parents[position // 2] = derive(_NODE, pair)
        known = parents
    if known[0] != root:
        raise Refused("merkle_mismatch", f"{len(positions)} leaves of 2^{log_leaves}")
    return leaves
