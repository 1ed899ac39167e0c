#include "valence/ml/onnx/operators/fused_activation.hpp"

#include <limits>

namespace valence::ml::onnx_import {

Result<ValueId> activated(real::GraphBuilder& build, ValueId x, const std::string& function,
                          const std::vector<float>& parameters) {
    const auto parameter = [&](std::size_t i, float otherwise) {
        return i < parameters.size() ? parameters[i] : otherwise;
    };
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    if (function.empty()) return x;
    if (function == "Relu") return build.add_one(Op::relu, real::NoAttributes{}, {x});
    if (function == "Tanh") return build.add_one(Op::tanh, real::NoAttributes{}, {x});
    if (function == "Sigmoid") return build.add_one(Op::sigmoid, real::NoAttributes{}, {x});
    if (function == "Softplus") return build.add_one(Op::softplus, real::NoAttributes{}, {x});
    if (function == "LeakyRelu")
        return build.add_one(Op::leaky_relu, real::Scalars{parameter(0, 0.01F), 0}, {x});
    if (function == "Elu") return build.add_one(Op::elu, real::Scalars{parameter(0, 1), 0}, {x});
    if (function == "HardSigmoid")
        return build.add_one(Op::hard_sigmoid, real::Scalars{parameter(0, 0.2F), parameter(1, 0.5F)}, {x});
    if (function == "Clip")
        return build.add_one(Op::clip, real::Bounds{parameter(0, -kInfinity), parameter(1, kInfinity)}, {x});
    return unsupported("activation '" + function + "'");
}

}  // namespace valence::ml::onnx_import
