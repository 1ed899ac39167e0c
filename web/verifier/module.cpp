// The verifier's WebAssembly module: a model's verifying key and a proof's file go in, a verdict comes out.
// It calls nobody: no clock, no files, no network. verifier.mjs says it in JavaScript.
//
// After each call, answer() and answer_size() are JSON: {"model"} of a key;
// {"valid":true,"model","context","inputs","outputs":[{"name","unit","elements","values"}]} of a proof that
// was accepted, with the first values of each; {"valid":false,"reason"} of anything that was refused.
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "valence/base/hex.hpp"
#include "valence/zk/protocol/argument/explain.hpp"
#include "valence/zk/protocol/files/proof_file.hpp"
#include "valence/zk/verifier/verify.hpp"

namespace valence::zk {
namespace {

/// Values of a tensor that are told.
constexpr std::size_t kMostValues = 64;

struct Verifier {
    std::optional<ProvableModel> model;
    std::string answer;
};

Verifier& verifier() {
    static Verifier held;
    return held;
}

/// A JSON string. Names in keys are plain text without control characters; reasons are ours.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += c;
        }
    }
    return out + '"';
}

bool refuse(const Error& error) {
    verifier().answer = fmt::format(R"({{"valid":false,"reason":{}}})", quoted(error.message()));
    return false;
}

/// Element i of an input or output in real units, as `valence verify` prints it.
std::string value_json(const ml::Tensor& tensor, const ml::Port& port, std::size_t i, std::int64_t value) {
    if (tensor.type == ml::ElementType::index) return std::to_string(value);
    const int exponent = port.exponents.empty() ? tensor.exponent : port.exponents[i % port.exponents.size()];
    return fmt::format("{:.7g}", std::ldexp(static_cast<double>(value), -exponent));
}

std::string values_json(const ml::Graph& graph, std::span<const ml::Port> ports,
                        std::span<const ml::Values> given) {
    std::string list;
    for (std::size_t k = 0; k < ports.size(); ++k) {
        const ml::Port& port = ports[k];
        std::string values;
        const auto count = std::min(given[k].data.size(), kMostValues);
        for (std::size_t i = 0; i < count; ++i)
            values +=
                (i == 0 ? "" : ",") + value_json(graph.main.tensors[port.tensor], port, i, given[k].data[i]);
        list += fmt::format(R"({}{{"name":{},"unit":{},"elements":{},"values":[{}]}})", k == 0 ? "" : ",",
                            quoted(port.name), quoted(port.unit), given[k].data.size(), values);
    }
    return list;
}

bool take_key(BytesView bytes) {
    verifier().model.reset();
    auto key = ml::decode_verifying_key(bytes);
    if (!key) return refuse(key.error());
    auto model = provable_model(key.value());
    if (!model) return refuse(model.error());
    verifier().model = std::move(model).value();
    verifier().answer = fmt::format(R"({{"model":"{}"}})", base::to_hex_prefixed(verifier().model->id.bytes));
    return true;
}

bool verify_file(BytesView bytes) {
    const auto& model = verifier().model;
    if (!model) return refuse({ProofError::other_model, "no model's key was given"});
    const auto file = decode_proof_file(bytes);
    if (!file) return refuse(file.error());
    if (file.value().model != model->id)
        return refuse({ProofError::other_model,
                       "the proof's model is " + base::to_hex_prefixed(file.value().model.bytes)});
    if (const auto verified = verify(*model, file.value().statement(), file.value().proof); !verified)
        return refuse(verified.error());
    verifier().answer =
        fmt::format(R"({{"valid":true,"model":"{}","context":"{}","inputs":[{}],"outputs":[{}]}})",
                    base::to_hex_prefixed(model->id.bytes), base::to_hex_prefixed(file.value().context),
                    values_json(*model->graph, model->graph->inputs, file.value().inputs),
                    values_json(*model->graph, model->graph->outputs, file.value().outputs));
    return true;
}

}  // namespace
}  // namespace valence::zk

extern "C" {

// What a library would throw (no memory, above all) ends the module: its page makes a new one.
void* __cxa_allocate_exception(std::size_t) { __builtin_trap(); }
void __cxa_throw(void*, void*, void (*)(void*)) { __builtin_trap(); }
// Debian's compiler-rt was compiled with stack protection, which wasi-libc has no runtime for.
std::uintptr_t __stack_chk_guard = 0x1986;
void __stack_chk_fail() { __builtin_trap(); }

/// Memory for bytes that are given to take_key or verify. Released by `release`.
[[clang::export_name("allocate")]] std::uint8_t* valence_allocate(std::size_t size) {
    return static_cast<std::uint8_t*>(std::malloc(std::max<std::size_t>(size, 1)));
}
[[clang::export_name("release")]] void valence_release(std::uint8_t* bytes) { std::free(bytes); }

/// Takes a model's key in place of the last one: 1 when it is one.
[[clang::export_name("take_key")]] int valence_take_key(const std::uint8_t* bytes, std::size_t size) {
    return valence::zk::take_key({bytes, size}) ? 1 : 0;
}
/// 1 when the proof's file shows what it says of the model whose key was taken.
[[clang::export_name("verify")]] int valence_verify(const std::uint8_t* bytes, std::size_t size) {
    return valence::zk::verify_file({bytes, size}) ? 1 : 0;
}

[[clang::export_name("answer")]] const char* valence_answer() {
    return valence::zk::verifier().answer.data();
}
[[clang::export_name("answer_size")]] std::size_t valence_answer_size() {
    return valence::zk::verifier().answer.size();
}
}
