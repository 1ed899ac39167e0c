// Compiled for AVX2 (CMakeLists.txt), called only where the machine has it.
#if defined(__AVX2__)

#include "valence/zk/prover/polynomial/lanes_avx2.hpp"
#include "valence/zk/prover/polynomial/round_kernels_of_lanes.hpp"

namespace valence::zk {

template <typename E>
const RoundKernels<E>& avx2_round_kernels() {
    return RoundKernelsOfLanes<Avx2Lanes<E>>::kTable;
}

template const RoundKernels<Extension2>& avx2_round_kernels();
template const RoundKernels<Extension3>& avx2_round_kernels();

}  // namespace valence::zk

#endif
