#include "valence/zk/protocol/circuit/operators/lifted_body.hpp"

#include "valence/ml/graph/describe.hpp"
#include "valence/zk/protocol/circuit/circuit_error.hpp"

namespace valence::zk {
namespace {

ml::Shape joined(std::span<const std::uint32_t> outer, std::span<const std::uint32_t> inner) {
    std::vector<std::uint32_t> extents(outer.begin(), outer.end());
    extents.insert(extents.end(), inner.begin(), inner.end());
    return ml::Shape{std::span<const std::uint32_t>(extents)};
}

std::vector<std::uint8_t> next_axes(std::vector<std::uint8_t> axes) {
    for (std::uint8_t& axis : axes)
        ++axis;
    return axes;
}

/// Nodes of the body, one by one. Tensors keep their numbers; those that only nodes here need come after.
class Lift {
public:
    Lift(const ml::Subgraph& body, std::uint32_t steps)
        : body_(body), steps_(steps), lifted_{body.tensors, {}, body.inputs, body.outputs} {
        for (ml::Tensor& tensor : lifted_.tensors)
            tensor.shape = with_steps(tensor.shape);
    }

    Result<ml::Subgraph> run() {
        for (const ml::Tensor& tensor : body_.tensors) {
            if (tensor.shape.rank() == ml::kMaxRank)
                return Error{CircuitError::unsupported_operation, "a Scan of tensors of rank 8"};
            // Items and steps are one axis of some operations, and shapes count no further.
            if (tensor.shape.elements() > ml::kMaxElements / steps_)
                return Error{CircuitError::too_large,
                             "a Scan of more elements in all steps than a tensor has"};
        }
        for (std::size_t number = 0; number < body_.nodes.size(); ++number) {
            node_ = &body_.nodes[number];
            const auto done =
                std::visit([this](const auto& operation) { return lift(operation); }, node_->operation);
            if (!done)
                return Error{done.error().code, ml::label(*node_, number) + ": " + done.error().context};
        }
        return std::move(lifted_);
    }

private:
    ml::Shape with_steps(const ml::Shape& shape) const {
        const std::uint32_t steps[]{steps_};
        return joined(steps, shape.extents());
    }

    ml::TensorId fresh(ml::ElementType type, const ml::Shape& shape) {
        lifted_.tensors.push_back({type, shape, 0});
        return static_cast<ml::TensorId>(lifted_.tensors.size() - 1);
    }
    void emit(ml::Operation operation, std::vector<ml::TensorId> inputs, std::vector<ml::TensorId> outputs) {
        lifted_.nodes.push_back({std::move(operation), std::move(inputs), std::move(outputs), node_->name});
    }
    /// The node with another operation, its tensors as they are.
    Result<void> same(ml::Operation operation) {
        emit(std::move(operation), node_->inputs, node_->outputs);
        return success();
    }

    ml::TensorId reshaped(ml::TensorId id, const ml::Shape& shape) {
        if (lifted_.tensors[id].shape == shape) return id;
        const ml::TensorId view = fresh(lifted_.tensors[id].type, shape);
        emit(ml::Reshape{}, {id}, {view});
        return view;
    }
    /// Of the rank of the node's output, so that broadcasting does not take the step for another axis.
    ml::TensorId aligned(ml::TensorId id) {
        const std::size_t rank = body_.tensors[node_->outputs[0]].shape.rank();
        const ml::Shape& shape = body_.tensors[id].shape;
        const std::vector<std::uint32_t> ones(rank - shape.rank(), 1);
        return reshaped(id, with_steps(joined(ones, shape.extents())));
    }
    template <typename Operation>
    Result<void> broadcasting(const Operation& operation) {
        std::vector<ml::TensorId> inputs;
        for (const ml::TensorId input : node_->inputs)
            inputs.push_back(aligned(input));
        emit(operation, std::move(inputs), node_->outputs);
        return success();
    }
    /// Steps are more items: one input and one output, both with items as axis 0.
    template <typename Operation>
    Result<void> by_item(const Operation& operation) {
        const auto items = [&](ml::TensorId id) {
            ml::Shape shape = body_.tensors[id].shape;
            shape[0] *= steps_;
            return shape;
        };
        const ml::TensorId y = fresh(body_.tensors[node_->outputs[0]].type, items(node_->outputs[0]));
        emit(operation, {reshaped(node_->inputs[0], items(node_->inputs[0]))}, {y});
        emit(ml::Reshape{}, {y}, node_->outputs);
        return success();
    }
    template <typename Operation>
    Result<void> along_axis(Operation operation) {
        ++operation.axis;
        return same(operation);
    }
    template <typename Operation>
    Result<void> along_axes(Operation operation) {
        operation.axes = next_axes(std::move(operation.axes));
        return same(operation);
    }

    // Along the last axis, or element by element.
    Result<void> lift(const ml::Linear& op) { return same(op); }
    Result<void> lift(const ml::MatrixProduct& op) { return same(op); }
    Result<void> lift(const ml::Scaling& op) { return same(op); }
    Result<void> lift(const ml::Lookup& op) { return same(op); }
    Result<void> lift(const ml::Softmax& op) { return same(op); }
    Result<void> lift(const ml::Normalise& op) { return same(op); }
    Result<void> lift(const ml::Reshape& op) { return same(op); }
    Result<void> lift(const ml::IndexToActivation& op) { return same(op); }
    Result<void> lift(const ml::ActivationToIndex& op) { return same(op); }
    Result<void> lift(const ml::IndexMap& op) { return same(op); }

    Result<void> lift(const ml::Combination& op) { return broadcasting(op); }
    Result<void> lift(const ml::Product& op) { return broadcasting(op); }
    Result<void> lift(const ml::ElementwiseExtremum& op) { return broadcasting(op); }
    Result<void> lift(const ml::Division& op) { return broadcasting(op); }
    Result<void> lift(const ml::Comparison& op) { return broadcasting(op); }
    Result<void> lift(const ml::Choice& op) { return broadcasting(op); }
    Result<void> lift(const ml::Broadcast& op) { return broadcasting(op); }

    Result<void> lift(const ml::Convolution& op) { return by_item(op); }
    Result<void> lift(const ml::TransposedConvolution& op) { return by_item(op); }
    Result<void> lift(const ml::AveragePool& op) { return by_item(op); }
    Result<void> lift(const ml::MaxPool& op) { return by_item(op); }
    Result<void> lift(const ml::TreeEnsemble& op) { return by_item(op); }

    Result<void> lift(const ml::Sum& op) { return along_axes(op); }
    Result<void> lift(const ml::ReduceExtremum& op) { return along_axes(op); }
    Result<void> lift(const ml::Concatenation& op) { return along_axis(op); }
    Result<void> lift(const ml::Selection& op) { return along_axis(op); }
    Result<void> lift(const ml::ArgExtremum& op) { return along_axis(op); }
    Result<void> lift(const ml::TopK& op) { return along_axis(op); }

    Result<void> lift(ml::Transpose op) {
        op.permutation = next_axes(std::move(op.permutation));
        op.permutation.insert(op.permutation.begin(), 0);
        return same(op);
    }
    Result<void> lift(ml::Slice op) {
        op.start.insert(op.start.begin(), 0);
        op.step.insert(op.step.begin(), 1);
        return same(op);
    }
    Result<void> lift(ml::Padding op) {
        op.before.insert(op.before.begin(), 0);
        return same(op);
    }
    Result<void> lift(const ml::Constant& op) {
        const ml::Tensor& tensor = body_.tensors[node_->outputs[0]];
        const ml::TensorId one = fresh(tensor.type, tensor.shape);
        emit(op, {}, {one});
        emit(ml::Broadcast{}, {one}, node_->outputs);
        return success();
    }
    Result<void> lift(const ml::Gather& op) {
        if (!op.table) return along_axis(op);  // from each step's own elements
        if (op.axis == 0) return same(op);
        // The step stands where the indices' first axis is; it goes to the front.
        const ml::Tensor& out = lifted_.tensors[node_->outputs[0]];
        std::vector<std::uint8_t> permutation{op.axis};
        ml::Shape found = out.shape;
        for (std::size_t axis = 0; axis < out.shape.rank(); ++axis) {
            if (axis < op.axis) found[axis] = out.shape[axis + 1];
            if (axis == op.axis) found[axis] = steps_;
            if (axis != op.axis) permutation.push_back(static_cast<std::uint8_t>(axis));
        }
        const ml::TensorId gathered = fresh(out.type, found);
        emit(op, node_->inputs, {gathered});
        emit(ml::Transpose{permutation}, {gathered}, node_->outputs);
        return success();
    }
    Result<void> lift(const ml::Scan&) {
        return Error{CircuitError::unsupported_operation, "Scan in a Scan"};
    }

    const ml::Subgraph& body_;
    std::uint32_t steps_;
    ml::Subgraph lifted_;
    const ml::Node* node_ = nullptr;
};

}  // namespace

Result<ml::Subgraph> lifted_body(const ml::Subgraph& body, std::uint32_t steps) {
    return Lift(body, steps).run();
}

}  // namespace valence::zk
