#include "valence/zk/protocol/commitment/parameters.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "valence/zk/protocol/proof/proof_error.hpp"

namespace valence::zk {
namespace {

constexpr std::int64_t kDigestBytes = 32;
constexpr std::int64_t kNonceBytes = 8;

/// What time is worth for tables of up to so many variables.
struct Trade {
    int variables;
    /// Grinding takes 2^bits hashes in every query phase: a small proof has no time for many.
    int grinding_bits;
    /// Of the prover, for each byte of proof, which all full nodes fetch and keep.
    std::int64_t nanoseconds_per_byte;
};
constexpr Trade kTrades[] = {{18, 10, 70}, {22, 13, 70}, {kMaxTableVariables, 14, 300}};

const Trade& trade_for(std::span<const TableShape> tables) {
    int most = 0;
    for (const TableShape& table : tables)
        most = std::max(most, table.variables);
    return *std::ranges::find_if(kTrades, [&](const Trade& trade) { return most <= trade.variables; });
}

struct Cost {
    std::int64_t bytes = 0;
    std::int64_t nanoseconds = 0;

    std::int64_t weighed(const Trade& trade) const {
        return trade.nanoseconds_per_byte * bytes + nanoseconds;
    }
    Cost operator+(const Cost& other) const { return {bytes + other.bytes, nanoseconds + other.nanoseconds}; }
};

/// How many positions a code of this rate needs.
struct Queries {
    Queries(const SecurityProfile& profile, int log_inverse_rate, int grinding_bits)
        : count(queries_for(Bits::of(profile.target_bits), log_inverse_rate, grinding_bits)),
          logarithm(log2_below(static_cast<std::uint64_t>(std::max(count, 1)))) {}
    int count;
    Bits logarithm;
};

/// Leaves and siblings of an opened oracle: a tree of n leaves of which t are opened needs about
/// t·log2(n/t) siblings.
std::int64_t opened_bytes(const OracleShape& shape, const Queries& queries, std::int64_t element_bytes) {
    const auto opened = std::min<std::int64_t>(queries.count, static_cast<std::int64_t>(shape.length()));
    const Bits depth = std::max(Bits::of(shape.log_length()) - queries.logarithm, Bits{});
    return opened * static_cast<std::int64_t>(shape.rows) * element_bytes +
           (opened * depth.units / Bits::kUnit) * kDigestBytes;
}

/// Chooses how a vector is cut up; `elements` are extension elements.
class LevelSearch {
public:
    LevelSearch(const SecurityProfile& profile, const Trade& trade)
        : degree_(profile.extension_degree), trade_(trade) {
        for (int rate = 1; rate <= kMaxLogInverseRate; ++rate)
            queries_.emplace_back(profile, rate, trade.grinding_bits);
    }

    struct Choice {
        std::optional<OpeningParameters::Level> level;  // none: sent in clear
        Cost cost;
    };

    /// For a vector of `size` elements; powers of two but for the stack.
    Choice best(std::size_t size) {
        const int variables = variables_of(size);
        const bool kept = std::has_single_bit(size);
        if (kept && found_[variables]) return *found_[variables];
        Choice choice{std::nullopt, clear(size)};
        for (int log_columns = std::max(variables - kMaxLogRows, 2); log_columns < variables; ++log_columns) {
            const std::size_t rows = ((size - 1) >> log_columns) + 1;
            const Cost rest = best(std::size_t{1} << log_columns).cost;
            for (int rate = 1; rate <= kMaxLogInverseRate; ++rate) {
                const OracleShape shape{rows, log_columns, rate};
                if (shape.log_length() > Goldilocks::kTwoAdicity) break;
                const Queries& queries = queries_[static_cast<std::size_t>(rate - 1)];
                const Cost cost = level(shape, queries) + rest;
                if (cost.weighed(trade_) < choice.cost.weighed(trade_))
                    choice = {{{shape, queries.count}}, cost};
            }
        }
        if (kept) found_[variables] = choice;
        return choice;
    }

private:
    std::int64_t element_bytes() const { return 8 * degree_; }

    Cost clear(std::size_t size) const {
        const auto elements = static_cast<std::int64_t>(size);
        return {elements * element_bytes() + 2 * variables_of(size) * element_bytes(), 30 * elements};
    }

    /// Nanoseconds are rough measurements of one core: a butterfly 1, an element hashed 3, a digest 20, a row
    /// of query claims through a transposed transform 3 for each of its cosets.
    Cost level(const OracleShape& shape, const Queries& queries) const {
        const auto length = static_cast<std::int64_t>(shape.length());
        const auto words = static_cast<std::int64_t>(shape.rows) * degree_;
        return {kDigestBytes + kNonceBytes + 2 * shape.log_rows() * element_bytes() +
                    opened_bytes(shape, queries, element_bytes()),
                words * length * (shape.log_columns + 6) / 2 + 20 * length + 3 * degree_ * length +
                    (std::int64_t{20} << trade_.grinding_bits)};
    }

    int degree_;
    const Trade& trade_;
    std::vector<Queries> queries_;  // by rate
    std::array<std::optional<Choice>, 64> found_;
};

std::string describe(const OracleShape& shape) {
    return std::to_string(shape.rows) + " rows of 2^" + std::to_string(shape.log_columns) + ", rate 1/" +
           std::to_string(1 << shape.log_inverse_rate);
}

SoundnessAccount account_of(const OpeningParameters& p) {
    const int degree = p.profile.extension_degree;
    const Bits ground = Bits::of(p.grinding_bits);
    SoundnessAccount account;
    std::uint64_t lengths = 0, queries = 0;
    for (const auto& table : p.tables) {
        lengths += table.shape.oracle().length();
        queries += static_cast<std::uint64_t>(table.queries);
    }
    account.add("fold of the tables", fold_round_bits(lengths, degree), p.first_rounds);
    for (std::size_t i = 0; i < p.tables.size(); ++i) {
        const auto& table = p.tables[i];
        account.add("queries of table " + std::to_string(i),
                    table.queries * query_bits(table.shape.log_inverse_rate) + ground);
    }
    account.add("joining the tables' queries", batching_bits(queries, degree));
    for (std::size_t i = 0; i < p.levels.size(); ++i) {
        const auto& level = p.levels[i];
        const std::string name = "level " + std::to_string(i + 1);
        account.add("fold of " + name, fold_round_bits(level.shape.length(), degree), level.shape.log_rows());
        account.add("queries of " + name, level.queries * query_bits(level.shape.log_inverse_rate) + ground);
        account.add("joining the queries of " + name,
                    batching_bits(static_cast<std::uint64_t>(level.queries), degree));
    }
    account.add("sumcheck of the vector in clear", sumcheck_round_bits(2, degree), p.clear_variables());
    return account;
}

Result<void> check_bounds(const SecurityProfile& profile, std::span<const TableShape> tables) {
    if (profile.extension_degree < 2 || profile.extension_degree > 3 || profile.target_bits < 1)
        return Error{ProofError::bad_parameters, "no such profile"};
    if (tables.empty() || tables.size() > kMaxOpenedTables)
        return Error{ProofError::bad_parameters, std::to_string(tables.size()) + " tables"};
    for (const TableShape& table : tables) {
        const bool fits = table.variables >= 0 && table.variables <= kMaxTableVariables &&
                          table.log_rows >= 0 && table.log_rows <= std::min(table.variables, kMaxLogRows) &&
                          table.log_inverse_rate >= 1 && table.log_inverse_rate <= kMaxLogInverseRate &&
                          table.oracle().log_rows() == table.log_rows;
        if (!fits) return Error{ProofError::bad_parameters, "a table's shape is out of bounds"};
    }
    return success();
}

/// Longest first, so that every row lies at a multiple of its length.
void place_in_stack(OpeningParameters& p) {
    std::vector<std::size_t> order(p.tables.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {},
                      [&](std::size_t i) { return std::pair(-p.tables[i].shape.oracle().log_columns, i); });
    for (const std::size_t i : order) {
        p.tables[i].offset = p.stack_size;
        p.stack_size += p.tables[i].shape.oracle().columns();
    }
}

/// Without the rows that no cell lies in.
TableShape with_cells(TableShape shape, std::uint64_t cells) {
    constexpr std::size_t kLanes = 4;  // that vector code takes at a time
    const std::size_t rows = ((cells - 1) >> (shape.variables - shape.log_rows)) + 1;
    const std::size_t whole = std::size_t{1} << shape.log_rows;
    shape.used_rows = std::min((rows + kLanes - 1) / kLanes * kLanes, whole);
    return shape;
}

}  // namespace

TableShape weight_shape(int variables) { return {variables, std::max((variables - 3) / 3, 0), 2}; }

TableShape witness_shape(int variables) {
    return {variables, variables < 4 ? 0 : (variables + 2) / 4, variables < 17 ? 2 : 1};
}

TableShape weight_shape_of(std::uint64_t cells) {
    return with_cells(weight_shape(variables_of(cells)), cells);
}

TableShape witness_shape_of(std::uint64_t cells) {
    return with_cells(witness_shape(variables_of(cells)), cells);
}

Result<OpeningParameters> opening_parameters(const SecurityProfile& profile,
                                             std::span<const TableShape> tables) {
    BOOST_OUTCOME_TRYV(check_bounds(profile, tables));
    OpeningParameters p;
    p.profile = profile;
    const Trade& trade = trade_for(tables);
    p.grinding_bits = trade.grinding_bits;
    const Bits target = Bits::of(profile.target_bits);
    std::int64_t bytes = kNonceBytes;
    for (const TableShape& shape : tables) {
        const Queries queries(profile, shape.log_inverse_rate, p.grinding_bits);
        p.tables.push_back({shape, queries.count, 0});
        p.first_rounds = std::max(p.first_rounds, shape.log_rows);
        bytes += opened_bytes(shape.oracle(), queries, 8);
    }
    bytes += 16 * p.first_rounds * profile.extension_degree;
    place_in_stack(p);

    LevelSearch search(profile, trade);
    p.clear_size = p.stack_size;
    bytes += search.best(p.stack_size).cost.bytes;
    for (auto choice = search.best(p.stack_size); choice.level; choice = search.best(p.clear_size)) {
        p.levels.push_back(*choice.level);
        p.clear_size = choice.level->shape.columns();
    }
    p.estimated_bytes = static_cast<std::size_t>(bytes);
    p.soundness = account_of(p);
    if (p.soundness.worst() < target) {
        return Error{ProofError::bad_parameters, "the target of " + std::to_string(profile.target_bits) +
                                                     " bits is not met:\n" + p.soundness.explain()};
    }
    return p;
}

std::string OpeningParameters::explain() const {
    std::string text;
    for (std::size_t i = 0; i < tables.size(); ++i) {
        text += "table " + std::to_string(i) + ": " + describe(tables[i].shape.oracle()) + ", " +
                std::to_string(tables[i].queries) + " queries\n";
    }
    for (std::size_t i = 0; i < levels.size(); ++i) {
        text += "level " + std::to_string(i + 1) + ": " + describe(levels[i].shape) + ", " +
                std::to_string(levels[i].queries) + " queries\n";
    }
    text += "in clear: " + std::to_string(clear_size) + " elements; grinding " +
            std::to_string(grinding_bits) + " bits a query phase; about " +
            std::to_string(estimated_bytes / 1024) + " KiB\n";
    return text + soundness.explain();
}

}  // namespace valence::zk
