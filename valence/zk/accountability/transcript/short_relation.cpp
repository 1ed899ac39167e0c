#include "valence/zk/accountability/transcript/short_relation.hpp"

#include <algorithm>
#include <array>

#include <boost/multiprecision/cpp_int.hpp>

#include "valence/base/base.hpp"

namespace valence::zk::testing {
namespace {

using Integer = boost::multiprecision::cpp_int;
using Row = std::vector<Integer>;

Integer dot(const Row& a, const Row& b) {
    Integer sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += a[i] * b[i];
    return sum;
}

/// The integer nearest to a/b, b > 0.
Integer nearest(const Integer& a, const Integer& b) {
    const Integer twice = 2 * a + b;
    const Integer divisor = 2 * b;
    Integer quotient = twice / divisor;
    if (twice < 0 && quotient * divisor != twice) --quotient;
    return quotient;
}

class Reduction {
public:
    explicit Reduction(std::vector<Row> basis)
        : rows_(std::move(basis)), lambda_(rows_.size(), Row(rows_.size())), d_(rows_.size() + 1) {
        d_[0] = 1;
    }

    std::vector<Row> reduce() {
        orthogonalise(0);
        std::size_t known = 0;
        for (std::size_t k = 1; k < rows_.size();) {
            if (k > known) {
                known = k;
                orthogonalise(k);
            }
            subtract(k, k - 1);
            const Integer& across = lambda_[k][k - 1];
            if (4 * d_[k + 1] * d_[k - 1] < 3 * d_[k] * d_[k] - 4 * across * across) {
                swap(k, known);
                k = std::max<std::size_t>(1, k - 1);
                continue;
            }
            for (std::size_t l = k - 1; l-- > 0;)
                subtract(k, l);
            ++k;
        }
        return std::move(rows_);
    }

private:
    void orthogonalise(std::size_t k) {
        for (std::size_t j = 0; j <= k; ++j) {
            Integer u = dot(rows_[k], rows_[j]);
            for (std::size_t i = 0; i < j; ++i)
                u = (d_[i + 1] * u - lambda_[k][i] * lambda_[j][i]) / d_[i];
            (j < k ? lambda_[k][j] : d_[k + 1]) = u;
        }
    }
    void subtract(std::size_t k, std::size_t l) {
        const Integer times = nearest(lambda_[k][l], d_[l + 1]);
        if (times == 0) return;
        for (std::size_t i = 0; i < rows_[k].size(); ++i)
            rows_[k][i] -= times * rows_[l][i];
        lambda_[k][l] -= times * d_[l + 1];
        for (std::size_t i = 0; i < l; ++i)
            lambda_[k][i] -= times * lambda_[l][i];
    }
    void swap(std::size_t k, std::size_t known) {
        std::swap(rows_[k], rows_[k - 1]);
        for (std::size_t j = 0; j + 1 < k; ++j)
            std::swap(lambda_[k][j], lambda_[k - 1][j]);
        const Integer across = lambda_[k][k - 1];
        const Integer length = (d_[k - 1] * d_[k + 1] + across * across) / d_[k];
        for (std::size_t i = k + 1; i <= known; ++i) {
            const Integer before = lambda_[i][k];
            lambda_[i][k] = (d_[k + 1] * lambda_[i][k - 1] - across * before) / d_[k];
            lambda_[i][k - 1] = (length * before + across * lambda_[i][k]) / d_[k + 1];
        }
        d_[k] = length;
    }

    std::vector<Row> rows_, lambda_;
    Row d_;
};

}  // namespace

template <typename E>
std::vector<Goldilocks> in_coordinates(std::span<const E> basis, const E& of) {
    constexpr std::size_t kDegree = kCoefficients<E>;
    VALENCE_CHECK(basis.size() == kDegree);
    // The equations of the coefficients, one a row, reduced to the identity.
    std::array<std::array<Goldilocks, kDegree + 1>, kDegree> rows;
    for (std::size_t i = 0; i < kDegree; ++i) {
        for (std::size_t j = 0; j < kDegree; ++j)
            rows[i][j] = basis[j][i];
        rows[i][kDegree] = of[i];
    }
    for (std::size_t j = 0; j < kDegree; ++j) {
        const auto pivot = std::find_if(rows.begin() + static_cast<std::ptrdiff_t>(j), rows.end(),
                                        [&](const auto& row) { return row[j] != Goldilocks(); });
        VALENCE_CHECK(pivot != rows.end());
        std::swap(rows[j], *pivot);
        const Goldilocks scale = rows[j][j].inverse();
        for (Goldilocks& entry : rows[j])
            entry *= scale;
        for (std::size_t i = 0; i < kDegree; ++i) {
            const Goldilocks times = rows[i][j];
            for (std::size_t k = 0; i != j && k <= kDegree; ++k)
                rows[i][k] -= times * rows[j][k];
        }
    }
    std::vector<Goldilocks> solution;
    for (const auto& row : rows)
        solution.push_back(row[kDegree]);
    return solution;
}

template <typename E>
std::vector<std::int64_t> short_relation(std::span<const E> coefficients) {
    constexpr std::size_t kDegree = kCoefficients<E>;
    const std::size_t n = coefficients.size();
    VALENCE_CHECK(n > kDegree);
    // d of the last ones follow from the others, modulo p.
    const std::size_t free = n - kDegree;
    std::vector<Row> basis(n, Row(n));
    for (std::size_t i = 0; i < free; ++i) {
        basis[i][i] = 1;
        const auto rest = in_coordinates<E>(coefficients.last(kDegree), -coefficients[i]);
        for (std::size_t k = 0; k < kDegree; ++k)
            basis[i][free + k] = rest[k].value();
    }
    for (std::size_t i = free; i < n; ++i)
        basis[i][i] = Goldilocks::kModulus;
    const std::vector<Row> reduced = Reduction(std::move(basis)).reduce();
    std::vector<std::int64_t> relation;
    for (const Integer& each : reduced[0])
        relation.push_back(static_cast<std::int64_t>(each));
    return relation;
}

template std::vector<Goldilocks> in_coordinates(std::span<const Extension2>, const Extension2&);
template std::vector<Goldilocks> in_coordinates(std::span<const Extension3>, const Extension3&);
template std::vector<std::int64_t> short_relation(std::span<const Extension2>);
template std::vector<std::int64_t> short_relation(std::span<const Extension3>);

}  // namespace valence::zk::testing
