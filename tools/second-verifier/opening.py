"""Checks an opening: that the sum of <f_i, q_i> over the committed tables f_i is the claim."""

from errors import Refused
from field import P, root_of_unity
from merkle import receive_opening
from parameters import variables_of
from transcript import Reader

_ROOTS = [root_of_unity(k) for k in range(33)]


def code_point(position):
    """Where the polynomials are evaluated for a leaf."""
    point = 1
    bit = 0
    while position >> bit:
        if position >> bit & 1:
            point = point * _ROOTS[bit + 1] % P
        bit += 1
    return point


def eq_weights(point, one):
    """eq(point, i) for all i."""
    weights = [one]
    for r in point:
        weights = [each for weight in weights for high in [weight * r] for each in (weight - high, high)]
    return weights


def eq_weight(point, index, one):
    weight = one
    for j, r in enumerate(point):
        weight = weight * (r if index >> len(point) - 1 - j & 1 else 1 - r)
    return weight


def evaluate_powers(x, point, one):
    """The multilinear extension of 1, x, x^2 ... at a point."""
    value = one
    for r in reversed(point):
        value = value * (1 + r * (x - 1))
        x = x * x % P
    return value


class _Pending:
    """A committed matrix whose positions are still to be queried."""

    def __init__(self, root, oracle, queries, over_base, offset, row_weights):
        self.root = root
        self.oracle = oracle
        self.queries = queries
        self.over_base = over_base
        self.offset = offset
        self.row_weights = row_weights


class _Queried:
    """Claims on powers of code points that joined the running claim."""

    def __init__(self, pending, positions, first_challenge):
        self.positions = positions
        self.log_columns = pending.oracle.log_columns
        self.offset = pending.offset
        self.first_challenge = first_challenge
        self.coefficients = []


class OpeningVerifier:
    def __init__(self, parameters, claim, channel):
        self.parameters = parameters
        self.claim = claim
        self.channel = channel
        self.one = channel.extension(1)
        self.row_challenges = []
        self.later_challenges = []
        self.pending = []
        self.queried = []

    def verify(self, roots, functionals):
        """functionals[i](point) is q_i's multilinear extension at a point of table i's variables."""
        p = self.parameters
        self._absorb_statement(roots)
        self._rounds(p.first_rounds, self.row_challenges)
        self.pending = [
            _Pending(root, table.oracle(), queries, True, offset, eq_weights(self._rows_of(table), self.one))
            for root, table, queries, offset in zip(roots, p.tables, p.queries, p.offsets)
        ]
        for oracle, queries in p.levels:
            root = self.channel.receive_digest("opening: root")
            self._query()
            self._rounds(oracle.log_rows, self.later_challenges)
            weights = eq_weights(self._last(oracle.log_rows), self.one)
            self.pending = [_Pending(root, oracle, queries, False, 0, weights)]
        vector = self.channel.receive_all("opening: vector", p.clear_size)
        self._query()
        clear_variables = variables_of(p.clear_size)
        self._rounds(clear_variables, self.later_challenges)

        value = self.channel.extension()
        for weight, element in zip(eq_weights(self._last(clear_variables), self.one), vector):
            value = value + weight * element
        if value * self._functional_value(functionals) != self.claim:
            raise Refused("opening_mismatch", "the vector in clear does not have the claimed product")

    def _absorb_statement(self, roots):
        transcript = self.channel.transcript
        transcript.absorb_number("opening: tables", self.parameters.profile.target_bits)
        for table, root in zip(self.parameters.tables, roots):
            transcript.absorb_number("opening: tables", table.variables)
            transcript.absorb_number("opening: tables", table.log_rows)
            transcript.absorb_number("opening: tables", table.oracle().rows)
            transcript.absorb_number("opening: tables", table.rate)
            transcript.absorb_bytes("opening: root", root)
        transcript.absorb("opening: claim", self.claim)

    def _rows_of(self, table):
        return self.row_challenges[len(self.row_challenges) - table.log_rows :]

    def _last(self, count):
        return self.later_challenges[len(self.later_challenges) - count :]

    def _rounds(self, count, challenges):
        for _ in range(count):
            at_zero = self.channel.receive("opening: round")
            square = self.channel.receive("opening: round")
            r = self.channel.transcript.challenge("opening: challenge")
            linear = self.claim - at_zero - at_zero - square
            self.claim = at_zero + r * (linear + r * square)
            challenges.append(r)

    def _query(self):
        """Opens the pending matrices' leaves; what they fold to are further claims on the vector at hand."""
        reader = self.channel.reader
        self.channel.check_grinding("opening: work", self.parameters.grinding_bits)
        opened = []
        for pending in self.pending:
            oracle = pending.oracle
            drawn = self.channel.transcript.positions("opening: positions", pending.queries, oracle.log_length)
            positions = sorted(set(drawn))
            width = 8 if pending.over_base else 8 * self.channel.extension.DEGREE
            leaves = receive_opening(pending.root, oracle.log_length, oracle.rows * width, positions, reader)
            queried = _Queried(pending, positions, len(self.later_challenges))
            opened.append((queried, [self._fold(pending, leaf) for leaf in leaves]))
            self.queried.append(queried)
        join = self.channel.transcript.challenge("opening: join")
        power = join
        for queried, values in opened:
            for value in values:
                queried.coefficients.append(power)
                self.claim = self.claim + power * value
                power = power * join

    def _fold(self, pending, leaf):
        elements = Reader(leaf)
        total = self.channel.extension()
        for weight, _ in zip(pending.row_weights, range(pending.oracle.rows)):
            element = elements.base_element() if pending.over_base else elements.element(self.channel.extension)
            total = total + weight * element
        return total

    def _functional_value(self, functionals):
        """The functional that the last claim is about, at all challenges after the rows'."""
        p = self.parameters
        point = self.later_challenges
        value = self.channel.extension()
        for table, offset, functional in zip(p.tables, p.offsets, functionals):
            log_columns = table.oracle().log_columns
            before, own = point[: len(point) - log_columns], point[len(point) - log_columns :]
            late = self.one
            for r in self.row_challenges[: p.first_rounds - table.log_rows]:
                late = late * (1 - r)
            place = eq_weight(before, offset >> log_columns, self.one)
            value = value + late * place * functional(self._rows_of(table) + own)
        for queried in self.queried:
            of_vector = point[queried.first_challenge :]
            split = len(of_vector) - queried.log_columns
            before, own = of_vector[:split], of_vector[split:]
            total = self.channel.extension()
            for coefficient, position in zip(queried.coefficients, queried.positions):
                total = total + coefficient * evaluate_powers(code_point(position), own, self.one)
            value = value + eq_weight(before, queried.offset >> queried.log_columns, self.one) * total
        return value
