#include "valence/zk/accountability/transcript/short_relation.hpp"

#include <algorithm>

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

std::vector<std::int64_t> short_relation(std::span<const Extension2> coefficients) {
    const std::size_t n = coefficients.size();
    VALENCE_CHECK(n >= 3);
    // d of the last two follow from the others: x·c_{n−2} + y·c_{n−1} = −c_i, modulo p.
    const Extension2 &u = coefficients[n - 2], &v = coefficients[n - 1];
    const Goldilocks scale = (u[0] * v[1] - u[1] * v[0]).inverse();
    std::vector<Row> basis(n, Row(n));
    for (std::size_t i = 0; i + 2 < n; ++i) {
        const Extension2 c = -coefficients[i];
        basis[i][i] = 1;
        basis[i][n - 2] = ((c[0] * v[1] - c[1] * v[0]) * scale).value();
        basis[i][n - 1] = ((u[0] * c[1] - u[1] * c[0]) * scale).value();
    }
    basis[n - 2][n - 2] = Goldilocks::kModulus;
    basis[n - 1][n - 1] = Goldilocks::kModulus;
    const std::vector<Row> reduced = Reduction(std::move(basis)).reduce();
    std::vector<std::int64_t> relation;
    for (const Integer& each : reduced[0])
        relation.push_back(static_cast<std::int64_t>(each));
    return relation;
}

}  // namespace valence::zk::testing
