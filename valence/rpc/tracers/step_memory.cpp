#include "valence/rpc/tracers/step_memory.hpp"

namespace valence::rpc::tracers {

Bytes memory_range(const evm::Step& step, const U256& offset, const U256& size) {
    const auto length = size.saturated_u64();
    if (length >= kMaxTracedRange) return {};
    Bytes out(length);
    const auto from = offset.saturated_u64();
    if (from < step.memory.size()) {
        const auto present = std::min<std::uint64_t>(length, step.memory.size() - from);
        std::copy_n(step.memory.begin() + static_cast<std::ptrdiff_t>(from), present, out.begin());
    }
    return out;
}

}  // namespace valence::rpc::tracers
