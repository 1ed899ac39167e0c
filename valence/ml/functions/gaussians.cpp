// erf and GELU in its two forms.
#include "valence/ml/functions/families.hpp"

namespace valence::ml::families {
namespace {

using namespace fixed;

/// e^(−c·i²), i = 0 … 512: each quotient of neighbours is the one before times e^(−2c).
std::vector<Real> bell(const Real& c) {
    std::vector<Real> values;
    const Real quotient = exponential(-2 * c);
    Real ratio = exponential(-c);
    Real value = one();
    for (int i = 0; i <= 512; ++i) {
        values.push_back(value);
        value = multiply(value, ratio);
        ratio = multiply(ratio, quotient);
    }
    return values;
}

/// erf(w)/(2·w/√π) for w² = `square`, given e^−w²: e^−w²·Σ (2w²)^n/(1·3·5···(2n + 1)), whose terms are
/// positive.
Real erf_quotient(const Real& square, const Real& bell_value) {
    const Real factor = 2 * square;
    Real term = one();
    Real sum = one();
    for (unsigned long n = 1; term != 0; ++n) {
        term = multiply(term, factor) / (2 * n + 1);
        sum += term;
    }
    return multiply(bell_value, sum);
}

/// erf at the knots i·h, given c = (the argument's step)² and `scale` = 2/√π times that step.
std::vector<Real> erf_values(const Real& c, const Real& scale) {
    const std::vector<Real> bells = bell(c);
    std::vector<Real> values;
    for (unsigned long i = 0; i <= 512; ++i) {
        const Real square = i * i * c;
        values.push_back(
            square > scaled(kCutoff, 0) ? one() : Real{i * multiply(scale, erf_quotient(square, bells[i]))});
    }
    return values;
}

/// v·s(2√(2/π)·(v + 0.044715·v³)), s the logistic function: GELU by the hyperbolic tangent. The exponent is a
/// cubic in i, so its third differences are constant, and e^ of them the factors of a three-step ladder.
std::vector<Pair> tanh_form(const Real& h) {
    const Real linear = 2 * multiply(root_two_over_pi(), h);
    const Real cubic = multiply(multiply(linear, multiply(h, h)), one() * 44715 / 1000000);
    const Real third = exponential(-6 * cubic);
    Real second = third;
    Real first = exponential(-linear - cubic);
    Real e = one();
    std::vector<Pair> pairs;
    for (unsigned long i = 0; i <= 512; ++i) {
        const Real v = i * h;
        pairs.push_back({multiply(v, divide(one(), one() + e)), multiply(-v, divide(e, one() + e))});
        e = multiply(e, first);
        first = multiply(first, second);
        second = multiply(second, third);
    }
    return pairs;
}

}  // namespace

std::vector<Pair> gaussians(const Table& table) {
    const Real h = argument(table, 64);
    if (table.function == Function::gelu_tanh) return tanh_form(h);
    // erf(v): w = v, 2/√π = √2·√(2/π).  gelu: w = v/√2, so w² = v²/2 and 2w/√π = √(2/π)·v.
    const bool gelu = table.function == Function::gelu;
    const Real square = multiply(h, h);
    const Real two_over_root_pi = sqrt(Real{2 * root_two_over_pi() * root_two_over_pi()});
    const std::vector<Real> erf = erf_values(gelu ? Real{square / 2} : square,
                                             multiply(gelu ? root_two_over_pi() : two_over_root_pi, h));
    std::vector<Pair> pairs;
    for (unsigned long i = 0; i <= 512; ++i) {
        const Real half = i * h / 2;
        if (gelu)
            pairs.push_back({multiply(half, one() + erf[i]), multiply(-half, one() - erf[i])});
        else
            pairs.push_back({erf[i], -erf[i]});
    }
    return pairs;
}

}  // namespace valence::ml::families
