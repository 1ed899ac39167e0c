#include "valence/evm/interpreter.hpp"

#include "valence/evm/instructions/fused.hpp"

// Labels as values are g++'s and clang's; they let every instruction jump to the next by itself, which branch
// predictors reward.
#pragma GCC diagnostic ignored "-Wpedantic"
#ifdef __clang__
#pragma clang diagnostic ignored "-Wgnu-label-as-value"
#endif

namespace valence::evm {
namespace {

// The 256 opcodes, plain and fused, as every label needs a name. The only macros of the machine besides
// VALENCE_INLINE.
// clang-format off
#define VALENCE_ROW(X, h) \
    X(h##0)               \
    X(h##1)               \
    X(h##2)               \
    X(h##3) X(h##4) X(h##5) X(h##6) X(h##7) X(h##8) X(h##9) X(h##a) X(h##b) X(h##c) X(h##d) X(h##e) X(h##f)
#define VALENCE_OPCODES(X)                                                                                  \
    VALENCE_ROW(X, 0x0)                                                                                     \
    VALENCE_ROW(X, 0x1)                                                                                     \
    VALENCE_ROW(X, 0x2)                                                                                     \
    VALENCE_ROW(X, 0x3)                                                                                     \
    VALENCE_ROW(X, 0x4)                                                                                     \
    VALENCE_ROW(X, 0x5) VALENCE_ROW(X, 0x6) VALENCE_ROW(X, 0x7) VALENCE_ROW(X, 0x8) VALENCE_ROW(X, 0x9)     \
        VALENCE_ROW(X, 0xa) VALENCE_ROW(X, 0xb) VALENCE_ROW(X, 0xc) VALENCE_ROW(X, 0xd) VALENCE_ROW(X, 0xe) \
            VALENCE_ROW(X, 0xf)
#define VALENCE_PLAIN_ADDRESS(code) &&plain_##code,
#define VALENCE_PLAIN(code)                                           \
    plain_##code : if (!step<rules, code>(frame, cursor)) goto leave; \
    goto* targets[*cursor.pc];
// Of the bytes that stand for no fusion the label is there but not used.
#define VALENCE_FUSED_ADDRESS(code) is_fusion(code) ? &&fused_##code : &&plain_##code,
#define VALENCE_FUSED(code)                                      \
    fused_##code : if constexpr (is_fusion(code) && !rules.tracing) { \
        if (!step_fused<rules, code>(frame, cursor)) goto leave; \
        goto* targets[*cursor.pc];                               \
    }
// clang-format on

template <Rules rules>
void run(Frame& frame) {
    static const void* const kPlain[256] = {VALENCE_OPCODES(VALENCE_PLAIN_ADDRESS)};
    static const void* const kFused[256] = {VALENCE_OPCODES(VALENCE_FUSED_ADDRESS)};
    const void* const* const targets = frame.is_fused ? kFused : kPlain;
    Cursor cursor{frame.pc, frame.top, frame.gas};
    goto* targets[*cursor.pc];
    VALENCE_OPCODES(VALENCE_PLAIN)
    VALENCE_OPCODES(VALENCE_FUSED)
leave:
    frame.pc = cursor.pc;
    frame.top = cursor.top;
    frame.gas = cursor.gas;
}

}  // namespace

Loop select_loop(Revision revision, bool tracing) {
    if (tracing) return run<Rules{Revision::frontier, false, true}>;
    if (revision >= Revision::cancun) return run<Rules{Revision::cancun, true, false}>;
    if (revision >= Revision::berlin) return run<Rules{Revision::berlin, true, false}>;
    return run<Rules{Revision::frontier, false, false}>;
}

}  // namespace valence::evm
