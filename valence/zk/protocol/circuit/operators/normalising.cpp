// Softmax and the normalisations, each along the last axis.
#include <bit>

#include "valence/ml/functions/table.hpp"
#include "valence/ml/graph/limits.hpp"
#include "valence/zk/protocol/circuit/gadgets.hpp"

namespace valence::zk {
namespace {

constexpr std::uint8_t kActivationBits = 16;
constexpr std::int64_t kLeast = -32768;
constexpr std::int64_t kLargest = 32767;

/// d = max(R((x − m)·2^max(11 − in, 0)), −2^15), of which x ≤ m and the lookup in the exponential's table,
/// whose rows are −2^15 … 2^15 − 1, leave one: it is no column.
///     in > 11    R's argument less a committed remainder of s bits, over 2^s
///     in ≤ 11    (x − m)·2^f + below with below ≥ 0 and below·(d + 2^15) = 0, |…| < 2^31
Result<QuantityId> softmax_argument(Compiler& to, QuantityId distance, std::int8_t in, const Groups& groups) {
    const ml::Shape of = to.shape(distance);
    const int finer = ml::kSoftmaxTable.in - in;
    if (finer < 0) {
        const auto shift = static_cast<std::uint8_t>(-finer);
        const QuantityId sum = shifted(to, distance, std::int64_t{1} << (shift - 1));
        const QuantityId rest = to.number(
            of, shift, groups, [&](std::uint8_t first, std::uint8_t bits) { return Limb{sum, first, bits}; });
        const Goldilocks part = power_of_two(shift).inverse();
        return to.affine({{part, sum}, {-part, rest}});
    }
    // From 2^15 on, all that is below m is at the least, or one more: E is 0 at both.
    if (finer >= kActivationBits - 1) {
        BOOST_OUTCOME_TRY(const QuantityId sign, to.requantise(distance, {0, -1, 0}, groups));
        return to.affine({{Goldilocks::of(-kLeast - 1), sign}});
    }
    const QuantityId scaled = to.affine({{power_of_two(static_cast<unsigned>(finer)), distance}});
    const ml::Requantisation least{0, kLeast, kLargest};
    BOOST_OUTCOME_TRY(const Saturation saturation, to.saturation(scaled, least));
    if (saturation.below == Excess::none) return scaled;
    const QuantityId below =
        to.number(of, saturation.below == Excess::bits_15 ? 15 : 30, groups,
                  [&](std::uint8_t first, std::uint8_t bits) {
                      return RequantisationLimb{scaled, least, RequantisationPart::below, first, bits};
                  });
    const QuantityId d = to.affine({{kOne, scaled}, {kOne, below}});
    to.vanish(product(to, below, shifted(to, d, -kLeast)), to.last_lookup());
    return d;
}

/// What Normalise computes once for each row.
struct Scale {
    QuantityId half_power = 0;  // 2^(p/2)
    QuantityId root = 0;        // σ
};

/// Rows (B, 2^p, 2^(p/2)) with B·2^p = 2^60: p belongs to B ≤ W < 4·B.
ListedTable powers() {
    ListedTable table{{{}, {}, {}}};
    for (unsigned half = 0; half <= 30; ++half) {
        table.entries[0].push_back(std::int64_t{1} << (2 * half));
        table.entries[1].push_back(std::int64_t{1} << (60 - 2 * half));
        table.entries[2].push_back(std::int64_t{1} << (30 - half));
    }
    return table;
}

}  // namespace

/// y = ⌊(2^16·e + S)/(2·S)⌋ with S ≤ 2^14·n, since S ≥ 2^14 > 0: one x is m, and E[0] = 2^14.
Result<void> compile_node(Compiler& to, const ml::Softmax& softmax, const ml::Node& node) {
    const QuantityId x = to.tensor(node.inputs[0]);
    const ml::Shape of = to.shape(x);
    const auto axis = static_cast<std::uint8_t>(of.rank() - 1);
    const auto groups = by_axis(of);
    const QuantityId greatest = greatest_along(to, x, axis, kActivationBits, groups);
    const QuantityId distance = to.difference(x, to.broadcast(greatest, of));
    BOOST_OUTCOME_TRY(const QuantityId d, softmax_argument(to, distance, softmax.in, groups));
    const QuantityId e = apply(to, ml::kSoftmaxTable, d, groups);
    ml::Shape lines = of;
    lines[axis] = 1;
    const QuantityId sum = to.broadcast(to.define(lines, Summed{e}), of);
    const QuantityId numerator = to.affine({{power_of_two(16), e}, {kOne, sum}});
    const QuantityId divisor = to.affine({{Goldilocks(2), sum}});
    const auto divisor_bits = static_cast<std::uint8_t>(15 + std::bit_width(of[axis] - 1U));
    BOOST_OUTCOME_TRY(
        const QuantityId y,
        quotient(to, numerator, divisor,
                 {0, kLargest, divisor_bits, static_cast<std::uint8_t>(divisor_bits + 1)}, groups));
    to.set_tensor(node.outputs[0], y);
    return success();
}

/// For each row, with V + ε ≤ n²·2^30 + ε < 2^62 (else no circuit) and so W = max(V + ε, 1) < 2^62:
///     W = V + ε + o,  o = 0 if ε > 0, else a bit with o·(W − 1) = 0
///     (B, 2^p, 2^(p/2)) a row of powers, B ≤ W < 4·B      so that W ≥ 1, o = 1 only if V = 0, and
///                                                          2^60 ≤ W·2^p < 2^62
///     0 ≤ W·2^p − σ² ≤ 2·σ,  0 ≤ σ < 2^31                  σ = ⌊√(W·2^p)⌋
/// Every product is below 2^62. For each element the quotient of c·2^(p/2 + out + 1) + σ by 2·σ, where
/// |c|·2^(p/2) ≤ √n·√(V·2^p) < √n·2^31.
Result<void> compile_node(Compiler& to, const ml::Normalise& normalise, const ml::Node& node) {
    const ml::Shape& out = to.tensor_shape(node.outputs[0]);
    const std::uint64_t n = out.back();
    if (n * n >= ((std::uint64_t{1} << 62) - normalise.epsilon) >> 30)
        return Error{CircuitError::unsupported_operation,
                     "Normalise over more elements than a proof's sums hold"};
    const ml::Shape of{static_cast<std::uint32_t>(out.elements() / n), static_cast<std::uint32_t>(n)};
    const ml::Shape rows{of[0], 1};
    const auto groups = by_axis(of);
    const auto row_groups = by_axis(rows);
    const auto per_element = [&](QuantityId row) { return to.broadcast(row, of); };

    const QuantityId x = to.reshaped(to.tensor(node.inputs[0]), of);
    const QuantityId sum = to.define(rows, Summed{x});
    const QuantityId squares = to.define(rows, Summed{product(to, x, x)});
    const Goldilocks count(n);
    QuantityId variance = squares;
    QuantityId c = x;
    if (normalise.norm != ml::Norm::l2) {
        variance = to.affine({{count, squares}});
        c = to.affine({{count, x}});
    }
    if (normalise.norm == ml::Norm::layer) {
        variance = to.affine({{kOne, variance}, {kMinusOne, product(to, sum, sum)}});
        c = to.affine({{kOne, c}, {kMinusOne, per_element(sum)}});
    }

    std::vector<std::pair<Goldilocks, QuantityId>> w_terms{{kOne, variance}};
    std::optional<Bit> none;
    if (normalise.epsilon == 0) {
        none = bit(to, rows, Vanishes{variance}, row_groups);
        w_terms.emplace_back(kOne, none->value);
    }
    const QuantityId w_sum = to.affine(std::move(w_terms), Goldilocks(normalise.epsilon));
    const QuantityId w = to.column(rows, Copy{w_sum});
    const std::uint32_t table = to.table(powers());
    const auto entry = [&](std::uint8_t number) { return to.column(rows, RowEntry{table, w, number}); };
    const QuantityId base = entry(0);
    const QuantityId power = entry(1);
    const Scale scale{entry(2), to.column(rows, SquareRoot{product(to, w, power)})};
    const std::uint32_t weighed_as = to.look_up(table, {base, power, scale.half_power}, row_groups);
    to.vanish(to.difference(w_sum, w), weighed_as);
    if (none) to.vanish(product(to, none->value, shifted(to, w, -1)), weighed_as);
    to.range_check(to.difference(w, base), 62, row_groups);
    to.range_check(to.affine({{Goldilocks(4), base}, {kMinusOne, w}}, kMinusOne), 62, row_groups);

    to.range_check(scale.root, 31, row_groups);
    // Quantities are numbered one statement at a time: the order in which a call's arguments are evaluated
    // differs between compilers, and proofs depend on the numbers.
    const QuantityId scaled = product(to, w, power);
    const QuantityId rest = to.difference(scaled, product(to, scale.root, scale.root));
    to.range_check(rest, 32, row_groups);
    to.range_check(to.affine({{Goldilocks(2), scale.root}, {kMinusOne, rest}}), 32, row_groups);

    const QuantityId root = per_element(scale.root);
    const QuantityId numerator = to.affine(
        {{power_of_two(normalise.out + 1U), product(to, c, per_element(scale.half_power))}, {kOne, root}});
    const QuantityId divisor = to.affine({{Goldilocks(2), root}});
    // |numerator| < √n·2^(32 + out) + 2^31, divisor·|y| ≤ 2^47.
    const int numerator_bits = (static_cast<int>(std::bit_width(n)) + 1) / 2 + 32 + normalise.out + 1;
    const auto excess_bits = static_cast<std::uint8_t>(std::max(numerator_bits, 48) + 1);
    BOOST_OUTCOME_TRY(const QuantityId y,
                      quotient(to, numerator, divisor, {kLeast, kLargest, 32, excess_bits}, groups));
    to.set_tensor(node.outputs[0], to.reshaped(y, out));
    return success();
}

}  // namespace valence::zk
