// Arithmetic, comparisons and bits of the reference machine: a row an instruction.
#include "valence/evm/reference/run.hpp"
#include "valence/evm/reference/words.hpp"

namespace valence::evm::reference {
namespace {

constexpr auto kFrontier = Revision::frontier;
constexpr auto kConstantinople = Revision::constantinople;
constexpr std::uint8_t kExp = 0x0a;

U256 truth(bool b) { return U256{b ? 1u : 0u}; }

struct Unary {
    std::uint8_t op;
    Gas gas;
    Revision since;
    U256 (*compute)(const U256& a);
};

/// `a` is the top of the stack.
struct Binary {
    std::uint8_t op;
    Gas gas;
    Revision since;
    U256 (*compute)(const U256& a, const U256& b);
};

struct Ternary {
    std::uint8_t op;
    Gas gas;
    U256 (*compute)(const U256& a, const U256& b, const U256& c);
};

U256 leading_zeros(const U256& a) {
    unsigned zeros = 0;
    while (zeros < 256 && !bit(a, 255 - zeros))
        ++zeros;
    return U256{zeros};
}

constexpr Unary kUnary[] = {
    {0x15, 3, kFrontier, [](const U256& a) { return truth(a == U256{}); }},
    {0x19, 3, kFrontier, [](const U256& a) { return minus(negate(a), 1); }},
    {0x1e, 5, Revision::osaka, leading_zeros},
};

constexpr Binary kBinary[] = {
    {0x01, 3, kFrontier, plus},
    {0x02, 5, kFrontier, times},
    {0x03, 3, kFrontier, minus},
    {0x04, 5, kFrontier, [](const U256& a, const U256& b) { return divided(a, b).quotient; }},
    {0x05, 5, kFrontier, signed_divided},
    {0x06, 5, kFrontier, [](const U256& a, const U256& b) { return divided(a, b).remainder; }},
    {0x07, 5, kFrontier, signed_remainder},
    {kExp, 10, kFrontier, raised},
    {0x0b, 5, kFrontier, sign_extended},
    {0x10, 3, kFrontier, [](const U256& a, const U256& b) { return truth(is_less(a, b)); }},
    {0x11, 3, kFrontier, [](const U256& a, const U256& b) { return truth(is_less(b, a)); }},
    {0x12, 3, kFrontier, [](const U256& a, const U256& b) { return truth(is_signed_less(a, b)); }},
    {0x13, 3, kFrontier, [](const U256& a, const U256& b) { return truth(is_signed_less(b, a)); }},
    {0x14, 3, kFrontier, [](const U256& a, const U256& b) { return truth(a == b); }},
    {0x16, 3, kFrontier, [](const U256& a, const U256& b) { return a & b; }},
    {0x17, 3, kFrontier, [](const U256& a, const U256& b) { return a | b; }},
    {0x18, 3, kFrontier, [](const U256& a, const U256& b) { return a ^ b; }},
    {0x1a, 3, kFrontier, byte_of},
    {0x1b, 3, kConstantinople, [](const U256& a, const U256& b) { return shifted_left(b, a); }},
    {0x1c, 3, kConstantinople, [](const U256& a, const U256& b) { return shifted_right(b, a, false); }},
    {0x1d, 3, kConstantinople,
     [](const U256& a, const U256& b) { return shifted_right(b, a, is_negative(b)); }},
};

constexpr Ternary kTernary[] = {
    {0x08, 8, plus_modulo},
    {0x09, 8, times_modulo},
};

template <typename Row, std::size_t n>
const Row* find_row(const Row (&rows)[n], std::uint8_t op) {
    const auto* const row = std::find_if(rows, rows + n, [&](const Row& r) { return r.op == op; });
    return row == rows + n ? nullptr : row;
}

}  // namespace

void Run::arithmetic(std::uint8_t op) {
    if (const auto* row = find_row(kUnary, op)) {
        require(row->since);
        pay(row->gas);
        return push(row->compute(pop()));
    }
    const auto a = pop();
    const auto b = pop();
    if (const auto* row = find_row(kBinary, op)) {
        require(row->since);
        pay(row->gas);
        const Gas per_byte = revision_ >= Revision::spurious_dragon ? 50 : 10;  // EIP-160
        if (op == kExp) pay(per_byte * static_cast<Gas>((b.bit_width() + 7) / 8));
        return push(row->compute(a, b));
    }
    if (const auto* row = find_row(kTernary, op)) {
        pay(row->gas);
        return push(row->compute(a, b, pop()));
    }
    stop(Status::undefined_instruction);
}

}  // namespace valence::evm::reference
