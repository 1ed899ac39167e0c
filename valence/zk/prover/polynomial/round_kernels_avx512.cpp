// Compiled for AVX-512 (CMakeLists.txt), called only where the machine has it.
#if defined(__AVX512IFMA__)

#include "valence/zk/prover/polynomial/lanes_avx512.hpp"
#include "valence/zk/prover/polynomial/round_kernels_of_lanes.hpp"

namespace valence::zk {

template <typename E>
const RoundKernels<E>& avx512_round_kernels() {
    return RoundKernelsOfLanes<Avx512Lanes<E>>::kTable;
}

template const RoundKernels<Extension2>& avx512_round_kernels();
template const RoundKernels<Extension3>& avx512_round_kernels();

}  // namespace valence::zk

#endif
