#include "valence/ml/float_graph/ops/gemm.hpp"

#include <algorithm>

namespace valence::ml::real {
namespace {

/// Rows of B that stay in the second-level cache, and columns of C that stay in the first.
constexpr std::int64_t kDepth = 256;
constexpr std::int64_t kWidth = 1024;

/// Four rows of C at once, so that each row of B is read once for all of them.
void four_rows(std::int64_t n, std::int64_t k, std::int64_t lda, std::int64_t ldb, const float* __restrict a,
               const float* __restrict b, float* __restrict c) {
    float* __restrict c0 = c;
    float* __restrict c1 = c + ldb;
    float* __restrict c2 = c + 2 * ldb;
    float* __restrict c3 = c + 3 * ldb;
    for (std::int64_t p = 0; p < k; ++p) {
        const float a0 = a[p];
        const float a1 = a[lda + p];
        const float a2 = a[2 * lda + p];
        const float a3 = a[3 * lda + p];
        const float* __restrict row = b + p * ldb;
        for (std::int64_t j = 0; j < n; ++j) {
            c0[j] += a0 * row[j];
            c1[j] += a1 * row[j];
            c2[j] += a2 * row[j];
            c3[j] += a3 * row[j];
        }
    }
}

void one_row(std::int64_t n, std::int64_t k, std::int64_t ldb, const float* __restrict a,
             const float* __restrict b, float* __restrict c) {
    for (std::int64_t p = 0; p < k; ++p) {
        const float factor = a[p];
        const float* __restrict row = b + p * ldb;
        for (std::int64_t j = 0; j < n; ++j)
            c[j] += factor * row[j];
    }
}

}  // namespace

void multiply_add(std::int64_t m, std::int64_t n, std::int64_t k, const float* a, const float* b, float* c) {
    for (std::int64_t p = 0; p < k; p += kDepth) {
        const auto depth = std::min(kDepth, k - p);
        for (std::int64_t j = 0; j < n; j += kWidth) {
            const auto width = std::min(kWidth, n - j);
            std::int64_t i = 0;
            for (; i + 4 <= m; i += 4)
                four_rows(width, depth, k, n, a + i * k + p, b + p * n + j, c + i * n + j);
            for (; i < m; ++i)
                one_row(width, depth, n, a + i * k + p, b + p * n + j, c + i * n + j);
        }
    }
}

void transpose_matrix(std::int64_t rows, std::int64_t columns, const float* from, float* to) {
    constexpr std::int64_t kTile = 32;
    for (std::int64_t i = 0; i < rows; i += kTile)
        for (std::int64_t j = 0; j < columns; j += kTile)
            for (auto r = i; r < std::min(rows, i + kTile); ++r)
                for (auto q = j; q < std::min(columns, j + kTile); ++q)
                    to[q * rows + r] = from[r * columns + q];
}

}  // namespace valence::ml::real
