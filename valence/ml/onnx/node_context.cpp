#include "valence/ml/onnx/node_context.hpp"

#include "valence/ml/onnx/read_tensor.hpp"

namespace valence::ml::onnx_import {

using ::onnx::AttributeProto;

Error unsupported(std::string reason) { return Error{ImportError::unsupported, std::move(reason)}; }
Error invalid(std::string reason) { return Error{ImportError::malformed, std::move(reason)}; }

NodeContext::NodeContext(const ::onnx::NodeProto& node, std::int64_t opset, real::GraphBuilder& builder,
                         std::vector<Binding> inputs)
    : node_(node), opset_(opset), builder_(builder), inputs_(std::move(inputs)) {
    outputs_.resize(output_count());
}

Result<void> NodeContext::require(std::size_t n) const {
    for (std::size_t i = 0; i < n; ++i)
        if (!has(i)) return invalid("input " + std::to_string(i) + " is missing");
    return success();
}

Result<const Tensor*> NodeContext::constant(std::size_t i, std::string_view what) const {
    if (!has(i)) return invalid("input " + std::to_string(i) + " is missing");
    const auto* tensor = builder_.constant(inputs_[i].id);
    if (tensor == nullptr)
        return unsupported(std::string{what} + " ('" + node_.input(static_cast<int>(i)) +
                           "') is computed from the model's input; it must be constant");
    return tensor;
}

Result<Shape> NodeContext::constant_integers(std::size_t i, std::string_view what) const {
    BOOST_OUTCOME_TRY(const auto* tensor, constant(i, what));
    if (tensor->element() != ElementType::i64 || tensor->shape().size() > 1)
        return invalid(std::string{what} + " is " + to_string(tensor->type()));
    return Shape(tensor->i64().begin(), tensor->i64().end());
}

Result<const AttributeProto*> NodeContext::attribute(std::string_view name,
                                                     AttributeProto::AttributeType type) {
    asked_.insert(std::string{name});
    const AttributeProto* found = nullptr;
    for (const auto& attribute : node_.attribute()) {
        if (attribute.name() != name) continue;
        if (found != nullptr) return invalid("attribute '" + std::string{name} + "' is given twice");
        if (attribute.type() != type)
            return invalid("attribute '" + std::string{name} + "' is of the wrong type");
        found = &attribute;
    }
    return found;
}

bool NodeContext::has_attribute(std::string_view name) {
    return std::any_of(node_.attribute().begin(), node_.attribute().end(),
                       [&](const auto& a) { return a.name() == name; });
}

Result<std::int64_t> NodeContext::integer(std::string_view name, std::int64_t otherwise) {
    BOOST_OUTCOME_TRY(const auto* a, attribute(name, AttributeProto::INT));
    return a == nullptr ? otherwise : a->i();
}

Result<float> NodeContext::number(std::string_view name, float otherwise) {
    BOOST_OUTCOME_TRY(const auto* a, attribute(name, AttributeProto::FLOAT));
    return a == nullptr ? otherwise : a->f();
}

Result<std::string> NodeContext::text(std::string_view name, std::string_view otherwise) {
    BOOST_OUTCOME_TRY(const auto* a, attribute(name, AttributeProto::STRING));
    return a == nullptr ? std::string{otherwise} : a->s();
}

Result<Shape> NodeContext::integers(std::string_view name, Shape otherwise) {
    BOOST_OUTCOME_TRY(const auto* a, attribute(name, AttributeProto::INTS));
    return a == nullptr ? std::move(otherwise) : Shape(a->ints().begin(), a->ints().end());
}

Result<std::vector<float>> NodeContext::numbers(std::string_view name) {
    BOOST_OUTCOME_TRY(const auto* a, attribute(name, AttributeProto::FLOATS));
    return a == nullptr ? std::vector<float>{} : std::vector<float>(a->floats().begin(), a->floats().end());
}

Result<std::vector<std::string>> NodeContext::texts(std::string_view name) {
    BOOST_OUTCOME_TRY(const auto* a, attribute(name, AttributeProto::STRINGS));
    return a == nullptr ? std::vector<std::string>{}
                        : std::vector<std::string>(a->strings().begin(), a->strings().end());
}

Result<Tensor> NodeContext::tensor(std::string_view name, std::int32_t& file_type) {
    BOOST_OUTCOME_TRY(const auto* a, attribute(name, AttributeProto::TENSOR));
    if (a == nullptr) return invalid("attribute '" + std::string{name} + "' is missing");
    file_type = a->t().data_type();
    return read_tensor(a->t());
}

Result<const ::onnx::GraphProto*> NodeContext::graph(std::string_view name) {
    BOOST_OUTCOME_TRY(const auto* a, attribute(name, AttributeProto::GRAPH));
    return a == nullptr ? nullptr : &a->g();
}

Result<void> NodeContext::all_asked() const {
    for (const auto& attribute : node_.attribute())
        if (!asked_.contains(attribute.name()))
            return unsupported("attribute '" + attribute.name() + "' is not understood");
    return success();
}

Result<std::int64_t> NodeContext::axis(std::string_view name, std::int64_t otherwise, std::size_t rank) {
    BOOST_OUTCOME_TRY(const auto axis, integer(name, otherwise));
    return normalised_axis(axis, rank);
}

bool NodeContext::wants(std::size_t i) const {
    return i < output_count() && !node_.output(static_cast<int>(i)).empty();
}

void NodeContext::set(std::size_t i, ValueId id, std::int32_t file_type) {
    if (i >= outputs_.size()) return;
    if (file_type == 0)
        for (std::size_t k = 0; file_type == 0 && k < inputs_.size(); ++k)
            if (has(k) && type(k).element == builder_.type(id).element) file_type = inputs_[k].file_type;
    if (file_type == 0) file_type = default_file_type(builder_.type(id).element);
    outputs_[i] = {id, file_type};
}

Result<void> NodeContext::result(Op op, real::Attributes attributes, std::vector<ValueId> inputs) {
    BOOST_OUTCOME_TRY(const auto id, builder_.add_one(op, std::move(attributes), std::move(inputs)));
    set(0, id);
    return success();
}

Result<std::int64_t> normalised_axis(std::int64_t axis, std::size_t rank) {
    const auto n = static_cast<std::int64_t>(rank);
    if (axis < -n || axis >= n)
        return invalid("axis " + std::to_string(axis) + " of a tensor of rank " + std::to_string(rank));
    return axis < 0 ? axis + n : axis;
}

Result<Shape> normalised_axes(Shape axes, std::size_t rank) {
    for (auto& axis : axes) {
        BOOST_OUTCOME_TRY(const auto normal, normalised_axis(axis, rank));
        axis = normal;
    }
    std::sort(axes.begin(), axes.end());
    if (std::adjacent_find(axes.begin(), axes.end()) != axes.end()) return invalid("an axis is given twice");
    return axes;
}

}  // namespace valence::ml::onnx_import
