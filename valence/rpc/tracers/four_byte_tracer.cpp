#include "valence/rpc/tracers/four_byte_tracer.hpp"

#include <fmt/format.h>

#include "valence/evm/precompiles/precompiles.hpp"
#include "valence/rpc/json_writer.hpp"

namespace valence::rpc::tracers {

namespace {

constexpr std::size_t kSelectorBytes = 4;

}  // namespace

Answer<std::unique_ptr<TransactionTracer>> FourByteTracer::from_config(const boost::json::value&) {
    return std::make_unique<FourByteTracer>();
}

void FourByteTracer::on_enter(const evm::Message& message, evm::Host&) {
    if (evm::is_create(message.kind) || message.input.size() < kSelectorBytes) return;
    if (evm::find_precompile(message.code_address, revision_) != nullptr) return;
    const auto selector = base::to_hex_prefixed(message.input.first(kSelectorBytes));
    ++counts_[fmt::format("{}-{}", selector, message.input.size() - kSelectorBytes)];
}

Answer<std::string> FourByteTracer::result() {
    std::string text;
    JsonWriter out{text};
    out.begin_object();
    for (const auto& [selector, count] : counts_)
        out.key(selector).number(count);
    out.end_object();
    return text;
}

}  // namespace valence::rpc::tracers
