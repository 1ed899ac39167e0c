#include "valence/ml/float_graph/graph_builder.hpp"

#include "valence/ml/float_graph/operator.hpp"

namespace valence::ml::real {

Result<void> GraphBuilder::reserve(const TensorType& type) {
    BOOST_OUTCOME_TRYV(checked_element_count(type.shape));
    const auto bytes = type.bytes();
    if (bytes > limits_.max_tensor_bytes - tensor_bytes_)
        return Error{GraphError::too_large, to_string(type) + " takes the model above " +
                                                std::to_string(limits_.max_tensor_bytes >> 20) +
                                                " MiB of tensors"};
    tensor_bytes_ += bytes;
    return success();
}

Result<std::vector<ValueId>> GraphBuilder::add(Op op, Attributes attributes, std::vector<ValueId> inputs) {
    std::vector<const TensorType*> types;
    bool constant_inputs = true;
    for (const auto id : inputs) {
        types.push_back(id == kAbsent ? nullptr : &graph_.type(id));
        constant_inputs = constant_inputs && (id == kAbsent || graph_.is_constant(id));
    }
    BOOST_OUTCOME_TRY(auto outputs, infer_types(op, attributes, types));
    for (const auto& type : outputs) {
        BOOST_OUTCOME_TRYV(reserve(type));
    }
    const auto work = work_of(op, attributes, types, outputs);
    auto& spent = constant_inputs ? folding_work_ : run_work_;
    const auto limit = constant_inputs ? limits_.max_folding_work : limits_.max_run_work;
    if (work > limit - spent)
        return Error{GraphError::too_large,
                     constant_inputs ? "too much work to fold constants" : "too much work to run"};
    spent += work;

    std::vector<ValueId> ids;
    if (constant_inputs) {
        std::vector<const Tensor*> tensors;
        for (const auto id : inputs)
            tensors.push_back(graph_.constant(id));
        std::vector<Tensor> results;
        for (auto& type : outputs)
            results.emplace_back(std::move(type));
        BOOST_OUTCOME_TRYV(facts(op).compute(op, attributes, tensors, results));
        for (auto& result : results)
            ids.push_back(real::add_constant(graph_, origin_, std::move(result)));
        return ids;
    }
    if (graph_.nodes.size() >= limits_.max_nodes)
        return Error{GraphError::too_large, "more than " + std::to_string(limits_.max_nodes) + " nodes"};
    for (auto& type : outputs)
        ids.push_back(add_value(graph_, origin_, std::move(type)));
    graph_.nodes.push_back({op, origin_, std::move(inputs), ids, std::move(attributes)});
    return ids;
}

Result<ValueId> GraphBuilder::add_one(Op op, Attributes attributes, std::vector<ValueId> inputs) {
    BOOST_OUTCOME_TRY(const auto ids, add(op, std::move(attributes), std::move(inputs)));
    return ids[0];
}

Result<ValueId> GraphBuilder::add_constant(Tensor tensor) { return add_constant(origin_, std::move(tensor)); }

Result<ValueId> GraphBuilder::add_constant(std::string name, Tensor tensor) {
    BOOST_OUTCOME_TRYV(reserve(tensor.type()));
    return real::add_constant(graph_, std::move(name), std::move(tensor));
}

Result<ValueId> GraphBuilder::add_input(std::string name, TensorType type, std::string file_type) {
    BOOST_OUTCOME_TRYV(reserve(type));
    const auto id = add_value(graph_, name, std::move(type));
    graph_.inputs.push_back({std::move(name), id, std::move(file_type)});
    return id;
}

Result<ValueId> GraphBuilder::reshape(ValueId x, Shape shape) {
    if (this->shape(x) == shape) return x;
    return add_one(Op::reshape, TargetShape{std::move(shape)}, {x});
}

Result<ValueId> GraphBuilder::transpose(ValueId x, Shape axes) {
    if (std::is_sorted(axes.begin(), axes.end()) && axes.size() == shape(x).size()) return x;
    return add_one(Op::transpose, Permutation{std::move(axes)}, {x});
}

Result<ValueId> GraphBuilder::cast(ValueId x, ElementType element) {
    if (type(x).element == element) return x;
    return add_one(Op::cast, CastTo{element}, {x});
}

Result<ValueId> GraphBuilder::expand(ValueId x, Shape shape) {
    if (this->shape(x) == shape) return x;
    return add_one(Op::expand, TargetShape{std::move(shape)}, {x});
}

Result<ValueId> GraphBuilder::scalar(double value, ElementType element) {
    if (element == ElementType::f32)
        return add_constant(Tensor(Shape{}, std::vector<float>{static_cast<float>(value)}));
    return add_constant(Tensor(Shape{}, std::vector<std::int64_t>{static_cast<std::int64_t>(value)}));
}

Result<ValueId> GraphBuilder::with_scalar(Op op, ValueId x, double value) {
    BOOST_OUTCOME_TRY(const auto constant, scalar(value, type(x).element));
    return add_one(op, NoAttributes{}, {x, constant});
}

}  // namespace valence::ml::real
