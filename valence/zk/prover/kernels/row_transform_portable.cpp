#include "valence/zk/prover/kernels/row_transform_portable.hpp"

namespace valence::zk {
namespace {

void four(const FourRows& rows, const Twiddles& w) {
    for (std::size_t lane = 0; lane < rows.lanes; ++lane)
        portable::four(rows.first + lane, rows.apart, w);
}

void four_untwisted(const FourRows& rows) { four(rows, {Goldilocks(1), Goldilocks(1), Goldilocks(1)}); }

void four_transposed(const FourRows& rows, const Twiddles& w) {
    for (std::size_t lane = 0; lane < rows.lanes; ++lane)
        portable::four_transposed(rows.first + lane, rows.apart, w);
}

void two(Goldilocks* a, Goldilocks* b, std::size_t lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane)
        portable::two(a[lane], b[lane]);
}

void scale(const Goldilocks* from, Goldilocks factor, Goldilocks* to, std::size_t lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane)
        to[lane] = from[lane] * factor;
}

void add_scaled(const Goldilocks* from, Goldilocks factor, Goldilocks* to, std::size_t lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane)
        to[lane] += from[lane] * factor;
}

}  // namespace

const ButterflySteps kPortableSteps{four, four_untwisted, four_transposed, two, scale, add_scaled};

}  // namespace valence::zk
