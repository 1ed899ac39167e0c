"""Claims on quantities, taken down to leaves and products."""

from circuit import quantities as q
from circuit.functional import (
    merge,
    pull_back_broadcast,
    pull_back_multiply,
    pull_back_places,
    pull_back_reshape,
    pull_back_sum,
    pull_back_transpose,
)


class Grounded:
    """Functionals on leaves and on bilinear quantities, whose values with `constant` add up to the claims'."""

    def __init__(self):
        self.columns = []  # (number, functional)
        self.weights = []
        self.inputs = []
        self.products = []  # (quantity, functional)
        self.constant = 0


def ground(circuit, claims):
    """Applies all linear definitions, the last quantity's first."""
    pending = [[] for _ in circuit.quantities]
    result = Grounded()

    def push(quantity, functional):
        for k, other in enumerate(pending[quantity]):
            merged = merge(other, functional)
            if merged is not None:
                pending[quantity][k] = merged
                return
        pending[quantity].append(functional)

    def shape(quantity):
        return circuit.quantities[quantity].shape

    for quantity, functional in claims:
        push(quantity, functional)
    for number in reversed(range(len(pending))):
        d = circuit.quantities[number].definition
        for on in pending[number]:
            if isinstance(d, q.Column):
                result.columns.append((d.column, on))
            elif isinstance(d, q.CommittedWeight):
                result.weights.append((d.weight, on))
            elif isinstance(d, q.Input):
                result.inputs.append((d.port, on))
            elif isinstance(d, q.Affine):
                for coefficient, of in d.terms:
                    push(of, on if coefficient == 1 else on.scaled(coefficient))
                if d.constant:
                    result.constant = result.constant + on.total() * d.constant
            elif isinstance(d, q.Reshaped):
                push(d.of, pull_back_reshape(on, shape(d.of)))
            elif isinstance(d, q.Transposed):
                push(d.of, pull_back_transpose(on, d.permutation))
            elif isinstance(d, q.Placed):
                inside = pull_back_places(on, d.axis, shape(d.of)[d.axis], d.sources)
                if d.fill:
                    result.constant = result.constant + (on.total() - inside.total()) * d.fill
                push(d.of, inside)
            elif isinstance(d, q.Broadcasted):
                push(d.of, pull_back_broadcast(on, shape(d.of)))
            elif isinstance(d, q.Summed):
                push(d.of, pull_back_sum(on, shape(d.of)))
            elif isinstance(d, q.Multiplied):
                push(d.of, pull_back_multiply(on, d.axis, d.multipliers))
            else:
                result.products.append((number, on))
    return result
