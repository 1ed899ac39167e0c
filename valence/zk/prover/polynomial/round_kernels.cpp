#include "valence/zk/prover/polynomial/round_kernels.hpp"

#include "valence/zk/prover/polynomial/round_kernels_of_lanes.hpp"

namespace valence::zk {
namespace {

/// One element at a time, by the field's own operations: what the vector kernels are tested against.
template <typename E>
struct PortableLanes {
    using Element = E;
    using Value = E;
    using Base = Goldilocks;
    static constexpr std::size_t kLanes = 1;

    struct Factor {
        E value;
        explicit Factor(const Multiplier<E>& multiplier) : value(multiplier.value) {}
    };
    struct Sum {
        void add(const E& value) { total += value; }
        void add_product(const E& a, const E& b) { total += a * b; }
        void add_product(Goldilocks a, const E& b) { total += b * a; }
        E value() const { return total; }
        E total{};
    };

    static E load(const E* from) { return *from; }
    static E broadcast(const E& element) { return element; }
    static Goldilocks load_base(const Goldilocks* from) { return *from; }
    static void store(E* to, const E& value) { *to = value; }
    static E add(const E& a, const E& b) { return a + b; }
    static E subtract(const E& a, const E& b) { return a - b; }
    static Goldilocks subtract(Goldilocks a, Goldilocks b) { return a - b; }
    static E multiply(const E& a, const E& b) { return a * b; }
    static E scale(const Factor& c, const E& a) { return c.value * a; }
    static E scale_add(const Factor& c, const E& a, const E& b) { return c.value * a + b; }
    static E fold(const E& low, const E& high, const Factor& r) { return low + r.value * (high - low); }
    static E fold(Goldilocks low, Goldilocks high, const Factor& r) {
        return r.value * (high - low) + E(low);
    }
};

}  // namespace

template <typename E>
const RoundKernels<E>& portable_round_kernels() {
    return RoundKernelsOfLanes<PortableLanes<E>>::kTable;
}

template <typename E>
const RoundKernels<E>& round_kernels(std::size_t count, InstructionSet instructions) {
#if defined(VALENCE_ZK_VECTORS)
    if (instructions == InstructionSet::avx512 && count % 8 == 0) return avx512_round_kernels<E>();
    if (instructions != InstructionSet::portable && count % 4 == 0) return avx2_round_kernels<E>();
#endif
    static_cast<void>(count);
    static_cast<void>(instructions);
    return portable_round_kernels<E>();
}

template const RoundKernels<Extension2>& portable_round_kernels();
template const RoundKernels<Extension3>& portable_round_kernels();
template const RoundKernels<Extension2>& round_kernels(std::size_t, InstructionSet);
template const RoundKernels<Extension3>& round_kernels(std::size_t, InstructionSet);

}  // namespace valence::zk
