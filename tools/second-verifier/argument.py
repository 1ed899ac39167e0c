"""From the challenges after the witness's commitment to the claim that its opening settles."""

from circuit import quantities as q
from circuit.claims import ground
from circuit.functional import Functional, inner_product
from circuit.layout import bits_for, eq_prefix, eq_range
from circuit.tables import ComputedTable, width
from circuit.terms import sides_at, term_variables
from errors import Refused
from key import elements_of
from parameters import OpeningParameters, weight_shape, witness_shape
from soundness import MAX_LEAVES, MAX_TERMS, UNIT, root_bits
from sums import fraction_variables, verify_bilinear_sum, verify_fractional_sum


class Fingerprint:
    """Denominators: alpha - gamma_0*table - gamma_1*selector - gamma_2*x_1 - ..."""

    def __init__(self, circuit, transcript):
        widest = max(width(table.rows) for table in circuit.tables)
        self.alpha = transcript.challenge("alpha")
        self.gammas = transcript.challenges("gamma", 1 + widest)

    def denominator(self, table, selector):
        return self.alpha - self.gammas[0] * table - self.gammas[1] * selector


def output_variables(circuit):
    return bits_for(max(1, *(elements_of(circuit.quantities[output].shape) for output in circuit.outputs)))


def secure_parameters(circuit, profile):
    """The opening's parameters, if every round of the whole proof reaches the target."""
    if circuit.leaves > MAX_LEAVES:
        raise Refused("bad_parameters", "too many lookups")
    tables = [witness_shape(circuit.witness_cells)]
    tables += [weight_shape(cells) for cells in circuit.weight_cells if cells is not None]
    opening = OpeningParameters(profile, tables)
    bilinear = sum(isinstance(quantity.definition, q.BILINEAR) for quantity in circuit.quantities)
    degree = profile.degree
    rounds = [
        ("lookups: fractions at random challenges", root_bits(circuit.leaves, degree)),
        ("lookups: sumcheck rounds", root_bits(2, degree)),
        ("zeros and outputs", root_bits(max(fraction_variables(circuit.leaves), output_variables(circuit)), degree)),
        ("joining the claims", root_bits(1 + len(circuit.zeros) + len(circuit.outputs), degree)),
        ("products: sumcheck rounds", root_bits(2, degree)),
        ("joining the products' sides", root_bits(2 * max(bilinear, 1), degree)),
        *opening.rounds(),
    ]
    for name, bits in rounds:
        if bits is not None and bits < profile.target_bits * UNIT:
            raise Refused("bad_parameters", f"{name}: {bits / UNIT:.2f} bits")
    return opening


def _value_on(functional, elements):
    return sum(weight * element for weight, element in zip(functional.expand(), elements))


def _known_part(grounded, inputs):
    return grounded.constant + sum(_value_on(functional, inputs[port].elements) for port, functional in grounded.inputs)


def _claims(circuit, fingerprint, fractions, outputs, output_point, batching, one):
    """All claims as one: ([(quantity, functional)], value)."""
    point, numerator, denominator = fractions
    claims = []

    # Denominators. What is known of their sum: constants, filling, listed rows, and 1 after the last leaf.
    gammas = fingerprint.gammas
    lookups_total = eq_prefix(point, circuit.lookup_leaves, one)
    filling_total = lookups_total
    known = 1 - eq_prefix(point, circuit.leaves, one)
    weights = []
    for lookup in circuit.lookups:
        own = lookup.layout.weights(point, one)
        weights.append(own)
        total = own.total()
        filling_total = filling_total - total
        known = known + total * fingerprint.denominator(lookup.table, lookup.selector)
        for j, entry in enumerate(lookup.entries):
            claims.append((entry, own.scaled(-gammas[2 + j])))
    known = known + filling_total * fingerprint.denominator(0, 0)
    table_weights = []
    for number, table in enumerate(circuit.tables):
        own = table.layout.weights(point, one)
        table_weights.append(own)
        known = known + own.total() * fingerprint.denominator(number, 0)
        if isinstance(table.rows, ComputedTable):
            for j, entry in enumerate(table.rows.entries):
                claims.append((entry, own.scaled(-gammas[2 + j])))
            continue
        each = own.expand()
        for j, column in enumerate(table.rows.lists()):
            known = known - gammas[1 + j] * sum(weight * element for weight, element in zip(each, column) if element)
    value = denominator - known

    # Numerators: 1 at lookups and their filling, minus the multiplicity at tables' rows.
    power = batching
    for table, own in zip(circuit.tables, table_weights):
        claims.append((table.multiplicity, own.scaled(power)))
    value = value + power * (lookups_total - numerator)

    for quantity, weighed_as in circuit.zeros:
        power = power * batching
        claims.append((quantity, weights[weighed_as].scaled(power)))
    for quantity, output in zip(circuit.outputs, outputs):
        power = power * batching
        shape = circuit.quantities[quantity].shape
        at = eq_range(output_point, 0, elements_of(shape), one)
        functional = Functional(shape, [(tuple(range(len(shape))), at)]).scaled(power)
        value = value + _value_on(functional, output.elements)
        claims.append((quantity, functional))
    return claims, value


class OpeningClaim:
    """Functionals on columns and weights, whose values are to add up to `value`."""

    def __init__(self, columns, weights, value):
        self.columns = columns
        self.weights = weights
        self.value = value

    def at(self, place_of, functionals, point, one):
        """The sum of those functionals whose tensors lie in one table, at a point of it."""
        weights, total = {}, one - one
        for number, functional in functionals:
            layout = place_of(number)
            if layout is None:
                continue
            if number not in weights:
                weights[number] = layout.weights(point, one)
            total = total + inner_product(functional, weights[number])
        return total


def verify_argument(circuit, inputs, outputs, channel):
    transcript, one = channel.transcript, channel.extension(1)
    fingerprint = Fingerprint(circuit, transcript)
    fractions = verify_fractional_sum(circuit.leaves, channel)

    output_point = transcript.challenges("output point", output_variables(circuit))
    batching = transcript.challenge("claim batching")
    claims, value = _claims(circuit, fingerprint, fractions, outputs, output_point, batching, one)
    grounded = ground(circuit, claims)
    if len(grounded.products) > MAX_TERMS:
        raise Refused("bad_parameters", f"{len(grounded.products)} terms")

    product_value = channel.receive("products")
    variables = [term_variables(circuit, quantity, on) for quantity, on in grounded.products]
    point, sides = verify_bilinear_sum(variables, product_value, channel)

    value = value - _known_part(grounded, inputs) - product_value
    joining = transcript.challenge("opening batching")
    power, claims = one, []
    for (quantity, on), own, values in zip(grounded.products, variables, sides):
        arguments = sides_at(circuit, quantity, on, point[len(point) - own :], one)
        for (argument, functional), side in zip(arguments, values):
            power = power * joining
            value = value + power * side
            claims.append((argument, functional.scaled(power)))
    below = ground(circuit, claims)
    assert not below.products, "arguments of products are linear"
    value = value - _known_part(below, inputs)
    return OpeningClaim(grounded.columns + below.columns, grounded.weights + below.weights, value)
