// Scans: the body once, over tensors of all steps.
#include <algorithm>
#include <numeric>

#include "valence/zk/protocol/circuit/gadgets.hpp"
#include "valence/zk/protocol/circuit/operators/lifted_body.hpp"

namespace valence::zk {
namespace {

ml::Shape with_steps(std::uint32_t steps, const ml::Shape& shape) {
    std::vector<std::uint32_t> extents{steps};
    extents.insert(extents.end(), shape.extents().begin(), shape.extents().end());
    return ml::Shape{std::span<const std::uint32_t>(extents)};
}

/// The rows along axis 0 in another order; −1 for a row of zeros.
QuantityId rows(Compiler& to, QuantityId of, std::vector<std::int64_t> sources) {
    return to.placed(of, 0, std::move(sources));
}

/// 0, 1 … or the other way round.
std::vector<std::int64_t> order(std::uint32_t steps, bool reversed) {
    std::vector<std::int64_t> order(steps);
    std::iota(order.begin(), order.end(), std::int64_t{0});
    if (reversed) std::reverse(order.begin(), order.end());
    return order;
}

}  // namespace

/// What a step starts from is committed and shown to be the initial state for the first step, and for each
/// other what the step before ends with. Step by step it is thus what the definition says.
Result<void> compile_node(Compiler& to, const ml::Scan& scan, const ml::Node& node) {
    const std::uint32_t steps = to.tensor_shape(node.inputs[scan.states])[0];
    BOOST_OUTCOME_TRY(const ml::Subgraph body, lifted_body(to.graph().bodies[scan.body], steps));
    const auto in_order = [&](QuantityId of) {
        return scan.reversed ? rows(to, of, order(steps, true)) : of;
    };
    std::vector<QuantityId> initial;
    std::vector<QuantityId> elements;
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
        if (k < scan.states)
            initial.push_back(to.tensor(node.inputs[k]));
        else
            elements.push_back(in_order(to.tensor(node.inputs[k])));
    }
    std::vector<QuantityId> inputs;
    for (std::uint32_t k = 0; k < scan.states; ++k)
        inputs.push_back(
            to.column(with_steps(steps, to.shape(initial[k])), ScanStates{scan.body, k, initial, elements}));
    inputs.insert(inputs.end(), elements.begin(), elements.end());
    BOOST_OUTCOME_TRY(const auto results, to.subgraph(body, inputs));

    for (std::size_t k = 0; k < scan.states; ++k) {
        const ml::Shape all = to.shape(inputs[k]);
        std::vector<std::int64_t> only_first(steps, -1);
        only_first[0] = 0;
        std::vector<std::int64_t> one_later = order(steps, false);
        for (std::int64_t& source : one_later)
            --source;
        const QuantityId first = to.reshaped(initial[k], with_steps(1, to.shape(initial[k])));
        const QuantityId expected =
            to.affine({{kOne, rows(to, first, only_first)}, {kOne, rows(to, results[k], one_later)}});
        // Some lookup of this shape weighs the equation.
        const std::uint32_t weighed_as = to.range_check(constant(to, all, 0), 0, by_axis(all));
        to.vanish(to.difference(inputs[k], expected), weighed_as);
        to.set_tensor(node.outputs[k], to.reshaped(rows(to, results[k], {std::int64_t{steps} - 1}),
                                                   to.tensor_shape(node.outputs[k])));
    }
    for (std::size_t k = scan.states; k < results.size(); ++k)
        to.set_tensor(node.outputs[k], in_order(results[k]));
    return success();
}

}  // namespace valence::zk
