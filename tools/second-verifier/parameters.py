"""Shapes, queries and grinding of an opening, from nothing but the tables' sizes and the profile."""

from errors import Refused
from field import TWO_ADICITY
from soundness import UNIT, log2_below, queries_for, query_bits, root_bits

MAX_TABLE_VARIABLES = 28
MAX_LOG_ROWS = 10
MAX_RATE = 6
DIGEST, NONCE = 32, 8
# For tables of up to so many variables: bits of grinding, and nanoseconds that a byte of proof is worth.
TRADES = ((18, 10, 70), (22, 13, 70), (MAX_TABLE_VARIABLES, 14, 300))


def variables_of(size):
    return (size - 1).bit_length()


class TableShape:
    """A committed table: 2^variables values of F in 2^log_rows rows, of which the first used_rows are committed."""

    def __init__(self, variables, log_rows, rate, used_rows=None):
        self.variables = variables
        self.log_rows = log_rows
        self.rate = rate
        self.used_rows = used_rows or 1 << log_rows

    def oracle(self):
        return Oracle(self.used_rows, self.variables - self.log_rows, self.rate)


class Oracle:
    """What one root commits: `rows` polynomials of 2^log_columns coefficients, at 2^log_length points."""

    def __init__(self, rows, log_columns, rate):
        self.rows = rows
        self.log_columns = log_columns
        self.rate = rate
        self.log_rows = variables_of(rows)
        self.log_length = log_columns + rate


def weight_shape(cells):
    variables = variables_of(cells)
    return _with_cells(TableShape(variables, max((variables - 3) // 3, 0), 2), cells)


def witness_shape(cells):
    variables = variables_of(cells)
    rows = 0 if variables < 4 else (variables + 2) // 4
    return _with_cells(TableShape(variables, rows, 2 if variables < 17 else 1), cells)


def _with_cells(shape, cells):
    """Rows that are zero are left out, by fours."""
    rows = (cells - 1 >> shape.variables - shape.log_rows) + 1
    shape.used_rows = min(-(-rows // 4) * 4, 1 << shape.log_rows)
    return shape


class _LevelSearch:
    """How a vector of so many elements of E is best cut up: the least weighed cost, the first such."""

    def __init__(self, profile, grinding_bits, nanoseconds_per_byte):
        self.degree = profile.degree
        self.nanoseconds_per_byte = nanoseconds_per_byte
        self.grinding_bits = grinding_bits
        self.queries = {rate: queries_for(profile.target_bits, rate, grinding_bits) for rate in range(1, MAX_RATE + 1)}
        self.found = {}

    def _clear(self, size):
        element = 8 * self.degree
        return size * element + 2 * variables_of(size) * element, 30 * size

    def _level(self, oracle):
        element = 8 * self.degree
        queries = self.queries[oracle.rate]
        length = 1 << oracle.log_length
        opened = min(queries, length)
        depth = max(oracle.log_length * UNIT - log2_below(max(queries, 1)), 0)
        size = DIGEST + NONCE + 2 * oracle.log_rows * element
        size += opened * oracle.rows * element + (opened * depth // UNIT) * DIGEST
        words = oracle.rows * self.degree
        time = words * length * (oracle.log_columns + 6) // 2 + 20 * length + 3 * self.degree * length
        return size, time + (20 << self.grinding_bits)

    def best(self, size):
        """(cost, oracle); no oracle: in clear. A cost is bytes and nanoseconds."""
        if size in self.found:
            return self.found[size]
        variables = variables_of(size)
        best_cost, best_oracle = self._clear(size), None
        for log_columns in range(max(variables - MAX_LOG_ROWS, 2), variables):
            rows = (size - 1 >> log_columns) + 1
            rest = self.best(1 << log_columns)[0]
            for rate in range(1, MAX_RATE + 1):
                oracle = Oracle(rows, log_columns, rate)
                if oracle.log_length > TWO_ADICITY:
                    break
                own = self._level(oracle)
                cost = own[0] + rest[0], own[1] + rest[1]
                if self._weighed(cost) < self._weighed(best_cost):
                    best_cost, best_oracle = cost, oracle
        self.found[size] = best_cost, best_oracle
        return self.found[size]

    def _weighed(self, cost):
        return self.nanoseconds_per_byte * cost[0] + cost[1]


class OpeningParameters:
    """Refuses sizes for which the profile's target is not met."""

    def __init__(self, profile, tables):
        for table in tables:
            if table.variables > MAX_TABLE_VARIABLES or table.log_rows > MAX_LOG_ROWS:
                raise Refused("bad_parameters", "a table's shape is out of bounds")
        self.profile = profile
        self.tables = tables
        most = max(table.variables for table in tables)
        self.grinding_bits, worth = next(trade[1:] for trade in TRADES if most <= trade[0])
        self.queries = [queries_for(profile.target_bits, table.rate, self.grinding_bits) for table in tables]
        self.first_rounds = max(table.log_rows for table in tables)

        # The folded rows, the longest first, one after the other.
        self.offsets = [0] * len(tables)
        self.stack_size = 0
        for i in sorted(range(len(tables)), key=lambda i: -tables[i].oracle().log_columns):
            self.offsets[i] = self.stack_size
            self.stack_size += 1 << tables[i].oracle().log_columns

        search = _LevelSearch(profile, self.grinding_bits, worth)
        self.levels = []  # (oracle, queries)
        self.clear_size = self.stack_size
        while (oracle := search.best(self.clear_size)[1]) is not None:
            self.levels.append((oracle, search.queries[oracle.rate]))
            self.clear_size = 1 << oracle.log_columns

    def rounds(self):
        """(what happens, bits in units) of each kind of round."""
        degree = self.profile.degree
        ground = self.grinding_bits * UNIT
        lengths = sum(1 << table.oracle().log_length for table in self.tables)
        yield "fold of the tables", root_bits(lengths + 2, degree) if self.first_rounds else None
        for table, queries in zip(self.tables, self.queries):
            yield "queries of a table", queries * query_bits(table.rate) + ground
        yield "joining the tables' queries", root_bits(sum(self.queries), degree)
        for oracle, queries in self.levels:
            yield "fold of a level", root_bits((1 << oracle.log_length) + 2, degree) if oracle.log_rows else None
            yield "queries of a level", queries * query_bits(oracle.rate) + ground
            yield "joining a level's queries", root_bits(queries, degree)
        yield "sumcheck of the vector in clear", root_bits(2, degree)
