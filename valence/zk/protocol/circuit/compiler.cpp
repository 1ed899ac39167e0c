#include "valence/zk/protocol/circuit/compiler.hpp"

#include <bit>

#include <fmt/format.h>

#include "valence/ml/functions/table.hpp"
#include "valence/zk/protocol/circuit/compile_work.hpp"
#include "valence/zk/protocol/circuit/tables.hpp"
#include "valence/zk/protocol/sums/fractional_sum.hpp"

namespace valence::zk {
namespace {

Goldilocks power_of_two(unsigned exponent) { return Goldilocks(std::uint64_t{1} << exponent); }

/// Bits of the excess columns.
std::uint8_t bits_of(Excess excess) { return excess == Excess::bits_15 ? 15 : 30; }

/// Everything below is far from the modulus: |T| ≤ 2^(30 + s) by validation, and what the columns can hold is
/// r + 2^s·(y + above − below) < 2^s·(1 + 2^15 + 2^30), s ≤ 24, so that both sides of an equation between
/// them differ by less than 2^56.
constexpr std::uint8_t kMaxShift = 24;

/// With entries, an element costs a lookup and a column, with segments three and four; but 65,536 rows.
constexpr std::uint64_t kUsesThatPayForEntries = 25'000;

/// Adds up how many elements each function is applied to.
void count_functions(const ml::Graph& graph, const ml::Subgraph& part, std::uint64_t times,
                     std::map<ml::Table, std::uint64_t>& uses) {
    for (const ml::Node& node : part.nodes) {
        const std::uint64_t elements = times * part.tensors[node.outputs[0]].shape.elements();
        if (const auto* lookup = std::get_if<ml::Lookup>(&node.operation)) uses[lookup->table] += elements;
        if (std::holds_alternative<ml::Softmax>(node.operation)) uses[ml::kSoftmaxTable] += elements;
        if (const auto* scan = std::get_if<ml::Scan>(&node.operation)) {
            const std::uint64_t steps = part.tensors[node.inputs[scan->states]].shape[0];
            count_functions(graph, graph.bodies[scan->body], times * steps, uses);
        }
    }
}

/// Activations that are range checked, by the limbs that suit them: 15 bits for those that are not negative.
struct RangeChecked {
    std::uint64_t bits_15 = 0;
    std::uint64_t bits_16 = 0;
};

void count_range_checks(const ml::Graph& graph, const ml::Subgraph& part, std::uint64_t times,
                        RangeChecked& checked) {
    for (const ml::Node& node : part.nodes) {
        const std::uint64_t elements = times * part.tensors[node.outputs[0]].shape.elements();
        std::visit(
            [&](const auto& operation) {
                if constexpr (requires { operation.out.low; })
                    (operation.out.low == 0 ? checked.bits_15 : checked.bits_16) += elements;
            },
            node.operation);
        // Differences, and a quotient that is not negative.
        if (std::holds_alternative<ml::Softmax>(node.operation)) checked.bits_16 += 2 * elements;
        if (std::holds_alternative<ml::Normalise>(node.operation)) checked.bits_16 += 2 * elements;
        if (const auto* scan = std::get_if<ml::Scan>(&node.operation)) {
            const std::uint64_t steps = part.tensors[node.inputs[scan->states]].shape[0];
            count_range_checks(graph, graph.bodies[scan->body], times * steps, checked);
        }
    }
}

/// An activation with limbs of 8 bits costs some three lookups and columns more than with wide ones, which
/// cost a lookup and a cell for each of their table's rows.
std::uint8_t limb_bits_for(const ml::Graph& graph) {
    constexpr std::uint64_t kUsesThatPayFor15 = 12'000, kUsesThatPayFor16 = 24'000;
    RangeChecked checked;
    count_range_checks(graph, graph.main, 1, checked);
    if (checked.bits_16 >= kUsesThatPayFor16) return 16;
    if (checked.bits_15 + checked.bits_16 >= kUsesThatPayFor15) return 15;
    return kRangeBits;
}

}  // namespace

Compiler::Compiler(const ml::Graph& graph, SaturationSource& saturations, std::span<const ml::Values> inputs,
                   std::optional<std::uint8_t> limb_bits)
    : graph_(graph), saturations_(saturations), inputs_(inputs), weights_(graph.weights.size()) {
    circuit_.weights.resize(graph.weights.size());
    static_cast<void>(table(RangeTable{kRangeBits}));
    limb_bits_ = limb_bits.value_or(limb_bits_for(graph_));
    if (limb_bits_ > kRangeBits) span_table_ = table(SpanTable{limb_bits_});
    count_functions(graph_, graph_.main, 1, function_uses_);
}

std::uint32_t Compiler::table(TableRows rows) {
    circuit_.tables.push_back({std::move(rows), 0, {}});
    return static_cast<std::uint32_t>(circuit_.tables.size() - 1);
}

std::uint32_t Compiler::function_table(const ml::Table& function) {
    const auto [found, fresh] = function_tables_.try_emplace(function);
    if (fresh) {
        const bool by_entries =
            ml::exact_radius(function.function) == 32768 || function_uses_[function] > kUsesThatPayForEntries;
        found->second = by_entries ? table(EntryTable{function}) : table(SegmentTable{function});
    }
    return found->second;
}

std::size_t Compiler::entries(std::uint32_t table) const { return width(rows_of(table)) - 1; }

std::uint32_t Compiler::segment_offsets() {
    if (!segment_offsets_) {
        ListedTable offsets{{{0}, {0}}};
        for (std::int64_t offset = 0; offset < ml::kKnotSpacing; ++offset) {
            offsets.entries[0].push_back(ml::kKnotSpacing + offset);
            offsets.entries[1].push_back(1);
        }
        segment_offsets_ = table(std::move(offsets));
    }
    return *segment_offsets_;
}

std::uint32_t Compiler::look_up(std::uint32_t table, std::vector<QuantityId> entries, const Groups& groups) {
    const ml::Shape of = shape(entries.at(0));
    circuit_.lookups.push_back({table, {}, std::move(entries), {of, groups, 0}});
    return static_cast<std::uint32_t>(circuit_.lookups.size() - 1);
}

QuantityId Compiler::define(const ml::Shape& shape, Definition definition) {
    circuit_.quantities.push_back({shape, std::move(definition)});
    return static_cast<QuantityId>(circuit_.quantities.size() - 1);
}

QuantityId Compiler::affine(std::vector<std::pair<Goldilocks, QuantityId>> terms, Goldilocks constant) {
    const ml::Shape of = shape(terms.at(0).second);
    return define(of, Affine{std::move(terms), constant});
}

QuantityId Compiler::difference(QuantityId a, QuantityId b) {
    return affine({{Goldilocks(1), a}, {Goldilocks::of(-1), b}});
}

QuantityId Compiler::reshaped(QuantityId of, const ml::Shape& to) {
    return shape(of) == to ? of : define(to, Reshaped{of});
}

QuantityId Compiler::broadcast(QuantityId of, const ml::Shape& to) {
    return shape(of) == to ? of : define(to, Broadcasted{of});
}

QuantityId Compiler::placed(QuantityId of, std::uint8_t axis, std::vector<std::int64_t> sources,
                            std::int64_t fill) {
    ml::Shape to = shape(of);
    to[axis] = static_cast<std::uint32_t>(sources.size());
    return define(to, Placed{of, axis, std::move(sources), fill});
}

QuantityId Compiler::weight(ml::WeightId id) {
    if (!weights_[id]) {
        weights_[id] = define(graph_.weights[id].shape, CommittedWeight{id});
        circuit_.weights[id] = StoredWeight{
            WeightTable::wide, Layout{graph_.weights[id].shape, weight_groups(graph_.weights[id].shape), 0}};
    }
    return *weights_[id];
}

QuantityId Compiler::column(const ml::Shape& of, ColumnRule rule) {
    const auto id = static_cast<ColumnId>(circuit_.columns.size());
    circuit_.columns.push_back({of, std::move(rule), Layout{of, by_axis(of), 0}});
    return define(of, WitnessColumn{id});
}

std::uint32_t Compiler::lookup_range(QuantityId value, std::uint8_t bits, const Groups& groups, Known known) {
    if (bits > kRangeBits) {
        // 2^(w − b)·value < 2^w, for an integer, is value < 2^b: both sides are below 2^56·2^7.
        const auto missing = static_cast<unsigned>(limb_bits_ - bits);
        if (missing == 0) return look_up(span_table_, {value}, groups);
        if (known == Known::nothing) look_up(span_table_, {value}, groups);
        return look_up(span_table_, {affine({{power_of_two(missing), value}})}, groups);
    }
    circuit_.lookups.push_back({0, Goldilocks(bits), {value}, {shape(value), groups, 0}});
    return static_cast<std::uint32_t>(circuit_.lookups.size() - 1);
}

template <typename Rule>
std::uint32_t Compiler::range_check(QuantityId value, std::uint8_t bits, const Groups& groups, Rule rule,
                                    Known known) {
    // value = Σ limb_i·2^(w·i): the top limb is what the others leave, divided by their weight.
    std::vector<std::pair<Goldilocks, QuantityId>> top{{Goldilocks(1), value}};
    std::uint8_t first = 0;
    for (; bits - first > limb_bits_; first = static_cast<std::uint8_t>(first + limb_bits_)) {
        const QuantityId limb = column(shape(value), rule(first, limb_bits_));
        lookup_range(limb, limb_bits_, groups, Known::nothing);
        top.emplace_back(-power_of_two(first), limb);
    }
    if (first == 0) return lookup_range(value, bits, groups, known);
    const Goldilocks scale = power_of_two(first).inverse();
    for (auto& [coefficient, quantity] : top)
        coefficient *= scale;
    return lookup_range(affine(std::move(top)), static_cast<std::uint8_t>(bits - first), groups,
                        Known::nothing);
}

QuantityId Compiler::number(const ml::Shape& of, std::uint8_t bits, const Groups& groups,
                            const LimbRule& rule) {
    std::vector<std::pair<Goldilocks, QuantityId>> limbs;
    for (std::uint8_t first = 0; first < bits; first = static_cast<std::uint8_t>(first + limb_bits_)) {
        const auto count = std::min<std::uint8_t>(limb_bits_, static_cast<std::uint8_t>(bits - first));
        const QuantityId limb = column(of, rule(first, count));
        lookup_range(limb, count, groups, Known::nothing);
        limbs.emplace_back(power_of_two(first), limb);
    }
    return affine(std::move(limbs));
}

std::uint32_t Compiler::range_check(QuantityId value, std::uint8_t bits, const Groups& groups) {
    return range_check(value, bits, groups,
                       [&](std::uint8_t first, std::uint8_t count) { return Limb{value, first, count}; });
}

void Compiler::vanish(QuantityId quantity, std::uint32_t weighed_as) {
    circuit_.zeros.push_back({quantity, weighed_as});
}

Result<QuantityId> Compiler::requantise(QuantityId sum, const ml::Requantisation& to, const Groups& groups) {
    VALENCE_CHECK(to.shift <= kMaxShift);
    const ml::Shape of = shape(sum);
    const auto rounding = to.shift == 0 ? Goldilocks(0) : power_of_two(to.shift - 1U);
    const QuantityId total = affine({{Goldilocks(1), sum}}, rounding);  // T
    BOOST_OUTCOME_TRY(const Saturation saturation, saturations_.saturation(circuit_, total, to));
    const auto limb = [&](RequantisationPart part) {
        return [=](std::uint8_t first, std::uint8_t bits) {
            return RequantisationLimb{total, to, part, first, bits};
        };
    };

    // y in [low, high]: y − low by limbs, and high − y too where that is not all the limbs can hold.
    const auto span = static_cast<std::uint32_t>(to.high - to.low);
    const auto result_bits = static_cast<std::uint8_t>(std::bit_width(span));
    const QuantityId offset =
        column(of, RequantisationLimb{total, to, RequantisationPart::result, 0, result_bits});
    const QuantityId y = affine({{Goldilocks(1), offset}}, Goldilocks::of(to.low));
    bounds_[y] = {to.low, to.high};
    const std::uint32_t weighed_as =
        range_check(offset, result_bits, groups, limb(RequantisationPart::result));
    const QuantityId headroom = affine({{Goldilocks::of(-1), offset}}, Goldilocks(span));  // high − y
    if (!std::has_single_bit(span + 1)) range_check(headroom, result_bits, groups);

    // r = T − 2^s·(y + above − below) in [0, 2^s); above only where y = high, below only where y = low.
    std::vector<std::pair<Goldilocks, QuantityId>> remainder{{Goldilocks(1), total},
                                                             {-power_of_two(to.shift), y}};
    const auto excess = [&](Excess size, RequantisationPart part, QuantityId distance, Goldilocks sign) {
        if (size == Excess::none) return;
        const QuantityId amount = column(of, RequantisationLimb{total, to, part, 0, bits_of(size)});
        range_check(amount, bits_of(size), groups, limb(part));
        vanish(affine({{Goldilocks(1), define(of, Multiplication{amount, distance})}}), weighed_as);
        remainder.emplace_back(sign * power_of_two(to.shift), amount);
    };
    excess(saturation.above, RequantisationPart::above, headroom, Goldilocks::of(-1));
    excess(saturation.below, RequantisationPart::below, offset, Goldilocks(1));
    const QuantityId rest = affine(std::move(remainder));
    if (to.shift == 0)
        vanish(rest, weighed_as);
    else
        range_check(rest, to.shift, groups, limb(RequantisationPart::remainder), Known::integer);
    return y;
}

Bounds Compiler::bounds(QuantityId id) const {
    const auto found = bounds_.find(id);
    return found == bounds_.end() ? Bounds{} : found->second;
}

std::optional<std::span<const std::int64_t>> Compiler::known_elements(QuantityId id) const {
    const Definition& definition = circuit_.quantities[id].definition;
    if (const auto* view = std::get_if<Reshaped>(&definition)) return known_elements(view->of);
    const auto* input = std::get_if<PublicInput>(&definition);
    if (input == nullptr || input->port >= inputs_.size()) return std::nullopt;
    return std::span(inputs_[input->port].data);
}

Result<Saturation> Compiler::saturation(const Quotient& quotient) {
    return saturations_.quotient_saturation(circuit_, quotient);
}

Result<Saturation> Compiler::saturation(QuantityId sum, const ml::Requantisation& to) {
    return saturations_.saturation(circuit_, sum, to);
}

Result<Saturation> Compiler::tree_level(QuantityId inner, const ml::TreeEnsemble& trees,
                                        std::uint64_t level) {
    return saturations_.tree_level(circuit_, inner, trees, level);
}

QuantityId Compiler::greatest(const std::vector<QuantityId>& of, std::uint8_t difference_bits,
                              const Groups& groups) {
    if (of.size() == 1) return of[0];
    const ml::Shape result = shape(of[0]);
    const QuantityId y = column(result, Greatest{of});
    // y is at least each of them, and one of the differences is 0: their product is. The products so far are
    // committed.
    std::uint32_t weighed_as = 0;
    QuantityId product = 0;
    for (std::size_t k = 0; k < of.size(); ++k) {
        const QuantityId distance = difference(y, of[k]);
        weighed_as = range_check(distance, difference_bits, groups);
        if (k == 0) {
            product = distance;
            continue;
        }
        const QuantityId next = define(result, Multiplication{product, distance});
        if (k + 1 == of.size()) {
            vanish(affine({{Goldilocks(1), next}}), weighed_as);
        } else {
            product = column(result, Copy{next});
            vanish(difference(next, product), weighed_as);
        }
    }
    return y;
}

QuantityId Compiler::scale_and_bias(QuantityId products, Axis axis,
                                    const std::optional<ml::WeightId>& channel,
                                    const std::optional<ml::WeightId>& bias) {
    const ml::Shape of = shape(products);
    std::vector<std::int64_t> scales;
    if (channel) {
        for (std::uint32_t n = 0; n < of[axis]; ++n)
            scales.push_back(std::int64_t{1} << graph_.weights[*channel][n]);
    }
    const auto scaled = [&](QuantityId quantity) {
        return scales.empty() ? quantity : define(shape(quantity), Multiplied{quantity, axis, scales});
    };
    if (!bias) return scaled(products);
    ml::Shape along = of;
    for (std::size_t k = 0; k < of.rank(); ++k) {
        if (k != axis) along[k] = 1;
    }
    const QuantityId added = broadcast(reshaped(weight(*bias), along), of);
    return scaled(affine({{Goldilocks(1), products}, {Goldilocks(1), added}}));
}

Result<Circuit> Compiler::run() {
    if (compile_work(graph_) > kMaxCompileWork)
        return Error{CircuitError::too_large,
                     "more places along axes, nodes and taps than a circuit may have"};
    std::vector<QuantityId> inputs;
    for (std::uint32_t port = 0; port < graph_.main.inputs.size(); ++port)
        inputs.push_back(define(graph_.main.tensors[graph_.main.inputs[port]].shape, PublicInput{port}));
    BOOST_OUTCOME_TRY(const auto outputs, subgraph(graph_.main, inputs));
    for (std::uint32_t port = 0; port < outputs.size(); ++port)
        circuit_.outputs.push_back({port, outputs[port]});
    lay_out();
    if (circuit_.leaves > kMaxFractions)
        return Error{CircuitError::too_large, fmt::format("{} lookups and rows of tables", circuit_.leaves)};
    return std::move(circuit_);
}

Result<std::vector<QuantityId>> Compiler::subgraph(const ml::Subgraph& part,
                                                   std::span<const QuantityId> inputs) {
    const ml::Subgraph* const around = std::exchange(part_, &part);
    const auto tensors_around = std::exchange(tensors_, std::vector<QuantityId>(part.tensors.size()));
    for (std::size_t k = 0; k < inputs.size(); ++k)
        set_tensor(part.inputs[k], inputs[k]);
    for (std::size_t number = 0; number < part.nodes.size(); ++number) {
        const ml::Node& node = part.nodes[number];
        const auto compiled = std::visit(
            [&](const auto& operation) { return compile_node(*this, operation, node); }, node.operation);
        if (!compiled)
            return Error{compiled.error().code, ml::label(node, number) + ": " + compiled.error().context};
    }
    std::vector<QuantityId> outputs;
    for (const ml::TensorId output : part.outputs)
        outputs.push_back(tensor(output));
    part_ = around;
    tensors_ = tensors_around;
    return outputs;
}

Result<Circuit> compile(const ml::Graph& graph, SaturationSource& saturations,
                        std::span<const ml::Values> inputs, std::optional<std::uint8_t> limb_bits) {
    return Compiler(graph, saturations, inputs, limb_bits).run();
}

}  // namespace valence::zk
