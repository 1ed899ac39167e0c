// The matrix product that MatMul and the convolutions share.
#pragma once

#include <cstdint>

namespace valence::ml::real {

/// C[M, N] += A[M, K]·B[K, N], all row-major and dense; sums in 32-bit floats, in blocks of k.
void multiply_add(std::int64_t m, std::int64_t n, std::int64_t k, const float* a, const float* b, float* c);

/// to[columns, rows] = from[rows, columns] transposed.
void transpose_matrix(std::int64_t rows, std::int64_t columns, const float* from, float* to);

}  // namespace valence::ml::real
