"""Tree ensembles: the walks of all items through all trees, a level at a time."""

from circuit import quantities as q
from circuit.compiler import BITS_30, NONE, by_axis
from circuit.gadgets import commit, constant, is_negative, is_zero, positions, product, ramp, shifted
from circuit.tables import ComputedTable
from errors import Refused

MAX_LEVELS = 64


def tree_ensemble(to, op, node):
    x = to.tensors[node.inputs[0]]
    out = to.part.tensors[node.outputs[0]].shape
    items, features = to.shape(x)
    shape = (items, to.graph.weights[op.roots].shape[0])
    groups = by_axis(shape)

    nodes = to.weight(op.nodes)
    rows = (to.shape(nodes)[0],)
    entries = [positions(to, rows)]
    for entry in range(4):
        entries.append(to.reshaped(to.placed(nodes, 1, [entry]), rows))
    node_table = to.table(ComputedTable(entries, rows))
    row = to.broadcast(to.weight(op.roots), shape)

    # Features with a 0 before the first, which is what leaves compare with their threshold of 0.
    padded = to.placed(x, 1, [-1, *range(features)])
    wide = to.shape(padded)
    feature_table = to.table(ComputedTable([positions(to, wide), padded], wide))
    first_feature = ramp(to, shape, 0, [item * wide[1] for item in range(items)])
    feature = to.column(shape)

    more = True
    for _ in range(min(op.steps, MAX_LEVELS)):
        to.affine([(1 << 15, feature)], 1 << 15)  # what the prover's answer is about
        answer = to.flags()
        if answer not in ((BITS_30, NONE), (NONE, NONE)) or (answer[0] and not more):
            raise Refused("bad_flags", "of a tree's levels")
        more = answer[0] == BITS_30
        if not more:
            continue
        threshold, left, right = to.column(shape), to.column(shape), to.column(shape)
        to.look_up(node_table, [row, feature, threshold, left, right], groups)
        place = to.affine([(1, first_feature), (1, feature)], 1)
        value = to.column(shape)
        to.look_up(feature_table, [place, value], groups)
        leaf = is_zero(to, shifted(to, feature, 1), groups)
        greater = is_negative(to, to.difference(threshold, value), 32, groups)
        following = to.affine(
            [
                (1, left),
                (1, product(to, greater.value, to.difference(right, left))),
                (1, product(to, leaf.value, to.difference(row, left))),
            ]
        )
        row = commit(to, following, leaf.weighed_as)
        feature = to.column(shape)

    leaf_row = to.column(shape)
    zero = constant(to, shape, 0)
    to.look_up(node_table, [row, constant(to, shape, -1), zero, leaf_row, zero], groups)

    leaves = to.weight(op.leaves)
    targets = out[1]
    each = (*shape, targets)
    wide_rows = to.broadcast(to.reshaped(leaf_row, (*shape, 1)), each)
    place = to.affine([(targets, wide_rows), (1, ramp(to, each, 2, list(range(targets))))])
    table = to.table(ComputedTable([positions(to, to.shape(leaves)), leaves], to.shape(leaves)))
    value = to.column(each)
    to.look_up(table, [place, value], by_axis(each))

    total = to.reshaped(to.define((items, 1, targets), q.Summed(value)), out)
    if op.bias is not None:
        total = to.affine([(1, total), (1, to.broadcast(to.weight(op.bias), out))])
    return [to.requantise(total, op.out, by_axis(out))]


COMPILERS = {"TreeEnsemble": tree_ensemble}
