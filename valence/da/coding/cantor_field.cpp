#include "valence/da/coding/cantor_field.hpp"

namespace valence::da {
namespace {

/// Powers of x and logarithms of elements written as polynomials.
template <typename Width>
struct PolynomialTables {
    static constexpr std::uint32_t kElements = 1u << Width::kBits;
    std::vector<std::uint32_t> powers = std::vector<std::uint32_t>(kElements - 1);
    std::vector<std::uint32_t> logs = std::vector<std::uint32_t>(kElements);

    PolynomialTables() {
        std::uint32_t power = 1;
        for (std::uint32_t i = 0; i < kElements - 1; ++i) {
            powers[i] = power;
            logs[power] = i;
            power <<= 1;
            if (power >= kElements) power ^= Width::kPolynomial;
        }
        VALENCE_CHECK(power == 1);  // x generates the whole group
    }

    std::uint32_t square(std::uint32_t a) const { return a == 0 ? 0 : powers[2 * logs[a] % (kElements - 1)]; }
};

/// β₀, β₁, …: of the two roots of each equation the one without a constant term.
template <typename Width>
std::vector<std::uint32_t> cantor_basis(const PolynomialTables<Width>& tables) {
    std::vector<std::uint32_t> basis{1};
    while (basis.size() < Width::kBits) {
        std::uint32_t root = 2;
        while (root < tables.kElements && (tables.square(root) ^ root) != basis.back())
            root += 2;
        VALENCE_CHECK(root < tables.kElements);
        basis.push_back(root);
    }
    return basis;
}

}  // namespace

template <typename Width>
CantorField<Width>::CantorField() : logs_(kElements), powers_(2 * kOrder) {
    const PolynomialTables<Width> tables;
    const auto basis = cantor_basis(tables);
    for (std::uint32_t v = 1; v < kElements; ++v) {
        std::uint32_t element = 0;
        for (unsigned bit = 0; bit < Width::kBits; ++bit)
            element ^= (v >> bit & 1) != 0 ? basis[bit] : 0;
        logs_[v] = tables.logs[element];
        powers_[logs_[v]] = powers_[logs_[v] + kOrder] = static_cast<Element>(v);
    }
}

template <typename Width>
const CantorField<Width>& CantorField<Width>::get() {
    static const CantorField field;
    return field;
}

template class CantorField<Bits8>;
template class CantorField<Bits16>;

}  // namespace valence::da
