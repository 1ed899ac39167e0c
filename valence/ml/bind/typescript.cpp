#include <fmt/format.h>

#include "valence/ml/bind/bind.hpp"

namespace valence::ml {
namespace {

/// What every module holds beside its model's types.
constexpr std::string_view kHead = R"(// Made by `valence model bind`; make it again when the model changes.
import { formatUnits, parseAbi, parseUnits } from 'viem';

/** How an answer is made believable. */
export const Mode = { AUTO: 0, REPLAY: 1, ZK: 2, TEE: 3, OPTIMISTIC: 4, QUORUM: 5, SIGNED: 6 } as const;
export type Mode = (typeof Mode)[keyof typeof Mode];

/** The inference precompile. */
export const address = '0x00000000000000000000000000000000000000F4' as const;
export const abi = parseAbi(['function infer(bytes32 model, uint8 mode, int256[] input) view returns (int256[])']);

/** A number, or one in WAD (18 decimals) already. */
export type Value = number | bigint;

function toWad(value: Value): bigint {
  if (typeof value === 'bigint') return value;
  if (!Number.isFinite(value) || Math.abs(value) >= 1e15) throw new RangeError(`${value} is no number for a model`);
  return parseUnits(value.toFixed(18), 18);
}

function fromWad(value: bigint): number {
  return Number(formatUnits(value, 18));
}

function numbers(values: readonly Value[], length: number, name: string): bigint[] {
  if (values.length !== length) throw new RangeError(`${name} takes ${length} numbers, not ${values.length}`);
  return values.map(toWad);
}

)";

std::uint64_t total_elements(const std::vector<BoundPort>& ports) {
    std::uint64_t sum = 0;
    for (const BoundPort& port : ports)
        sum += port.size;
    return sum;
}

std::string interface_of(std::string_view name, const std::vector<BoundPort>& ports, std::string_view one,
                         std::string_view many) {
    std::string out = fmt::format("export interface {} {{\n", name);
    for (const BoundPort& port : ports) {
        out +=
            fmt::format("  // {}\n  {}: {};\n", port.comment, port.identifier, port.size == 1 ? one : many);
    }
    return out + "}\n\n";
}

std::string encoder(const BoundModel& model) {
    std::string out = fmt::format(
        "/** The inputs as the model takes them, in WAD, one after another. */\n"
        "export function encodeInput(input: {}Input): bigint[] {{\n  return [\n",
        model.type_name);
    for (const BoundPort& port : model.inputs) {
        if (port.size == 1)
            out += fmt::format("    toWad(input.{}),\n", port.identifier);
        else
            out += fmt::format("    ...numbers(input.{0}, {1}, '{0}'),\n", port.identifier, port.size);
    }
    return out + "  ];\n}\n\n";
}

std::string decoder(const BoundModel& model) {
    std::string out = fmt::format(
        "/** The model's answer by name. */\n"
        "export function decodeOutput(output: readonly bigint[]): {}Output {{\n"
        "  if (output.length !== outputLength) throw new RangeError(`the model answers ${{outputLength}} "
        "numbers, "
        "not ${{output.length}}`);\n"
        "  return {{\n",
        model.type_name);
    std::uint64_t at = 0;
    for (const BoundPort& port : model.outputs) {
        if (port.size == 1)
            out += fmt::format("    {}: fromWad(output[{}]!),\n", port.identifier, at);
        else
            out += fmt::format("    {}: output.slice({}, {}).map(fromWad),\n", port.identifier, at,
                               at + port.size);
        at += port.size;
    }
    return out + "  };\n}\n\n";
}

}  // namespace

std::string typescript_binding(const BoundModel& model) {
    std::string out{kHead};
    out += fmt::format(
        "/** The model's id. */\nexport const model = '{}' as const;\n"
        "export const inputLength = {};\nexport const outputLength = {};\n\n",
        base::to_hex_prefixed(model.id), total_elements(model.inputs), total_elements(model.outputs));
    out += interface_of(model.type_name + "Input", model.inputs, "Value", "readonly Value[]");
    out += interface_of(model.type_name + "Output", model.outputs, "number", "number[]");
    out += encoder(model);
    out += decoder(model);
    out += fmt::format(
        "/** For viem: `decodeOutput(await client.readContract(inferCall(input)))`. */\n"
        "export function inferCall(input: {}Input, mode: Mode = Mode.REPLAY) {{\n"
        "  return {{ address, abi, functionName: 'infer', args: [model, mode, encodeInput(input)] }} as "
        "const;\n"
        "}}\n",
        model.type_name);
    return out;
}

}  // namespace valence::ml
