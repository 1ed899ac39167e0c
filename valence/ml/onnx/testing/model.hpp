// ONNX models under construction, for tests.
#pragma once

#include <string>
#include <vector>

#include <onnx/onnx_pb.h>

#include "valence/ml/onnx/import.hpp"

namespace valence::ml::onnx_testing {

/// A model whose output is "y".
struct Model {
    ::onnx::ModelProto proto;

    explicit Model(std::int64_t opset = 17) {
        proto.set_ir_version(8);
        add_opset("", opset);
        proto.mutable_graph()->set_name("test");
        proto.mutable_graph()->add_output()->set_name("y");
    }
    void add_opset(const std::string& domain, std::int64_t version) {
        auto* entry = proto.add_opset_import();
        entry->set_domain(domain);
        entry->set_version(version);
    }
    ::onnx::TensorShapeProto* input(const std::string& name, const std::vector<std::int64_t>& shape,
                                    std::int32_t type = ::onnx::TensorProto::FLOAT) {
        auto* value = proto.mutable_graph()->add_input();
        value->set_name(name);
        auto* tensor = value->mutable_type()->mutable_tensor_type();
        tensor->set_elem_type(type);
        for (const auto d : shape)
            tensor->mutable_shape()->add_dim()->set_dim_value(d);
        return tensor->mutable_shape();
    }
    void output(const std::string& name) { proto.mutable_graph()->add_output()->set_name(name); }
    ::onnx::NodeProto* node(const std::string& op, const std::vector<std::string>& inputs,
                            const std::vector<std::string>& outputs, const std::string& domain = {}) {
        auto* n = proto.mutable_graph()->add_node();
        n->set_op_type(op);
        n->set_domain(domain);
        for (const auto& name : inputs)
            n->add_input(name);
        for (const auto& name : outputs)
            n->add_output(name);
        return n;
    }
    ::onnx::TensorProto* weight(const std::string& name, const std::vector<std::int64_t>& shape,
                                const std::vector<float>& values) {
        auto* t = tensor(name, shape, ::onnx::TensorProto::FLOAT);
        for (const auto v : values)
            t->add_float_data(v);
        return t;
    }
    void integers(const std::string& name, const std::vector<std::int64_t>& values) {
        auto* t = tensor(name, {static_cast<std::int64_t>(values.size())}, ::onnx::TensorProto::INT64);
        for (const auto v : values)
            t->add_int64_data(v);
    }
    /// Elements of a type that ONNX keeps as int32: int32 itself and all narrower ones.
    void small_integers(const std::string& name, std::int32_t type, const std::vector<std::int64_t>& shape,
                        const std::vector<std::int32_t>& values) {
        auto* t = tensor(name, shape, type);
        for (const auto v : values)
            t->add_int32_data(v);
    }
    Result<FloatGraph> import(const ImportOptions& options = {}) const {
        const auto bytes = proto.SerializeAsString();
        return import_onnx(base::as_bytes(bytes), options);
    }

private:
    ::onnx::TensorProto* tensor(const std::string& name, const std::vector<std::int64_t>& shape,
                                std::int32_t type) {
        auto* t = proto.mutable_graph()->add_initializer();
        t->set_name(name);
        t->set_data_type(type);
        for (const auto d : shape)
            t->add_dims(d);
        return t;
    }
};

inline void attribute(::onnx::NodeProto* node, const std::string& name, std::int64_t value) {
    auto* a = node->add_attribute();
    a->set_name(name);
    a->set_type(::onnx::AttributeProto::INT);
    a->set_i(value);
}
inline void attribute(::onnx::NodeProto* node, const std::string& name, float value) {
    auto* a = node->add_attribute();
    a->set_name(name);
    a->set_type(::onnx::AttributeProto::FLOAT);
    a->set_f(value);
}
inline void attribute(::onnx::NodeProto* node, const std::string& name, const std::string& value) {
    auto* a = node->add_attribute();
    a->set_name(name);
    a->set_type(::onnx::AttributeProto::STRING);
    a->set_s(value);
}
inline void attribute(::onnx::NodeProto* node, const std::string& name,
                      const std::vector<std::int64_t>& values) {
    auto* a = node->add_attribute();
    a->set_name(name);
    a->set_type(::onnx::AttributeProto::INTS);
    for (const auto v : values)
        a->add_ints(v);
}

}  // namespace valence::ml::onnx_testing
