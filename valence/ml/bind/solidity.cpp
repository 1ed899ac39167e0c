#include <fmt/format.h>

#include "valence/ml/bind/bind.hpp"

namespace valence::ml {
namespace {

/// int256, int256[7] memory or int256[] memory; `place` is " memory" or, in a struct, "".
std::string type_of(const BoundPort& port, std::string_view place) {
    if (port.size == 1) return "int256";
    if (port.size <= kMaxFixedArray) return fmt::format("int256[{}]{}", port.size, place);
    return fmt::format("int256[]{}", place);
}

std::uint64_t total(const std::vector<BoundPort>& ports) {
    std::uint64_t sum = 0;
    for (const BoundPort& port : ports)
        sum += port.size;
    return sum;
}

struct Writer {
    const BoundModel& model;
    std::string out;

    bool takes_struct() const { return model.inputs.size() > kMaxParameters; }
    bool gives_struct() const { return model.outputs.size() != 1; }

    /// The inputs in a function's head, and as handed on.
    std::string parameters() const {
        if (takes_struct()) return "Input memory values";
        std::string list;
        for (const BoundPort& port : model.inputs)
            list +=
                fmt::format("{}{} {}", list.empty() ? "" : ", ", type_of(port, " memory"), port.identifier);
        return list;
    }
    std::string arguments() const {
        if (takes_struct()) return "values";
        std::string list;
        for (const BoundPort& port : model.inputs)
            list += (list.empty() ? "" : ", ") + port.identifier;
        return list;
    }
    std::string result() const {
        if (gives_struct()) return "Output memory answer";
        return type_of(model.outputs[0], " memory") + " " + model.outputs[0].identifier;
    }
    /// With inputs, a comma after them.
    std::string parameters_and() const {
        const std::string list = parameters();
        return list.empty() ? list : list + ", ";
    }

    void comments(const std::vector<BoundPort>& ports) {
        for (const BoundPort& port : ports)
            out += fmt::format("//   {}: {}\n", port.identifier, port.comment);
    }

    void structure(std::string_view name, const std::vector<BoundPort>& ports) {
        out += fmt::format("    struct {} {{\n", name);
        for (const BoundPort& port : ports) {
            out += fmt::format("        // {}\n        {} {};\n", port.comment, type_of(port, ""),
                               port.identifier);
        }
        out += "    }\n\n";
    }

    void head(std::string_view import) {
        out += fmt::format(
            "// Made by `valence model bind`; make it again when the model changes.\n"
            "// SPDX-License-Identifier: CC0-1.0\n"
            "pragma solidity ^0.8.24;\n\n"
            "import {{Mode}} from \"{0}/IInference.sol\";\n"
            "import {{Inference}} from \"{0}/Inference.sol\";\n\n"
            "// All numbers are WAD: int256 with 18 decimals.\n"
            "// Inputs\n",
            import);
        comments(model.inputs);
        out += "// Outputs\n";
        comments(model.outputs);
        out += fmt::format(
            "library {} {{\n"
            "    bytes32 internal constant MODEL = {};\n"
            "    uint256 internal constant INPUT_LENGTH = {};\n"
            "    uint256 internal constant OUTPUT_LENGTH = {};\n\n"
            "    error WrongLength(uint256 expected, uint256 given);\n\n",
            model.type_name, base::to_hex_prefixed(model.id), total(model.inputs), total(model.outputs));
        if (takes_struct()) structure("Input", model.inputs);
        if (gives_struct()) structure("Output", model.outputs);
    }

    void calls() {
        const std::string encoded = fmt::format("encode({})", arguments());
        out += fmt::format(
            "    /// In this transaction, in the mode given.\n"
            "    function infer({}Mode mode) internal view returns ({}) {{\n"
            "        return decode(Inference.infer(MODEL, mode, {}));\n"
            "    }}\n\n"
            "    /// On the word of one operator, which nothing verifies (mode SIGNED).\n"
            "    function inferSigned({}address operatedBy) internal view returns ({}) {{\n"
            "        return decode(Inference.inferSigned(MODEL, operatedBy, {}));\n"
            "    }}\n\n"
            "    /// In the cheapest mode of the mask that the model allows and that can carry valueAtRisk "
            "wei.\n"
            "    function inferAuto({}uint16 mask, uint256 valueAtRisk) internal view returns ({}) {{\n"
            "        return decode(Inference.inferAuto(MODEL, mask, valueAtRisk, {}));\n"
            "    }}\n\n"
            "    /// In a later block, up to block `deadline`: the answer comes to onInference "
            "(InferenceConsumer), "
            "where\n    /// decode reads it.\n"
            "    function request({}Mode mode, uint64 callbackGas, uint64 deadline) internal returns "
            "(uint256) "
            "{{\n"
            "        return Inference.request(MODEL, mode, {}, callbackGas, deadline);\n"
            "    }}\n\n",
            parameters_and(), result(), encoded, parameters_and(), result(), encoded, parameters_and(),
            result(), encoded, parameters_and(), encoded);
    }

    void encode() {
        out += fmt::format(
            "    /// The inputs as the model takes them, one after another.\n"
            "    function encode({}) internal pure returns (int256[] memory input) {{\n"
            "        input = new int256[](INPUT_LENGTH);\n",
            parameters());
        std::uint64_t at = 0;
        for (const BoundPort& port : model.inputs) {
            const std::string source = (takes_struct() ? "values." : "") + port.identifier;
            if (port.size == 1) {
                out += fmt::format("        input[{}] = {};\n", at, source);
            } else {
                if (port.size > kMaxFixedArray) {
                    out +=
                        fmt::format("        if ({0}.length != {1}) revert WrongLength({1}, {0}.length);\n",
                                    source, port.size);
                }
                out += fmt::format(
                    "        for (uint256 i = 0; i < {}; ++i) {{\n            input[{}i] = {}[i];\n        "
                    "}}\n",
                    port.size, at == 0 ? "" : fmt::format("{} + ", at), source);
            }
            at += port.size;
        }
        out += "    }\n\n";
    }

    void decode() {
        out += fmt::format(
            "    /// The model's answer by name.\n"
            "    function decode(int256[] memory output) internal pure returns ({}) {{\n"
            "        if (output.length != OUTPUT_LENGTH) revert WrongLength(OUTPUT_LENGTH, output.length);\n",
            result());
        std::uint64_t at = 0;
        for (const BoundPort& port : model.outputs) {
            const std::string target = (gives_struct() ? "answer." : "") + port.identifier;
            if (port.size == 1) {
                out += fmt::format("        {} = output[{}];\n", target, at);
            } else {
                if (port.size > kMaxFixedArray)
                    out += fmt::format("        {} = new int256[]({});\n", target, port.size);
                out += fmt::format(
                    "        for (uint256 i = 0; i < {}; ++i) {{\n            {}[i] = output[{}i];\n        "
                    "}}\n",
                    port.size, target, at == 0 ? "" : fmt::format("{} + ", at));
            }
            at += port.size;
        }
        out += "    }\n}\n";
    }
};

}  // namespace

std::string solidity_binding(const BoundModel& model, std::string_view import) {
    Writer writer{model, {}};
    writer.head(import);
    writer.calls();
    writer.encode();
    writer.decode();
    return std::move(writer.out);
}

}  // namespace valence::ml
