"""The two sumchecks: of fractions, layer by layer, and of products."""

from errors import Refused

MAX_FRACTIONS = 1 << 27
MAX_ROUNDS = 40


def fraction_variables(leaves):
    return (leaves - 1).bit_length()


def verify_fractional_sum(leaves, channel):
    """The point, and the numerator and denominator claimed there, if the fractions of all leaves add up to 0."""
    if not 1 <= leaves <= MAX_FRACTIONS:
        raise Refused("bad_parameters", f"{leaves} leaves")
    transcript = channel.transcript
    transcript.absorb_number("fractional sum", leaves)
    variables = fraction_variables(leaves)
    if variables == 0:
        denominator = channel.receive("denominator")
        if denominator == 0:
            raise Refused("lookup_mismatch", "denominator 0")
        return [], channel.extension(), denominator

    p0, p1, q0, q1 = channel.receive_all("fractions", 4)
    if p0 * q1 + p1 * q0 != 0:
        raise Refused("lookup_mismatch", "the fractions' sum is not 0")
    if q0 * q1 == 0:
        raise Refused("lookup_mismatch", "a denominator is 0")
    tau = transcript.challenge("tau")
    point, numerator, denominator = [tau], p0 + tau * (p1 - p0), q0 + tau * (q1 - q0)

    for layer in range(1, variables):
        factor = transcript.challenge("lambda")
        claim = numerator + factor * denominator
        rounds = []
        for coordinate in point:
            linear = channel.receive("linear")
            quadratic = channel.receive("quadratic")
            constant = claim - coordinate * (linear + quadratic)
            r = transcript.challenge("round")
            claim = constant + r * (linear + r * quadratic)
            rounds.append(r)
        p0, p1, q0, q1 = channel.receive_all("fractions", 4)
        if p0 * q1 + p1 * q0 + factor * (q0 * q1) != claim:
            raise Refused("sumcheck_mismatch", f"fractions, layer {layer}")
        tau = transcript.challenge("tau")
        point, numerator, denominator = [tau, *rounds], p0 + tau * (p1 - p0), q0 + tau * (q1 - q0)
    return point, numerator, denominator


def verify_bilinear_sum(variables, claim, channel):
    """The point, and the values of both sides of each term at its last `variables[t]` coordinates."""
    rounds = max(variables, default=0)
    if rounds > MAX_ROUNDS:
        raise Refused("bad_parameters", f"{rounds} variables")
    transcript = channel.transcript
    transcript.absorb_number("bilinear sum", len(variables))
    for each in variables:
        transcript.absorb_number("variables", each)
    transcript.absorb("sum", claim)

    point = []
    for _ in range(rounds):
        constant = channel.receive("constant")
        quadratic = channel.receive("quadratic")
        linear = claim - constant - constant - quadratic
        r = transcript.challenge("round")
        claim = constant + r * (linear + r * quadratic)
        point.append(r)

    values = channel.receive_all("values", 2 * len(variables))
    sides = list(zip(values[::2], values[1::2]))
    total = channel.extension()
    for (left, right), own in zip(sides, variables):
        weight = channel.extension(1)
        for r in point[: rounds - own]:
            weight = weight * (1 - r)
        total = total + weight * weight * (left * right)
    if total != claim:
        raise Refused("sumcheck_mismatch", "bilinear sum")
    return point, sides
