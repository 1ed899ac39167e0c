// The interpreter against the reference machine, on worlds and code made from the input.
#include <cstdio>
#include <cstdlib>

#include "valence/evm/reference/scenario.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    valence::evm::reference::Scenario scenario;
    valence::evm::reference::make_scenario({data, size}, scenario);
    if (const auto found = valence::evm::reference::difference(scenario)) {
        std::fprintf(stderr, "the machines differ: %s\n", found->c_str());
        std::abort();
    }
    return 0;
}
