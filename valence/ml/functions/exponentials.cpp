// Functions of e^v. The powers of e^−h, h the distance of the knots, give e^−|v| at all of them.
#include "valence/ml/functions/families.hpp"

namespace valence::ml::families {
namespace {

using namespace fixed;

/// 1/(1 + e^−u) and 1/(1 + e^u) for u ≥ 0, given e^−u.
Pair logistic(const Real& e) { return {divide(one(), one() + e), divide(e, one() + e)}; }

/// f(v) and f(−v) for v ≥ 0, given e = e^−v (for silu: e^−|a·v|).
Pair values(const Table& table, const Real& v, const Real& e) {
    switch (table.function) {
        case Function::exponential:
            return {v > scaled(41, 0) ? huge() : divide(one(), e), e};
        case Function::sigmoid:
            return logistic(e);
        case Function::tanh: {
            const Real square = multiply(e, e);
            const Real value = divide(one() - square, one() + square);
            return {value, -value};
        }
        case Function::softplus: {
            const Real rest = logarithm_of_one_plus(e);
            return {v + rest, rest};
        }
        case Function::elu:
            return {v, multiply(parameter(table.a), e - one())};
        case Function::selu:
            return {multiply(parameter(table.b), v),
                    multiply(parameter(table.b), multiply(parameter(table.a), e - one()))};
        case Function::silu: {
            const Pair s = logistic(e);
            return {multiply(v, table.a >= 0 ? s.positive : s.negative),
                    multiply(-v, table.a >= 0 ? s.negative : s.positive)};
        }
        default: {  // mish: tanh(ln(1 + t)) = n/(n + 2) with n = t² + 2t
            const Real square = multiply(e, e);
            const Real top = one() + 2 * e;
            const Real n = square + 2 * e;
            return {multiply(v, divide(top, top + 2 * square)), multiply(-v, divide(n, n + 2 * one()))};
        }
    }
}

}  // namespace

std::vector<Pair> exponentials(const Table& table) {
    const Real step = argument(table, 64);
    const bool silu = table.function == Function::silu;
    const Real factor = exponential(silu ? Real{-abs(multiply(parameter(table.a), step))} : Real{-step});
    std::vector<Pair> pairs;
    Real e = one();
    for (unsigned long i = 0; i <= 512; ++i) {
        pairs.push_back(values(table, i * step, e));
        e = multiply(e, factor);
    }
    return pairs;
}

}  // namespace valence::ml::families
