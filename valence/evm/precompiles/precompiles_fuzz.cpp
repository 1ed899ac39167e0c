// Any input to any precompile under any fork's rules: it must end within its gas, and answer the same twice.
#include <cstdlib>

#include "valence/evm/precompiles/precompiles.hpp"

using namespace valence;

/// The first byte chooses the precompile, the second the fork; the rest is the input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    // Bounds the time of one run: a few milliseconds at the worst price per gas.
    constexpr evm::Gas kGas = 300'000;
    const auto& precompile = evm::all_precompiles()[data[0] % evm::all_precompiles().size()];
    const auto revision = static_cast<evm::Revision>(data[1] % evm::kRevisionCount);
    const BytesView input{data + 2, size - 2};
    const auto first = precompile.run(input, kGas, revision);
    const auto second = precompile.run(input, kGas, revision);
    const bool failed = first.status != evm::Status::success;
    if (first.status != second.status || first.output != second.output || first.gas_left != second.gas_left)
        abort();
    if (first.gas_left < 0 || first.gas_left > kGas) abort();
    if (failed && (first.gas_left != 0 || !first.output.empty())) abort();
    return 0;
}
