#include "valence/chain/inference/named_tensors.hpp"

#include "valence/chain/inference/call_abi.hpp"

namespace valence::chain {
namespace {

using codec::AbiValue;
using Items = std::vector<AbiValue>;

AbiValue text(std::string_view value) { return base::to_bytes(base::as_bytes(value)); }

Items shape_of(const ml::Shape& shape) {
    Items extents;
    for (const auto extent : shape.extents())
        extents.emplace_back(U256{extent});
    return extents;
}

/// Extents other than 1.
std::vector<std::uint64_t> squeezed(const Items& shape) {
    std::vector<std::uint64_t> extents;
    for (const auto& extent : shape)
        if (extent.word() != U256{1}) extents.push_back(extent.word().saturated_u64());
    return extents;
}

const ml::Tensor& tensor_of(const DescribedModel& model, const ml::Port& port) {
    return model.graph().main.tensors[port.tensor];
}

AbiValue ports(const DescribedModel& model, const std::vector<ml::Port>& list) {
    Items out;
    for (const ml::Port& port : list)
        out.emplace_back(Items{text(port.name), text(port.unit), shape_of(tensor_of(model, port).shape)});
    return out;
}

using Numbers = std::map<std::string, std::size_t, std::less<>>;

std::variant<std::vector<U256>, Bytes> values_by_name(const DescribedModel& model,
                                                      const std::vector<ml::Port>& list,
                                                      const Numbers& numbers, const Items& tensors) {
    std::vector<const Items*> given(list.size(), nullptr);
    for (const auto& tensor : tensors) {
        const auto& fields = tensor.items();
        const auto name = base::as_text(fields[0].bytes());
        const auto found = numbers.find(name);
        if (found == numbers.end() || given[found->second] != nullptr)
            return encode_error(CallError::unknown_input, Items{fields[0]});
        given[found->second] = &fields;
    }
    std::vector<U256> values;
    for (std::size_t number = 0; number < list.size(); ++number) {
        if (given[number] == nullptr)
            return encode_error(CallError::missing_input, Items{text(list[number].name)});
        const auto& fields = *given[number];
        const auto expected = shape_of(tensor_of(model, list[number]).shape);
        const auto& shape = fields[1].items();
        const auto& data = fields[2].items();
        if (squeezed(shape) != squeezed(expected))
            return encode_error(CallError::wrong_shape, Items{fields[0], expected, shape});
        const auto size = tensor_of(model, list[number]).shape.elements();
        if (data.size() != size)
            return encode_error(CallError::wrong_input_length, Items{U256{size}, U256{data.size()}});
        for (const auto& value : data)
            values.push_back(value.word());
    }
    return values;
}

}  // namespace

std::variant<std::vector<U256>, Bytes> inputs_by_name(const DescribedModel& model, const Items& tensors) {
    return values_by_name(model, model.graph().inputs, model.input_numbers, tensors);
}

std::variant<std::vector<U256>, Bytes> outputs_by_name(const DescribedModel& model, const Items& tensors) {
    const auto& outputs = model.graph().outputs;
    Numbers numbers;
    for (std::size_t number = 0; number < outputs.size(); ++number)
        numbers.emplace(outputs[number].name, number);
    return values_by_name(model, outputs, numbers, tensors);
}

AbiValue outputs_with_names(const DescribedModel& model, const std::vector<U256>& values) {
    Items out;
    std::size_t at = 0;
    for (const ml::Port& port : model.graph().outputs) {
        const auto& shape = tensor_of(model, port).shape;
        Items data;
        for (auto left = shape.elements(); left > 0; --left)
            data.emplace_back(values[at++]);
        out.emplace_back(Items{text(port.name), shape_of(shape), std::move(data)});
    }
    return out;
}

Bytes encode_model_info(const DescribedModel& model) {
    return encode_result(
        "(uint64,uint64,uint64,bytes32,(string,string,uint32[])[],(string,string,uint32[])[])",
        Items{U256{model.cost.total.multiply_accumulates}, U256{model.cost.parameters},
              U256{model.cost.weight_bytes}, base::to_bytes(model.key.weight_root),
              ports(model, model.graph().inputs), ports(model, model.graph().outputs)});
}

}  // namespace valence::chain
